// Traffic control over the real app: resources, changes, roles, faults, workloads.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  LiveEvent,
  MeshAnswer,
  RouteAnswer,
  TrafficChangeAnswer,
  TrafficEffectiveAnswer,
  TrafficHistoryAnswer,
  TrafficResourcesAnswer,
  TrafficValidateAnswer,
  WorkloadJoined,
} from '@clover/model';
import { createToken, createTokenVerifier } from '../src/security/tokens.ts';
import { startRealApp, type RealApp } from './support/real-app.ts';

const MESH = `# the balancer
apiVersion: v1
kind: Service
metadata: {name: http-lb}
spec: {selector: {app: http-lb}, ports: [{port: 9180, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: lb}
spec:
  hosts: [http-lb]
  http:
  - name: all
    route:
    - {destination: {host: http-lb, subset: v1}, weight: 80}
    - {destination: {host: http-lb, subset: v2}, weight: 20}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: lb}
spec:
  host: http-lb
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
`;

let real: RealApp;
let operator: string;
let viewer: string;
const events: LiveEvent[] = [];

beforeAll(async () => {
  const [one, two] = [await createToken('ann', 'operator'), await createToken('vic', 'viewer')];
  operator = one.token;
  viewer = two.token;
  real = await startRealApp({ tokens: createTokenVerifier([one.entry, two.entry]) });
  real.events.observe((event) => events.push(event));
});
afterAll(() => real?.close());

async function send<Answer = Record<string, unknown>>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  options: { body?: string | object; type?: string; token?: string; ifMatch?: string } = {},
) {
  const { body, type, token = operator, ifMatch } = options;
  const response = await real.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: {
      authorization: `Bearer ${token}`,
      ...(type !== undefined && { 'content-type': type }),
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
    },
    ...(body !== undefined && { payload: body }),
  });
  return { status: response.statusCode, answer: response.json<Answer>() };
}

