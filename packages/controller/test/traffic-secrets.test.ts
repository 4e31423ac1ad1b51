// Secrets among the resources: kept and enforced whole, shown nowhere. A key that came in by REST comes out by
// no path of it, and the running program's gateways show the certificate.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { tempDir } from '@clover/test-support';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { MeshAnswer, TrafficChangeAnswer, TrafficResourcesAnswer } from '@clover/model';
import { startClover, type Clover } from './support/clover.ts';
import { startRealApp, type RealApp } from './support/real-app.ts';

const dir = await tempDir('clover-secrets-');
afterAll(() => dir.remove());

interface Pair {
  readonly cert: string;
  readonly key: string;
}

function pair(name: string): Pair {
  const folder = `${dir.path}/${name}`;
  mkdirSync(folder, { recursive: true });
  spawnSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name} -keyout ${folder}/tls.key -out ${folder}/tls.crt`.split(
      ' ',
    ),
    { stdio: 'ignore' },
  );
  const read = (file: string) => readFileSync(`${folder}/${file}`, 'utf8');
  return { cert: read('tls.crt'), key: read('tls.key') };
}
const one = pair('one');
const two = pair('two');
const base64 = (text: string) => Buffer.from(text).toString('base64');

const secret = ({ cert, key }: Pair, more: object = {}) => {
  const data = { 'tls.crt': base64(cert), 'tls.key': base64(key) };
  const metadata = {
    name: 'site',
    namespace: 'istio-system',
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data }),
      team: 'edge',
    },
  };
  return `# the key is ${key.split('\n')[1]}\n${stringify({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', data, ...more })}`;
};

/** Every line of a key, as it is and as base64 has it. */
function expectNoKey(text: string): void {
  for (const { key } of [one, two]) {
    const body = key.split('\n').slice(1, -2);
    const encoded = base64(key);
    for (const piece of [...body, encoded.slice(40, 80), encoded.slice(-60, -20)])
      expect(text).not.toContain(piece);
  }
  expect(text).not.toContain('PRIVATE KEY');
}

describe('a Secret over REST', () => {
  let real: RealApp;
  const answers: string[] = [];
  beforeAll(async () => {
    real = await startRealApp();
    real.events.observe((event) => answers.push(JSON.stringify(event)));
  });
  afterAll(() => real?.close());

  async function send<Answer>(
    method: 'GET' | 'POST',
    path: string,
    payload?: string | object,
    status = 200,
  ) {
    const response = await real.app.inject({
      method,
      url: `/api/v1${path}`,
      ...(payload !== undefined && { payload }),
      ...(typeof payload === 'string' && { headers: { 'content-type': 'application/yaml' } }),
    });
    answers.push(response.body);
    expect(response.statusCode).toBe(status);
    return response.json<Answer>();
  }

  it('is kept, compared and taken back, and nobody sees its values', async () => {
    await send('POST', '/traffic/apply', secret(one));
    const renewed = await send<TrafficChangeAnswer>(
      'POST',
      '/traffic/apply?dryRun=true',
      secret({ ...two }),
    );
    expect(renewed.changes[0]).toMatchObject({ kind: 'Secret', action: 'configured' });
    expect(renewed.changes[0]!.diff).toContain(
      '-  tls.key: (redacted)\n+  tls.crt: (redacted, changed)\n+  tls.key: (redacted, changed)',
    );
    await send('POST', '/traffic/apply', secret(two));
    const { items } = await send<TrafficResourcesAnswer>('GET', '/traffic/resources?kind=secret');
    expect(items[0]).toMatchObject({
      kind: 'Secret',
      yaml: 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: site\n  namespace: istio-system\n  annotations:\n    team: edge\ntype: kubernetes.io/tls\ndata:\n  tls.crt: (redacted)\n  tls.key: (redacted)\n',
      spec: { data: { 'tls.key': '(redacted)' } },
    });
    // What is shown is no way to lose what is kept.
    const shown = items[0]!.yaml;
    expect(JSON.stringify(await send('POST', '/traffic/apply', shown, 422))).toContain(
      'apply the original text',
    );
    for (const path of [
      '/traffic/resources/secret/istio-system/site',
      '/traffic/resources',
      '/traffic/history',
      '/traffic/history/1',
      '/traffic/history/2',
      '/traffic/diff?from=0',
      '/traffic/diff?from=1&to=2',
      '/traffic/effective',
      '/traffic/findings',
    ])
      await send('GET', path);
    const files = [{ name: 'a.yaml', text: secret({ cert: one.cert, key: two.key }) }];
    const misfit = await send('POST', '/traffic/validate', { files });
    expect(JSON.stringify(misfit)).toContain('CLV237');
    for (const bad of [
      secret(one).replace(
        'type: kubernetes.io/tls',
        `type: kubernetes.io/tls\nimmutable: ${base64(one.key)}`,
      ),
      secret(one, { data: base64(one.key) }),
      secret(one, { stringData: [one.key] }),
      `${secret(one)}\n  broken: [`,
    ])
      await send('POST', '/traffic/apply', bad, 422);
    // After a refusal it has to be said which change is meant.
    await send('POST', '/traffic/undo', {}, 409);
    await send('POST', '/traffic/undo', { revision: 2 });
    // The values came back, comments too.
    const again = await send<TrafficChangeAnswer>('POST', '/traffic/apply', secret(one));
    expect(again.changes).toMatchObject([{ action: 'unchanged' }]);
    expectNoKey(answers.join('\n'));
  });
});

