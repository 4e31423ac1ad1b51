// Does the mesh obey, asked of the mesh itself: the built program with its data plane and store, real
// servers, and traffic that is held against what was declared.

import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrafficRequestsAnswer, TrafficVerifyAnswer, WorkloadJoined } from '@clover/model';
import { startClover, type Clover } from './support/clover.ts';

const rules = (v1: number, v2: number) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: http-lb}
spec:
  hosts: [http-lb]
  http:
  - name: canary
    match: [{headers: {x-canary: {exact: 'yes'}}}]
    route: [{destination: {host: http-lb, subset: v2}}]
  - name: jason
    match: [{headers: {cookie: {regex: '^(.*?;)?(user=jason)(;.*)?$'}}}]
    route: [{destination: {host: http-lb, subset: v1}}]
  - name: edge
    match: [{sourceLabels: {zone: edge}, uri: {prefix: /edge}}]
    directResponse: {status: 418}
  - name: split
    fault:
      abort: {httpStatus: 503, percentage: {value: 10}}
      delay: {fixedDelay: 0.001s, percentage: {value: 20}}
    headers: {request: {set: {x-canary: overwritten}}}
    route:
    - {destination: {host: http-lb, subset: v1}, weight: ${v1}}
    - {destination: {host: http-lb, subset: v2}, weight: ${v2}}
    mirror: {host: snort-ids}
    mirrorPercentage: {value: 20}
`;
const service = (name: string) => `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{port: 9180, name: http}]}
---`;
const MESH = `${service('http-lb')}${service('snort-ids')}
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: http-lb}
spec:
  host: http-lb
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
---`;

let clover: Clover;
const servers: Server[] = [];
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
let outbound: URL;

async function join(name: string, labels: Record<string, string>, answer?: string) {
  const ports = [];
  if (answer !== undefined) {
    const server = createServer((_, response) => response.end(answer));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    ports.push({ port: 9180, targetPort: (server.address() as AddressInfo).port });
  }
  return clover.send<WorkloadJoined>('POST', '/mesh/workloads', { service: name, labels, ports });
}

function ask(headers: Record<string, string>, path = '/'): Promise<void> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = outbound;
    const all = { host: 'http-lb:9180', ...headers };
    const sent = request({ hostname, port, path, headers: all, agent }, (response) => {
      response.resume().on('end', () => resolve());
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Of ten requests one is a canary’s and one Jason’s. Comes back when the store has all of them. */
async function traffic(requests: number): Promise<{ start: string }> {
  const start = String(Date.now());
  const kinds = Array.from({ length: requests }, (_, n): Record<string, string> =>
    n % 10 === 0 ? { 'x-canary': 'yes' } : n % 10 === 1 ? { cookie: 'a=b;user=jason' } : {},
  );
  await Promise.all(kinds.map((headers) => ask(headers)));
  await ask({}, '/edge');
  await expect
    .poll(() => arrived({ start }), { timeout: 30_000, interval: 500 })
    .toBe(requests + 1);
  return { start };
}
/** Without the mirror's copies. */
async function arrived(scope: { start: string }): Promise<number> {
  const { items } = await sent(scope);
  const own = items.filter(({ upstreamCluster }) => !upstreamCluster.includes('snort-ids'));
  return own.reduce((sum, { spans }) => sum + spans, 0);
}
const sent = ({ start }: { start: string }) =>
  clover.send<TrafficRequestsAnswer>('GET', `/traffic/requests?start=${start}`);

/** So that chance fails one run in ten thousand, and passes nearly all. */
const SURE = { confidence: 0.9999, tolerance: 0.08 };

/** Without files: held against what is in force. */
const verify = (
  scope: { start?: string; since?: string },
  more: { files?: string; confidence?: number } = {},
) =>
  clover.send<TrafficVerifyAnswer>('POST', '/traffic/verify', {
    ...scope,
    ...SURE,
    ...more,
    ...(more.files && { files: [{ name: 'mesh.yaml', text: more.files }] }),
  });
const told = (answer: TrafficVerifyAnswer) =>
  answer.rules.map(({ ruleName, checks }) => [
    ruleName,
    ...checks.map(({ kind, verdict }) => `${kind} ${verdict}`),
  ]);

beforeAll(async () => {
  clover = await startClover({ args: ['--no-demo', '--mesh', '--log-level=warn'] });
  await clover.send('POST', '/traffic/apply', MESH + rules(30, 70));
  await join('http-lb', { version: 'v1' }, 'v1');
  await join('http-lb', { version: 'v2' }, 'v2');
  await join('snort-ids', { version: 'v1' }, '');
  const { workload } = await join('curl', { version: 'v1', zone: 'edge' });
  outbound = new URL(`http://${workload.listeners!.outbound[0]!.address}`);
}, 60_000);
afterAll(async () => {
  agent.destroy();
  await clover?.stop();
  for (const server of servers) server.close().closeAllConnections();
});

describe('verifying the mesh’s own traffic', () => {
  it('passes true shares with a header’s rule, a private header’s, a fault and a mirror in force', async () => {
    const scope = await traffic(4000);
    const answer = await verify(scope);
    expect(answer.undecided).toEqual({ requests: 0, headers: [], traces: [] });
    expect(told(answer)).toEqual([
      ['canary', 'route pass'],
      ['jason', 'route pass'],
      ['edge', 'answer inconclusive'],
      ['split', 'delay pass', 'abort pass', 'route pass', 'weights pass', 'mirror pass'],
    ]);
    const { items } = await sent(scope);
    expect(JSON.stringify(items)).not.toContain('jason');
  });

  it('catches 25/75 where 30/70 is declared', async () => {
    await clover.send('POST', '/traffic/apply', rules(25, 75));
    const scope = await traffic(4000);
    const answer = await verify(scope, { files: MESH + rules(30, 70), confidence: 0.99 });
    expect(answer.verdict).toBe('fail');
    expect(answer.undecided.requests).toBe(0);
    expect(told(answer).at(-1)).toContain('weights fail');
    expect(told(await verify(scope)).at(-1)).toContain('weights pass');
  });

  it('begins no earlier than the rules in force, unless the start is named', async () => {
    const answer = await verify({ since: '15m' });
    expect(answer.inForce).toMatchObject({ revision: 2, judged: 'sinceChange' });
    expect(told(answer).at(-1)).toContain('weights pass');
    expect(answer.requests).toBeLessThan(6000);
    const whole = await verify({ start: 'now-15m' });
    expect(whole.inForce).toMatchObject({ revision: 2, judged: 'acrossChange' });
    expect(whole.requests).toBeGreaterThan(8000);
    expect((await verify({ since: '15m' }, { files: MESH + rules(25, 75) })).inForce).toBeNull();
  });
});