describe('traffic', () => {
  it('takes YAML, says what changed, and tells who listens', async () => {
    const { status, answer } = await send<TrafficChangeAnswer>(
      'POST',
      '/traffic/apply?reason=begin',
      { body: MESH, type: 'application/yaml' },
    );
    expect(status).toBe(200);
    expect(answer).toMatchObject({ revision: 1, dryRun: false, dataPlane: { state: 'off' } });
    expect(answer.changes.map(({ kind, action }) => [kind, action])).toEqual([
      ['DestinationRule', 'created'],
      ['Service', 'created'],
      ['VirtualService', 'created'],
    ]);
    expect(events.filter(({ type }) => type === 'traffic')).toEqual([
      { type: 'traffic', revision: 1, action: 'apply', author: 'ann', changes: 3 },
    ]);
  });

  it('lists what was applied, as it was written, by any word for its kind', async () => {
    const all = await send<TrafficResourcesAnswer>('GET', '/traffic/resources', { token: viewer });
    expect(all.answer.items.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'DestinationRule lb',
      'Service http-lb',
      'VirtualService lb',
    ]);
    const { answer } = await send<TrafficResourcesAnswer>('GET', '/traffic/resources?kind=ksvc');
    expect(answer.items[0]).toMatchObject({ yaml: MESH.split('---\n')[0], changedBy: 'ann' });
    const one = await send('GET', '/traffic/resources/vs/default/lb');
    expect(one.answer).toMatchObject({ kind: 'VirtualService', revision: 1 });
    expect((await send('GET', '/traffic/resources/vs/default/nothing')).status).toBe(404);
  });

  it('gives the schemas that editors complete by', async () => {
    const { answer } = await send<{ kinds: Record<string, unknown> }>('GET', '/traffic/schemas', {
      token: viewer,
    });
    expect(answer.kinds['VirtualService']).toMatchObject({
      properties: { http: { type: 'array' } },
    });
  });

  it('lets a viewer look and not change', async () => {
    const { status } = await send('POST', '/traffic/apply', {
      body: MESH,
      type: 'text/yaml',
      token: viewer,
    });
    expect(status).toBe(403);
  });

  it('refuses what is wrong with its place and code, whole', async () => {
    const body = `${MESH.replace('weight: 80', 'wieght: 80').replace('# the balancer\n', '')}`;
    const { status, answer } = await send('POST', '/traffic/apply', {
      body: { files: [{ name: 'mesh.yaml', text: body }] },
    });
    expect(status).toBe(422);
    expect(answer).toMatchObject({
      code: 'traffic.refused',
      issues: [{ at: 'mesh.yaml:14:50', message: expect.stringMatching(/^CLV1\d\d .*weight/) }],
    });
    const checked = await send<TrafficValidateAnswer>('POST', '/traffic/validate', {
      body: { files: [{ name: 'mesh.yaml', text: body }] },
      token: viewer,
    });
    expect(checked.answer).toMatchObject({ ok: false, findings: [{ severity: 'error' }] });
    const right = await send<TrafficValidateAnswer>('POST', '/traffic/validate', {
      body: { files: [{ name: 'a.yaml', text: MESH.replace('80}', '70}').replace('20}', '30}') }] },
      token: viewer,
    });
    expect(right.answer).toMatchObject({
      ok: true,
      changes: [{ kind: 'VirtualService', action: 'configured' }, {}, {}],
    });
  });

  it('never takes what Istio would refuse, though forced', async () => {
    const rule = (text: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: lb}
spec: {hosts: [http-lb], http: [${text}]}
`;
    for (const text of [
      '{directResponse: {status: 999}}',
      '{fault: {abort: {httpStatus: 503, percentage: {value: 200}}}, route: [{destination: {host: http-lb}}]}',
      '{rewrite: {uriRegexRewrite: {match: "(", rewrite: x}}, route: [{destination: {host: http-lb}}]}',
      '{corsPolicy: {allowOrigins: [{regex: "("}]}, route: [{destination: {host: http-lb}}]}',
    ]) {
      const { status, answer } = await send('POST', '/traffic/apply?force=true', {
        body: rule(text),
        type: 'application/yaml',
      });
      expect([text, status, answer]).toMatchObject([text, 422, { code: 'traffic.refused' }]);
    }
  });

  it('changes only on top of the revision that was read', async () => {
    const body = MESH.replace('80}', '70}').replace('20}', '30}');
    const type = 'application/yaml';
    const late = await send('POST', '/traffic/apply', { body, type, ifMatch: '"0"' });
    expect(late).toMatchObject({ status: 409, answer: { code: 'traffic.conflict' } });
    const dry = await send<TrafficChangeAnswer>('POST', '/traffic/apply?dryRun=true', {
      body,
      type,
    });
    expect(dry.answer).toMatchObject({ revision: 1, dryRun: true });
    const done = await send<TrafficChangeAnswer>('POST', '/traffic/apply', {
      body,
      type,
      ifMatch: '"1"',
    });
    expect(done.answer.revision).toBe(2);
    expect(done.answer.changes[0]!.diff).toContain(
      '-    - {destination: {host: http-lb, subset: v1}, weight: 80}\n',
    );
  });

  it('has a history, differences and a way back', async () => {
    const { answer } = await send<TrafficHistoryAnswer>('GET', '/traffic/history?kind=vs');
    expect(answer.items.map(({ revision, author, reason }) => [revision, author, reason])).toEqual([
      [2, 'ann', ''],
      [1, 'ann', 'begin'],
    ]);
    expect((await send('GET', '/traffic/history/2')).answer).toMatchObject({
      changes: [{ name: 'lb', diff: expect.stringContaining('+    - {dest') }],
    });
    const undone = await send<TrafficChangeAnswer>('POST', '/traffic/undo', { body: {} });
    expect(undone.answer).toMatchObject({ revision: 3, changes: [{ action: 'configured' }] });
    expect((await send('GET', '/traffic/diff?from=1')).answer).toMatchObject({
      to: 3,
      changes: [],
    });
  });

  it('explains a request by what is in force', async () => {
    const { answer } = await send<RouteAnswer>('POST', '/traffic/explain', {
      body: { url: 'http://http-lb:9180/test?x=1' },
      token: viewer,
    });
    expect(answer).toMatchObject({
      revision: 3,
      outcome: 'forward',
      path: '/test?x=1',
      rule: { virtualService: 'default/lb', source: null, ruleName: 'all', root: null },
      destinations: [
        { subset: 'v1', probability: 0.8 },
        { subset: 'v2', probability: 0.2 },
      ],
    });
    const effective = await send<TrafficEffectiveAnswer>('GET', '/traffic/effective');
    expect(effective.answer.rules).toMatchObject([
      {
        kind: 'VirtualService',
        resource: 'default/lb',
        section: 'http',
        destinations: [
          { host: 'http-lb.default.svc.cluster.local', subset: 'v1', share: 0.8 },
          { subset: 'v2', share: 0.2 },
        ],
      },
    ]);
  });

  it('says which requests a change would touch, when a dry run asks for it', async () => {
    const text = MESH.replace('weight: 80', 'weight: 50').replace('weight: 20', 'weight: 50');
    const dry = (classes: boolean) =>
      send<TrafficChangeAnswer>('POST', '/traffic/apply', {
        body: { files: [{ name: 'a.yaml', text }], dryRun: true, classes },
      });
    expect((await dry(false)).answer.classes).toBeUndefined();
    const { classes } = (await dry(true)).answer;
    expect(classes?.complete).toBe(true);
    expect(classes?.items[0]).toMatchObject({
      of: 'requests',
      before: { kind: 'VirtualService', resource: 'default/lb', section: 'http', ruleIndex: 0 },
      witness: { via: 'sidecar', method: 'GET', port: 9180 },
    });
  });

  it('explains a connection too', async () => {
    const ask = (url: string) =>
      send<RouteAnswer>('POST', '/traffic/explain', { body: { url }, token: viewer });
    expect((await ask('tcp://nobody:5432')).answer).toMatchObject({ outcome: 'passthrough' });
    expect((await ask('tcp://http-lb:9180')).answer).toMatchObject({ outcome: 'http' });
    expect((await ask('tcp://nobody')).answer).toMatchObject({ code: 'traffic.bad_question' });
  });

  it('switches a fault on for a while, and off', async () => {
    const on = await send<TrafficChangeAnswer>('POST', '/traffic/faults', {
      body: { service: 'http-lb', abortStatus: 503, percent: 10, for: '5m' },
    });
    expect(on.answer).toMatchObject({ revision: 4, changes: [{ kind: 'Fault' }] });
    expect((await send('GET', '/traffic/faults')).answer).toMatchObject({
      items: [{ id: 'default/http-lb', percent: 10, routes: ['default/lb http[0]'] }],
    });
    const explained = await send<RouteAnswer>('POST', '/traffic/explain', {
      body: { url: 'http://http-lb:9180/' },
    });
    expect(explained.answer.fault).toMatchObject({ abortStatus: 503, abortProbability: 0.1 });
    expect((await send('GET', '/traffic/resources/vs/default/lb')).answer).toMatchObject({
      faults: ['default/http-lb'],
      spec: { http: [expect.not.objectContaining({ fault: expect.anything() })] },
    });
    await send('DELETE', '/traffic/faults/default/http-lb');
    expect((await send('GET', '/traffic/faults')).answer).toEqual({ items: [] });
    expect((await send('DELETE', '/traffic/faults/default/http-lb')).status).toBe(404);
    const bad = await send('POST', '/traffic/faults', {
      body: { service: 'http-lb', for: '1m' },
    });
    expect(bad.status).toBe(400);
  });

  it('takes a program into the mesh and out of it', async () => {
    const { answer } = await send<WorkloadJoined>('POST', '/mesh/workloads', {
      body: {
        service: 'http-lb',
        labels: { version: 'v1' },
        ports: [{ port: 9180, targetPort: 19180 }],
      },
    });
    expect(answer.workload).toMatchObject({ name: 'http-lb-v1-0', joinedBy: 'ann', leaseMs: null });
    const effective = await send<TrafficEffectiveAnswer>('GET', '/traffic/effective');
    expect(effective.answer.services).toMatchObject([
      { endpoints: [{ ports: { http: 19180 }, labels: { app: 'http-lb', version: 'v1' } }] },
    ]);
    expect((await send<MeshAnswer>('GET', '/mesh')).answer).toMatchObject({
      enabled: false,
      workloads: 1,
    });
    await send('DELETE', '/mesh/workloads/default/http-lb-v1-0');
    expect((await send('GET', '/mesh/workloads')).answer).toEqual({ items: [] });
    expect(
      (await send('POST', '/mesh/workloads/default/http-lb-v1-0/heartbeat')).answer,
    ).toMatchObject({
      code: 'mesh.no_workload',
    });
  });

  it('takes out a program whose heartbeat stays away', async () => {
    const { answer } = await send<WorkloadJoined>('POST', '/mesh/workloads', {
      body: { service: 'http-lb', leaseMs: 1000 },
    });
    expect(answer.workload.leaseEndsAt).not.toBeNull();
    const before = events.length;
    await expect
      .poll(() => events.slice(before).some(({ type }) => type === 'mesh'), { timeout: 20_000 })
      .toBe(true);
    expect((await send('GET', '/mesh/workloads')).answer).toEqual({ items: [] });
  });

  it('removes resources, and refuses to remove what others need', async () => {
    const needed = await send('DELETE', '/traffic/resources/dr/default/lb');
    expect(needed).toMatchObject({ status: 422, answer: { code: 'traffic.refused' } });
    const gone = await send<TrafficChangeAnswer>('POST', '/traffic/delete', {
      body: {
        resources: [
          { kind: 'dr', name: 'lb' },
          { kind: 'vs', name: 'lb' },
        ],
      },
    });
    expect(gone.answer.changes.map(({ action }) => action)).toEqual(['deleted', 'deleted']);
    expect((await send('DELETE', '/traffic/resources/vs/default/lb')).status).toBe(404);
  });

  it('explains a rule of a delegate with the one that handed over to it', async () => {
    const text = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: root, namespace: default }
spec:
  hosts: [http-lb]
  http: [{ name: shop, match: [{ uri: { prefix: /shop } }], delegate: { name: part } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: part, namespace: default }
spec: { http: [{ name: cart, directResponse: { status: 200 } }] }
`;
    const body = { files: [{ name: 'delegate.yaml', text }] };
    expect((await send('POST', '/traffic/apply', { body })).status).toBe(200);
    const { answer } = await send<RouteAnswer>('POST', '/traffic/explain', {
      body: { url: 'http://http-lb:9180/shop' },
    });
    const root = { virtualService: 'default/root', ruleIndex: 0, ruleName: 'shop' };
    expect(answer.rule).toEqual({
      virtualService: 'default/part',
      source: null,
      section: 'http',
      ruleIndex: 0,
      ruleName: 'cart',
      matchIndex: -1,
      root,
    });
    expect(answer.rules).toMatchObject([{ ref: { root }, verdict: 'matched' }]);
  });
});