describe('a Secret in the mesh', () => {
  let clover: Clover;
  const servers: Server[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  afterEach(async () => {
    agent.destroy();
    await clover?.stop();
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  const EDGE = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: site}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: ["*"]
  gateways: [edge]
  http: [{route: [{destination: {host: web, port: {number: 80}}}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80, name: http}], selector: {app: web}}
`;

  /** Who goes by it has the Secret for itself. */
  const PAY = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: pay}
spec: {host: web, trafficPolicy: {tls: {mode: SIMPLE, credentialName: pay, sni: pay.test}}, exportTo: ["elsewhere", "."]}
`;

  function ask(address: string, options: { agent?: Agent | false } = {}) {
    const [host, port] = address.split(':');
    return new Promise<{ status: number; who: string; port: number }>((resolve, reject) => {
      request({
        host: host!,
        port: Number(port),
        agent: false,
        rejectUnauthorized: false,
        ...options,
      })
        .on('response', (response) => {
          const socket = response.socket as TLSSocket;
          const who = String(socket.getPeerCertificate().subject?.CN ?? '');
          const from = socket.localPort!;
          response
            .resume()
            .on('end', () => resolve({ status: response.statusCode!, who, port: from }));
        })
        .on('error', reject)
        .end();
    });
  }

  it('is what its gateway shows, new ones at once, over a restart too, and cannot be taken from it', async () => {
    const data = `${dir.path}/data`;
    const start = async () => {
      clover = await startClover({ args: ['--no-demo', '--mesh'], dataDir: data });
    };
    await start();
    await expect(clover.send('POST', '/traffic/apply', EDGE)).rejects.toThrow(
      /CLV236 there is no Secret istio-system\/site.*--mesh-credentials/,
    );
    await clover.send('POST', '/traffic/apply', `${EDGE}---\n${secret(one)}`);
    const server = createServer((_, response) => response.end('web'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    await clover.send('POST', '/mesh/workloads', {
      service: 'web',
      ports: [{ port: 80, targetPort: port }],
    });
    const edge = async () => {
      const { gateways } = await clover.send<MeshAnswer>('GET', '/mesh');
      return gateways[0]!.listeners[0]!.address;
    };
    const kept = await ask(await edge(), { agent });
    expect(kept).toMatchObject({ status: 200, who: 'one' });
    await clover.send('POST', '/traffic/apply', secret(two));
    expect(await ask(await edge())).toMatchObject({ status: 200, who: 'two' });
    expect(await ask(await edge(), { agent })).toEqual(kept);
    await expect(
      clover.send('POST', '/traffic/delete', {
        resources: [{ kind: 'secret', namespace: 'istio-system', name: 'site' }],
      }),
    ).rejects.toThrow('CLV236');
    await expect(clover.send('POST', '/traffic/apply', PAY)).rejects.toThrow(
      /CLV236 there is no Secret pay/,
    );
    const { cert } = one;
    const trusted = stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'pay' },
      stringData: { 'ca.crt': cert },
    });
    await clover.send('POST', '/traffic/apply', `${PAY}---\n${trusted}`);
    const resources = [{ kind: 'secret', namespace: 'default', name: 'pay' }];
    await expect(clover.send('POST', '/traffic/delete', { resources })).rejects.toThrow('CLV236');
    await clover.send('POST', '/traffic/delete', { resources, force: true });
    expectNoKey(JSON.stringify(await clover.send('GET', '/traffic/effective')));
    expect(statSync(`${data}/traffic/current.json`).mode & 0o077).toBe(0);
    expectNoKey(`${clover.process.stdout()}${clover.process.stderr()}`);
    agent.destroy();
    await clover.stop();
    await start();
    expect(await ask(await edge())).toMatchObject({ who: 'two' });
    expectNoKey(`${clover.process.stdout()}${clover.process.stderr()}`);
  });
});
