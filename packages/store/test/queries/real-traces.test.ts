// Traces that others recorded from running systems: the answers must be what their README and their own
// monitoring say.
import type { Scope } from '@clover/model';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { counts } from '../../src/queries/counts.ts';
import { graph } from '../../src/queries/graph.ts';
import { lost } from '../../src/queries/lost.ts';
import { responseTimes } from '../../src/queries/response-times.ts';
import { services } from '../../src/queries/services.ts';
import { systemCounts } from '../../src/queries/system-counts.ts';
import { openTestStore, type TestStore } from './test-store.ts';
import { jaegerSpans, nezhaSpans, rangeOf, testData } from './real-data.ts';
import type { TestSpan } from './test-spans.ts';

let store: TestStore;

describe.skipIf(!testData)('real traces (CLOVER_TEST_DATA)', () => {
  beforeEach(async () => {
    store ??= await openTestStore();
    await store.clear(['spans']);
  });
  afterAll(() => store.close());

  async function load(spans: readonly TestSpan[]): Promise<Scope> {
    await store.insert(spans);
    return { ...rangeOf(spans), filters: [] };
  }

  test('Istio, OpenTelemetry provider: 6 aborts were answered by the proxy; 5 gateway and 4 client spans lack their partner', async () => {
    const scope = await load(
      jaegerSpans('istio-telemetry/jaeger-api-from-opentelemetry-provider.json.gz'),
    );
    const answer = await lost(store, scope);
    const gateway = 'istio-ingressgateway.istio-system';
    expect(
      answer.items.map(({ from, to, sent, received, lost: gone, answeredByProxy }) => [
        from,
        to,
        sent,
        received,
        gone,
        answeredByProxy,
      ]),
    ).toEqual([
      ['client.demo', 'web.demo', 24, 14, 4, 6],
      [gateway, 'web.demo', 24, 20, 4, 0],
      [gateway, 'front.demo', 82, 81, 1, 0],
      ['front.demo', 'web.demo', 82, 82, 0, 0],
    ]);
    expect(answer.items[0]!.proxyFlags).toEqual([{ flag: 'FI', count: 6 }]);
    const nodes = (await graph(store, scope)).nodes;
    expect(
      Object.fromEntries(nodes.map((node) => [node.service, [node.kind, node.requests]])),
    ).toEqual({
      'web.demo': ['service', 124],
      [gateway]: ['gateway', 106],
      'front.demo': ['service', 82],
      'client.demo': ['client', 0],
      jaeger: ['service', 21],
    });
    const web = (await graph(store, scope)).edges.find((edge) => edge.from === 'front.demo')!;
    expect(web.subsets.map((one) => one.subset)).toEqual(['v1', 'v2']);
    expect(web.toVersions.map((one) => one.requests)).toEqual(
      web.subsets.map((one) => one.requests),
    );
  });

  test('Istio, Zipkin provider: nothing is lost', async () => {
    const scope = await load(
      jaegerSpans('istio-telemetry/jaeger-api-from-zipkin-provider.json.gz'),
    );
    const answer = await lost(store, scope);
    expect(answer.coverage).toBe(1);
    expect(answer.items.map((item) => [item.from, item.to, item.sent])).toEqual([
      ['front.demo', 'web.demo', 82],
      ['istio-ingressgateway.istio-system', 'front.demo', 82],
      ['client.demo', 'web.demo', 24],
      ['istio-ingressgateway.istio-system', 'web.demo', 24],
    ]);
    const agents = await counts(store, scope, { by: 'userAgent' });
    expect(agents.items.length).toBeGreaterThanOrEqual(3);
  });

  test('DeathStarBench: 660 spans, 12 services, each called as often as the traces show', async () => {
    const spans = jaegerSpans('jaeger/deathstarbench-social-network.json.gz');
    const scope = await load(spans);
    expect(await systemCounts(store, scope)).toMatchObject({
      spans: 660,
      traces: 20,
      servicesDiscovered: 12,
    });
    const answer = await graph(store, scope);
    expect(answer.edges).toHaveLength(11);
    expect(new Set(answer.edges.map((edge) => edge.requests))).toEqual(new Set([20]));
    const list = await services(store, scope);
    expect(list.items.map((item) => item.requests)).toEqual(list.items.map(() => 20));
    // These spans do not tell their side.
    const operations = await counts(store, scope, { by: 'operation' });
    expect([operations.total, operations.meta.notes.length]).toEqual([660, 1]);
  });

  test('Nezha: the call graph of dependency.csv; repeated rows count once', async () => {
    const spans = nezhaSpans();
    const scope = await load(spans);
    expect(spans).toHaveLength(96_812);
    expect((await systemCounts(store, scope)).spans).toBe(96_377);
    const dependencies = readFileSync(
      join(testData!, 'nezha-onlineboutique/dependency.csv'),
      'utf8',
    )
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, 2))
      .filter(([, target]) => !/^\d/.test(target!))
      .map((pair) => pair.join(' → '));
    const edges = (await graph(store, scope)).edges.map((edge) => `${edge.from} → ${edge.to}`);
    // checkoutservice has ConvertCurrency spans, but none of currencyservice lies beneath them.
    expect(dependencies.filter((edge) => !edges.includes(edge))).toEqual([
      'checkoutservice → currencyservice',
    ]);
    expect(edges.filter((edge) => !dependencies.includes(edge))).toEqual([]);
  });

  test('Nezha: percentiles stay within 2.1 % of quantilesExact', async () => {
    const spans = nezhaSpans().map((span): TestSpan => ({ ...span, kind: 'server' }));
    const scope = await load(spans);
    const answer = await responseTimes(store, scope);
    const exact = await store.select<{ service: string; q: number[] }>(
      'SELECT toString(service) AS service, quantilesExact(0.5, 0.9, 0.95, 0.99)(toFloat64(duration_ns)) AS q FROM spans FINAL GROUP BY service',
    );
    let worst = 0;
    for (const item of answer.items) {
      const { q } = exact.find((row) => row.service === item.service)!;
      const got = [
        item.latency!.p50Ns,
        item.latency!.p90Ns,
        item.latency!.p95Ns,
        item.latency!.p99Ns,
      ];
      for (const [i, value] of got.entries()) worst = Math.max(worst, Math.abs(value / q[i]! - 1));
    }
    expect(worst).toBeLessThan(0.0101);
  });
});
