// What Envoy and Istio report, from spans of a real mesh to the promoted columns.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { testData } from '@clover/test-support';
import { describe, expect, test } from 'vitest';
import { SpanBatchBuilder } from '../src/builder.ts';
import { jaegerTraceToSpans } from '../src/importers/jaeger.ts';
import { createRefusals } from '../src/importers/refusals.ts';
import { readBatch, typeOfKey, type BatchRow } from './support/read-batch.ts';

function build(text: string): { rows: BatchRow[]; builder: SpanBatchBuilder } {
  const { data } = JSON.parse(text) as { data: unknown[] };
  const builder = new SpanBatchBuilder();
  const refusals = createRefusals();
  for (const trace of data)
    for (const span of jaegerTraceToSpans(trace, '', refusals)) builder.appendSpan(span, 'import');
  expect(refusals.total).toBe(0);
  return { rows: readBatch(builder.finish()), builder };
}

const fixture = (provider: string) =>
  readFileSync(new URL(`fixtures/istio-${provider}.json`, import.meta.url), 'utf8');

describe.each(['opentelemetry', 'zipkin'])("Istio's %s provider", (provider) => {
  const { rows, builder } = build(fixture(provider));

  test('a sidecar client span: outbound, with the subset and the called service', () => {
    const span = rows.find((row) => row.service === 'front.demo' && row.kind === 3)!;
    expect(span).toMatchObject({
      direction: 2,
      peer: 'web.demo',
      namespace: 'demo',
      version: 'v1',
      node: 'front-66f846ff5c-bgffw',
      httpMethod: 'GET',
      httpStatusCode: 200,
      userAgentFamily: 'Go-http-client',
      responseFlags: '',
    });
    expect(span.subset).toMatch(/^v[12]$/);
    expect(span.urlHost).toBe('web');
    expect(span.upstreamCluster).toBe(`outbound|80|${span.subset}|web.demo.svc.cluster.local`);
  });

  test('a sidecar server span: inbound, its pod, no subset', () => {
    const span = rows.find((row) => row.service === 'web.demo' && row.version === 'v2')!;
    expect(span).toMatchObject({
      direction: 1,
      kind: 2,
      subset: '',
      upstreamCluster: 'inbound|8080||',
    });
    expect(span.node).toMatch(/^web-v2-/);
    expect(span.peer).toMatch(/^10\.244\./);
  });

  test("a gateway's server span is inbound although it names the cluster it calls; its egress span is outbound", () => {
    const gateway = rows.filter((row) => row.service === 'istio-ingressgateway.istio-system');
    const ingress = gateway.find((row) => row.kind === 2)!;
    expect(ingress).toMatchObject({ direction: 1, subset: '', urlHost: 'shop.example' });
    expect(ingress.node).toMatch(/^istio-ingressgateway-/);
    expect(ingress.upstreamCluster).toContain('outbound|80|');
    const egress = gateway.find((row) => row.kind === 3)!;
    expect(egress).toMatchObject({ direction: 2, httpStatusCode: 200 });
    expect(egress.peer).toMatch(/^(web|front)\.demo$/);
    expect(egress.parentSpanId).toBe(ingress.spanId);
  });

  test('injected faults keep their response flags', () => {
    expect(rows.filter((row) => row.responseFlags === 'FI')).toMatchObject([
      { kind: 3, direction: 2, httpStatusCode: 451, peer: 'web.demo' },
    ]);
    expect(rows.filter((row) => row.responseFlags === 'DI')).toMatchObject([
      { kind: 3, direction: 2 },
    ]);
  });

  test('names are the conventions and sizes, ports and status are numbers', () => {
    const { attributes } = rows.find((row) => row.service === 'web.demo')!;
    expect(attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.response.status_code': '200',
      'http.request.body.size': '0',
      'network.protocol.version': '1.1',
      'istio.canonical_service': 'web',
      component: 'proxy',
    });
    expect(Object.keys(attributes)).toContain('http.request.header.x-request-id');
    expect(Object.keys(attributes)).not.toContain('http.status_code');
    const batch = builder.finish();
    for (const key of ['http.response.status_code', 'http.response.body.size', 'network.peer.port'])
      expect(typeOfKey(batch, key)).toBe('int');
  });
});

const DATA = 'istio-telemetry/jaeger-api-from-opentelemetry-provider.json.gz';
test.skipIf(testData(DATA) === undefined)(
  'the whole recording: every proxy span has a side, a pod or gateway, and edges with subsets (needs CLOVER_TEST_DATA)',
  () => {
    const { rows } = build(gunzipSync(readFileSync(testData(DATA)!)).toString());
    const proxies = rows.filter((row) => row.attributes['component'] === 'proxy');
    expect(proxies).toHaveLength(524);
    expect(proxies.every((row) => row.direction === (row.kind === 2 ? 1 : 2))).toBe(true);
    expect(proxies.filter((row) => row.direction === 2).every((row) => row.peer !== '')).toBe(true);
    const edges = new Set(
      proxies
        .filter((row) => row.direction === 2)
        .map((row) => `${row.service} -> ${row.peer} ${row.subset}`.trim()),
    );
    expect([...edges].toSorted()).toEqual([
      'client.demo -> web.demo v1',
      'client.demo -> web.demo v2',
      'front.demo -> web.demo v1',
      'front.demo -> web.demo v2',
      'istio-ingressgateway.istio-system -> front.demo',
      'istio-ingressgateway.istio-system -> web.demo v1',
      'istio-ingressgateway.istio-system -> web.demo v2',
    ]);
    const templates = new Set(proxies.map((row) => row.urlTemplate).filter((text) => text !== ''));
    expect([...templates].toSorted()).toEqual([
      '/front',
      '/front/test',
      '/front/users/{id}',
      '/items',
      '/nothing',
    ]);
    expect(new Set(proxies.map((row) => row.userAgentFamily))).toEqual(
      new Set(['', 'Chrome', 'Firefox', 'Go-http-client', 'curl']),
    );
  },
);
