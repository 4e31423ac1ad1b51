import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScope } from '@clover/model';
import { trafficRequests } from '../../src/index.ts';
import type { TestSpan } from './test-spans.ts';
import { openTestStore, type TestStore } from './test-store.ts';

const AT = Date.UTC(2026, 0, 5, 12);
const scope = parseScope({ start: String(AT), end: String(AT + 60_000) }, AT + 60_000);
const V2 = 'outbound|80|v2|web.demo.svc.cluster.local';

/** Gateway (server, client) → front (server, client) → web, as Envoy's OpenTelemetry tracer sends them. */
function chain(n: number, more: { webParent?: string; flags?: string } = {}): TestSpan[] {
  const trace = `t${n}`;
  const span = (
    id: string,
    parent: string | undefined,
    kind: 'server' | 'client',
    service: string,
    rest: Partial<TestSpan> = {},
  ): TestSpan => ({
    trace,
    id: `${trace}${id}`,
    ...(parent === undefined ? {} : { parent: `${trace}${parent}` }),
    startMs: AT + n,
    durationNs: 1e6,
    kind,
    service,
    ...rest,
  });
  const http = (url: string, node: string, cluster: string, agent = 'chrome/1') => ({
    httpStatus: more.flags ? 503 : 200,
    columns: {
      httpMethod: 'GET',
      userAgent: agent,
      upstreamCluster: cluster,
      responseFlags: more.flags ?? '',
      version: 'v1',
    },
    attributes: {
      'url.full': url,
      node_id: node,
      component: 'proxy',
      'http.request.header.x-request-id': `${n}`,
      'http.request.header.x_tenant': '["a"]',
      'clover.request.absent_headers': '["x-canary"]',
      'clover.request.header_matches': '["cookie 5f0c93d1 yes"]',
      'clover.request.port': '9180',
      'clover.workload.labels': '["app=front","zone=edge"]',
    },
  });
  const sidecar = 'sidecar~10.0.0.9~front-1.demo~demo.svc.cluster.local';
  return [
    span(
      'a',
      undefined,
      'server',
      'gw.istio-system',
      http(
        'http://shop.example/front?x=1',
        'router~10.0.0.3~gw.istio-system~x',
        'outbound|80||front.demo.svc.cluster.local',
      ),
    ),
    span('b', 'a', 'client', 'gw.istio-system', {
      columns: { upstreamCluster: 'outbound|80||front.demo.svc.cluster.local' },
    }),
    span(
      'c',
      'b',
      'server',
      'front.demo',
      http('http://shop.example/front?x=1', sidecar, 'inbound|8080||'),
    ),
    span('d', 'c', 'client', 'front.demo', http('http://web/front', sidecar, V2, 'Go')),
    ...(more.flags
      ? []
      : [
          span('e', more.webParent ?? 'd', 'server', 'web.demo', {
            columns: { version: 'v2', httpMethod: 'GET' },
          }),
        ]),
  ];
}

describe('requests that proxies decided', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openTestStore();
    await store.insert([...chain(1), ...chain(2), ...chain(3, { flags: 'FI' })]);
  });
  afterAll(() => store.close());

  it('are told once each, by gateways and sidecars, with where they went and who served them', async () => {
    const { items, requests, spans, rest } = await trafficRequests(store, scope);
    expect({ requests, spans, rest }).toEqual({
      requests: 6,
      spans: 6,
      rest: { requests: 0, spans: 0 },
    });
    expect(
      items.map((one) => [
        one.via,
        one.service,
        one.host,
        one.path,
        one.responseFlags,
        one.callees,
        one.spans,
      ]),
    ).toEqual([
      ['sidecar', 'front.demo', 'web', '/front', [], [{ service: 'web.demo', version: 'v2' }], 2],
      [
        'gateway',
        'gw.istio-system',
        'shop.example',
        '/front?x=1',
        [],
        [{ service: 'front.demo', version: 'v1' }],
        2,
      ],
      ['sidecar', 'front.demo', 'web', '/front', ['FI'], [], 1],
      [
        'gateway',
        'gw.istio-system',
        'shop.example',
        '/front?x=1',
        ['FI'],
        [{ service: 'front.demo', version: 'v1' }],
        1,
      ],
    ]);
    expect(items[0]).toMatchObject({
      app: 'front',
      version: 'v1',
      namespace: 'demo',
      method: 'GET',
      scheme: 'http',
      headers: { 'user-agent': 'Go', 'x-tenant': 'a' },
      absentHeaders: ['x-canary'],
      headerMatches: ['cookie 5f0c93d1 yes'],
      port: 9180,
      labels: { app: 'front', zone: 'edge' },
      status: 200,
      upstreamCluster: V2,
      traces: [expect.any(String), expect.any(String)],
    });
  });

  it('are cut at the limit and the rest counted; a span that comes twice counts once', async () => {
    await store.insert(chain(2));
    const { items, rest, spans, meta } = await trafficRequests(store, scope, { limit: 1 });
    expect([items.length, spans, rest]).toEqual([1, 6, { requests: 4, spans: 4 }]);
    expect(meta.notes).toEqual(['4 further requests are in rest; raise limit to see them']);
  });

  it('obey the scope', async () => {
    const of = parseScope(
      { start: String(AT), end: String(AT + 60_000), filter: ['responseFlags=FI'] },
      AT,
    );
    expect((await trafficRequests(store, of)).spans).toBe(2);
  });
});
