import {
  ExemplarsAnswer,
  GraphAnswer,
  LatencyHeatmap,
  LatencyHistogram,
  LostAnswer,
  OperationsAnswer,
  RatesAnswer,
  ResponseTimesAnswer,
} from '@clover/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graph } from '../../src/queries/graph.ts';
import { exemplars } from '../../src/queries/exemplars.ts';
import { latencyHeatmap } from '../../src/queries/latency-heatmap.ts';
import { latencyHistogram } from '../../src/queries/latency-histogram.ts';
import { lost } from '../../src/queries/lost.ts';
import { operations } from '../../src/queries/operations.ts';
import { rates } from '../../src/queries/rates.ts';
import { responseTimes } from '../../src/queries/response-times.ts';
import type { TestStore } from './test-store.ts';
import { exactQuantile, isFailed } from './reference.ts';
import { MINUTE, T, openShop, scope, served, spans, where } from './shop.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openShop();
});
afterAll(() => store.close());

describe('response times and operations', () => {
  test('server side only, exact ends, percentiles within 1 %', async () => {
    const answer = ResponseTimesAnswer.parse(await responseTimes(store, scope));
    expect(answer.items.map((item) => item.service)).toEqual(['shop']);
    const [item] = answer.items;
    const ns = served.map((span): [number, number] => [span.durationNs, 1]);
    expect(item!.latency!.minNs).toBe(20e6);
    expect(item!.latency!.maxNs).toBe(900e6);
    expect(item!.latency!.avgNs).toBeCloseTo(ns.reduce((sum, [value]) => sum + value, 0) / 300, 3);
    expect(Math.abs(item!.latency!.p90Ns / exactQuantile(ns, 0.9) - 1)).toBeLessThan(0.011);
    const byVersion = await responseTimes(store, scope, { by: 'version' });
    expect(byVersion.items.map((one) => [one.key, one.requests, one.errors])).toEqual([
      ['v1', 225, 0],
      ['v2', 75, 38],
    ]);
    const list = OperationsAnswer.parse(await operations(store, scope));
    expect(list.items.map((one) => [one.service, one.operation, one.kind, one.requests])).toEqual([
      ['web', 'GET', 'client', 300],
      ['shop', 'GET /item/{id}', 'server', 200],
      ['shop', 'GET /cart', 'server', 100],
    ]);
  });
  test('exemplars are the slowest spans, one of a step at most', async () => {
    const answer = ExemplarsAnswer.parse(await exemplars(store, scope, { step: 60, limit: 5 }));
    const minuteOf = (ms: number) => Math.floor(ms / 60_000);
    const slowest = new Map<number, number>();
    for (const span of spans.filter((one) => one.kind === 'server')) {
      const minute = minuteOf(span.startMs);
      slowest.set(minute, Math.max(slowest.get(minute) ?? 0, span.durationNs));
    }
    const expected = [...slowest.values()].toSorted((a, b) => b - a).slice(0, 5);
    expect(answer.items.map((one) => one.durationNs)).toEqual(expected);
    for (const one of answer.items)
      expect(slowest.get(minuteOf(Number(one.startTimeUnixNano) / 1e6))).toBe(one.durationNs);
  });
  test('histogram and heatmap hold every request once', async () => {
    const histogram = LatencyHistogram.parse(await latencyHistogram(store, scope));
    expect(histogram.buckets.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(300);
    expect(histogram.buckets.reduce((sum, bucket) => sum + bucket.errors, 0)).toBe(38);
    for (const [i, bucket] of histogram.buckets.entries())
      if (i > 0) expect(bucket.fromNs).toBe(histogram.buckets[i - 1]!.toNs);
    const heatmap = LatencyHeatmap.parse(await latencyHeatmap(store, scope, { columns: 60 }));
    expect(heatmap.counts.flat().reduce((a, b) => a + b, 0)).toBe(300);
    expect(heatmap.stepMs).toBe(10_000);
    expect(heatmap.counts[0]!.reduce((a, b) => a + b, 0)).toBe(5);
    const slow = await latencyHistogram(store, scope, { operation: 'GET /cart', side: 'server' });
    expect(slow.buckets.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(100);
  });
});

describe('rates', () => {
  test('started, ended and in flight add up to the spans', async () => {
    const answer = RatesAnswer.parse(
      await rates(store, scope, { by: 'service', step: 30, side: 'all' }),
    );
    expect(answer.series.map((one) => one.key)).toEqual(['shop', 'web']);
    for (const one of answer.series) {
      const own = spans.filter((span) => span.service === one.key);
      const sum = (list: (number | null)[]) => list.reduce<number>((a, b) => a + (b ?? 0), 0) * 30;
      expect(sum(one.requests)).toBeCloseTo(own.length, 6);
      expect(sum(one.errors)).toBeCloseTo(own.filter(isFailed).length, 6);
      expect(sum(one.responses)).toBeCloseTo(own.length, 6);
      const busySeconds = own.reduce((total, span) => total + span.durationNs / 1e9, 0);
      expect(sum(one.inFlight)).toBeCloseTo(busySeconds, 3);
    }
  });
  test('a long span is in flight in every step it covers, also one from before the range', async () => {
    const start = T + 100 * MINUTE;
    await store.insert([
      {
        trace: 'long',
        id: 'l',
        startMs: start - 15_000,
        durationNs: 40e9,
        kind: 'server',
        service: 'batch',
      },
    ]);
    const answer = await rates(
      store,
      { startMs: start, endMs: start + 60_000, filters: [] },
      { step: 10, by: 'none' },
    );
    expect(answer.series[0]!.inFlight).toEqual([1, 1, 0.5, 0, 0, 0]);
    expect(answer.series[0]!.responses).toEqual([0, 0, 0.1, 0, 0, 0]);
    const whole = await rates(
      store,
      { startMs: start - 20_000, endMs: start + 40_000, filters: [] },
      { step: 10, by: 'none' },
    );
    // Of the first step only what follows the first span is known.
    expect(whole.series[0]!.inFlight).toEqual([1, 1, 1, 1, 0.5, 0]);
  });
  test('by edge, with errors of either side and the rest folded', async () => {
    const answer = RatesAnswer.parse(await rates(store, scope, { by: 'edge', step: 60, limit: 1 }));
    expect(answer.series.map((one) => one.key)).toEqual(['shop → postgres', 'rest']);
    const sum = (list: (number | null)[]) =>
      Math.round(list.reduce<number>((a, b) => a + (b ?? 0), 0) * 60);
    expect(
      answer.series.map((one) => [sum(one.requests), sum(one.errors), sum(one.responses)]),
    ).toEqual([
      [300, 0, 300],
      [300, 38, 300],
    ]);
  });
  test('by URL, status class, version and operation', async () => {
    for (const [by, keys] of [
      ['url', ['shop/item/{id}', 'shop/cart']],
      ['statusClass', ['2xx', '5xx', '4xx']],
      ['version', ['v1', 'v2']],
      ['operation', ['GET /item/{id}', 'GET /cart']],
    ] as const) {
      const answer = await rates(store, scope, { by });
      expect(answer.series.map((one) => one.key)).toEqual(keys);
    }
  });
});

describe('graph', () => {
  test('nodes and edges with versions, classes, database and client', async () => {
    const answer = GraphAnswer.parse(await graph(store, scope));
    const nodes = Object.fromEntries(answer.nodes.map((node) => [node.service, node]));
    expect(Object.fromEntries(answer.nodes.map((node) => [node.service, node.kind]))).toEqual({
      shop: 'service',
      web: 'client',
      postgres: 'database',
    });
    expect(nodes['shop']).toMatchObject({ requests: 300, errors: 38 });
    expect(nodes['shop']!.statusClasses).toEqual({
      ok: 252,
      redirect: 0,
      clientError: 10,
      serverError: 38,
      none: 0,
    });
    expect(
      answer.edges.map((edge) => [edge.from, edge.to, edge.protocol, edge.requests, edge.errors]),
    ).toEqual([
      ['shop', 'postgres', 'db', 300, 0],
      ['web', 'shop', 'http', 300, 38],
    ]);
    expect(answer.edges[1]!.toVersions).toEqual([
      { version: 'v1', requests: 225, errors: 0 },
      { version: 'v2', requests: 75, errors: 38 },
    ]);
    expect(answer.edges[1]!.clientLatency!.minNs).toBe(22e6);
  });
  test('filters choose calls; focus keeps the neighbourhood', async () => {
    const v2 = await graph(store, where('service=shop', 'version=v2'));
    expect(v2.edges.map((edge) => [edge.to, edge.requests])).toEqual([
      ['postgres', 75],
      ['shop', 75],
    ]);
    const near = await graph(store, scope, { focus: 'postgres', hops: 1 });
    expect(near.nodes.map((node) => node.service).toSorted()).toEqual(['postgres', 'shop']);
    const only = LostAnswer.parse(await lost(store, where('service=web')));
    expect(only.items.map((item) => [item.from, item.to, item.sent, item.coverage])).toEqual([
      ['web', 'shop', 300, 1],
    ]);
  });
});
