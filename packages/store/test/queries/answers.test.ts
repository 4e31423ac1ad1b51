import {
  AttributeKeysAnswer,
  AttributeValuesAnswer,
  CompareAnswer,
  CountsAnswer,
  CriticalPathAnswer,
  DistinctAnswer,
  ErrorsAnswer,
  ExemplarsAnswer,
  ExplainAnswer,
  GraphAnswer,
  LatencyHeatmap,
  LatencyHistogram,
  LostAnswer,
  OperationsAnswer,
  Overview,
  RatesAnswer,
  ResponseTimesAnswer,
  ServicesAnswer,
  SystemCounts,
  TraceDetail,
  TracesAnswer,
  parseFilter,
  type Scope,
} from '@clover/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attributeKeys } from '../../src/queries/attribute-keys.ts';
import { attributeValues } from '../../src/queries/attribute-values.ts';
import { compare } from '../../src/queries/compare.ts';
import { counts } from '../../src/queries/counts.ts';
import { criticalPath } from '../../src/queries/critical-path.ts';
import { distinct } from '../../src/queries/distinct.ts';
import { errors } from '../../src/queries/errors.ts';
import { explain } from '../../src/queries/explain.ts';
import { graph } from '../../src/queries/graph.ts';
import { exemplars } from '../../src/queries/exemplars.ts';
import { latencyHeatmap } from '../../src/queries/latency-heatmap.ts';
import { latencyHistogram } from '../../src/queries/latency-histogram.ts';
import { lost } from '../../src/queries/lost.ts';
import { operations } from '../../src/queries/operations.ts';
import { overview } from '../../src/queries/overview.ts';
import { rates } from '../../src/queries/rates.ts';
import { responseTimes } from '../../src/queries/response-times.ts';
import { searchTraces } from '../../src/queries/search-traces.ts';
import { services } from '../../src/queries/services.ts';
import { systemCounts } from '../../src/queries/system-counts.ts';
import { traceDetail } from '../../src/queries/trace-detail.ts';
import { openTestStore, type TestStore } from './test-store.ts';
import { exactQuantile, isFailed, isServer } from './reference.ts';
import { hexId, type TestSpan } from './test-spans.ts';

const T = Date.UTC(2026, 2, 3, 12);
const MINUTE = 60_000;
const scope: Scope = { startMs: T, endMs: T + 10 * MINUTE, filters: [] };
const where = (...filters: string[]): Scope => ({ ...scope, filters: filters.map(parseFilter) });

/** 300 requests over ten minutes: web calls shop, shop calls db; two versions, three agents, some fail. */
function shopSpans(): TestSpan[] {
  return Array.from({ length: 300 }, (_, i): TestSpan[] => {
    const trace = `shop-${i}`;
    const startMs = T + i * 2000;
    const version = i % 4 === 0 ? 'v2' : 'v1';
    const fails = version === 'v2' && i % 8 === 0;
    const slow = i % 50 === 7;
    const shopNs = slow ? 900e6 : (20 + (i % 10)) * 1e6;
    const http = {
      httpMethod: 'GET',
      urlHost: 'shop',
      urlTemplate: i % 3 === 0 ? '/cart' : `/item/{id}`,
      userAgent: `agent/${i % 3}`,
      userAgentFamily: 'agent',
    };
    const attributes = {
      'http.request.method': 'GET',
      'tenant.id': `t${i % 5}`,
      'cart.size': `${i % 12}`,
      'request.id': `${i}-${i * 31}`,
      ...(slow ? { 'cache.hit': 'false' } : { 'cache.hit': 'true' }),
    };
    const code = fails ? 503 : i % 30 === 1 ? 404 : 200;
    const status = fails ? 'error' : 'unset';
    return [
      {
        trace,
        id: 'c',
        startMs,
        durationNs: shopNs + 2e6,
        kind: 'client',
        service: 'web',
        httpStatus: code,
        status,
        protocol: 'http',
        columns: { name: 'GET', peer: 'shop', ...http },
        attributes: { 'tenant.id': `t${i % 5}` },
        resource: { 'cloud.region': 'eu' },
      },
      {
        trace,
        id: 's',
        parent: 'c',
        startMs: startMs + 1,
        durationNs: shopNs,
        kind: 'server',
        service: 'shop',
        httpStatus: code,
        status,
        protocol: 'http',
        columns: {
          name: i % 3 === 0 ? 'GET /cart' : 'GET /item/{id}',
          version,
          node: `pod-${i % 2}`,
          statusMessage: fails ? `order ${i} not found for 'user${i}'` : '',
          exceptionType: fails ? 'NotFound' : '',
          ...http,
        },
        attributes,
        resource: { 'cloud.region': i % 2 === 0 ? 'eu' : 'us' },
      },
      {
        trace,
        id: 'q',
        parent: 's',
        startMs: startMs + 5,
        durationNs: shopNs - 10e6,
        kind: 'client',
        service: 'shop',
        protocol: 'db',
        columns: { name: 'SELECT', version, peer: 'postgres' },
      },
    ];
  }).flat();
}

const spans = shopSpans();
const served = spans.filter(isServer);
let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await store.insert(spans);
  await store.insert(spans.filter((_, i) => i % 7 === 0)); // delivered again
});
afterAll(() => store.close());

describe('counts', () => {
  test('per URL, with the rest beyond the limit', async () => {
    const answer = CountsAnswer.parse(await counts(store, scope, { by: 'url', limit: 1 }));
    expect(answer.items.map((item) => [item.values, item.count])).toEqual([
      [['shop/item/{id}'], 200],
    ]);
    expect(answer).toMatchObject({ total: 300, distinct: 2, rest: { groups: 1, count: 100 } });
    expect(answer.items[0]!.ratio).toBeCloseTo(2 / 3, 12);
  });
  test('by any attribute, and by a pair of a column and a resource attribute', async () => {
    const tenants = await counts(store, scope, { by: 'tenant.id' });
    expect(tenants.items.map((item) => item.count)).toEqual([60, 60, 60, 60, 60]);
    const pair = await counts(store, scope, { by: 'statusCode,cloud.region' });
    const want = new Map<string, number>();
    for (const span of served) {
      const key = JSON.stringify([String(span.httpStatus), span.resource!['cloud.region']]);
      want.set(key, (want.get(key) ?? 0) + 1);
    }
    expect(new Map(pair.items.map((item) => [JSON.stringify(item.values), item.count]))).toEqual(
      want,
    );
  });
  test('three keys are refused', async () => {
    await expect(counts(store, scope, { by: 'a,b,c' })).rejects.toMatchObject({ status: 400 });
  });
});

describe('filters', () => {
  const total = async (...filters: string[]) =>
    (await counts(store, where(...filters), { by: 'service' })).total;
  const expected = (keep: (span: TestSpan) => boolean) => served.filter(keep).length;
  test('on columns, attributes and resources, with every operator', async () => {
    expect(await total('version=v2')).toBe(expected((s) => s.columns!.version === 'v2'));
    expect(await total('http.response.status_code!=200')).toBe(
      expected((s) => s.httpStatus !== 200),
    );
    expect(await total('statusCode>=500')).toBe(expected((s) => s.httpStatus! >= 500));
    expect(await total('statusClass=4xx')).toBe(expected((s) => s.httpStatus === 404));
    expect(await total('duration>500ms')).toBe(expected((s) => s.durationNs > 500e6));
    expect(await total('tenant.id=t3')).toBe(60);
    expect(await total('tenant.id!=t3')).toBe(240);
    expect(await total('tenant.id=~^t[12]$')).toBe(120);
    expect(await total('tenant.id!~^t[12]$')).toBe(180);
    expect(await total('cart.size>9')).toBe(
      expected((s) => Number(s.attributes!['cart.size']) > 9),
    );
    expect(await total('cloud.region=us')).toBe(150);
    expect(await total('cloud.region!=us')).toBe(150);
    expect(await total('cloud.region=~u')).toBe(300);
    expect(await total('no.such.key=x')).toBe(0);
    expect(await total('no.such.key!=x')).toBe(300);
    expect(await total('no.such.key=')).toBe(300);
    expect(await total('status=error', 'node=pod-0')).toBe(
      expected((s) => isFailed(s) && s.columns!.node === 'pod-0'),
    );
    expect(await total("userAgent=x' OR 1=1 --")).toBe(0);
  });
});

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

describe('traces', () => {
  test('newest first, page by page, gives every matching trace once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = TracesAnswer.parse(
        await searchTraces(store, where('version=v2'), { limit: 20, cursor, status: 'ok' }),
      );
      seen.push(...page.items.map((item) => item.traceId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    const want = served
      .filter((span) => span.columns!.version === 'v2')
      .toSorted((a, b) => b.startMs - a.startMs)
      .map((span) => hexId(span.trace, 16));
    // Status ok keeps a failed trace's database span, which did not fail.
    expect(seen).toEqual(want);
  });
  test('slowest first, by duration, text and status', async () => {
    const slow = await searchTraces(store, scope, { sort: 'slowest', limit: 4 });
    expect(slow.items.map((item) => item.durationNs)).toEqual([902e6, 902e6, 902e6, 902e6]);
    const next = await searchTraces(store, scope, {
      sort: 'slowest',
      limit: 4,
      cursor: slow.nextCursor!,
    });
    expect(next.items.map((item) => item.durationNs).slice(0, 3)).toEqual([902e6, 902e6, 31e6]);
    expect(new Set([...slow.items, ...next.items].map((item) => item.traceId)).size).toBe(8);
    const failed = await searchTraces(store, scope, { status: 'error', limit: 100 });
    expect(failed.items).toHaveLength(38);
    expect(failed.items[0]).toMatchObject({
      rootService: 'web',
      spans: 3,
      errors: 2,
      matchedSpans: 2,
      httpStatusCode: 503,
    });
    const text = await searchTraces(store, scope, { text: 'ORDER 16 not' });
    expect(text.items.map((item) => item.traceId)).toEqual([hexId('shop-16', 16)]);
    const range = await searchTraces(store, scope, {
      minDuration: '500ms',
      operation: 'GET /cart',
      limit: 50,
    });
    expect(range.items).toHaveLength(
      served.filter((s) => s.durationNs > 500e6 && s.columns!.name === 'GET /cart').length,
    );
    await expect(searchTraces(store, scope, { cursor: 'x' })).rejects.toMatchObject({
      status: 400,
    });
  });
  test('one trace: waterfall, copies, attributes, and a 404', async () => {
    const detail = TraceDetail.parse(await traceDetail(store, hexId('shop-0', 16)));
    expect(detail.spans.map((span) => [span.name, span.depth, span.offsetNs])).toEqual([
      ['GET', 0, 0],
      ['GET /cart', 1, 1e6],
      ['SELECT', 2, 5e6],
    ]);
    expect(detail.spans[1]!.attributes).toMatchObject({ 'tenant.id': 't0' });
    expect(detail.spans[1]!.resource).toEqual({ 'service.name': 'shop', 'cloud.region': 'eu' });
    expect(detail.services.map((one) => one.service).toSorted()).toEqual(['shop', 'web']);
    expect(detail.criticalPath.reduce((sum, part) => sum + part.toNs - part.fromNs, 0)).toBe(
      detail.durationNs,
    );
    await expect(traceDetail(store, 'abc')).rejects.toMatchObject({ status: 404 });
    await expect(traceDetail(store, 'not hex')).rejects.toMatchObject({ status: 400 });
  });
  test('aggregate critical path: shares of the front end’s time add up to all of it', async () => {
    const answer = CriticalPathAnswer.parse(await criticalPath(store, scope));
    expect(answer).toMatchObject({ root: 'web GET', traces: 300 });
    expect(answer.items.reduce((sum, item) => sum + item.ratio, 0)).toBeCloseTo(1, 9);
    expect(answer.items.map((item) => item.operation)[0]).toBe('SELECT');
    const cart = await criticalPath(store, where('service=shop'), { operation: 'GET /cart' });
    expect(cart).toMatchObject({ root: 'shop GET /cart', traces: 100 });
  });
});

describe('errors', () => {
  test('are grouped by message shape where they arose', async () => {
    const answer = ErrorsAnswer.parse(await errors(store, scope));
    expect(
      answer.items.map(({ service, shape, type, count, affected }) => ({
        service,
        shape,
        type,
        count,
        affected,
      })),
    ).toEqual([
      {
        service: 'shop',
        shape: 'order {n} not found for {text}',
        type: 'NotFound',
        count: 25,
        affected: ['web'],
      },
      {
        service: 'shop',
        shape: 'order {n} not found for {text}',
        type: 'NotFound',
        count: 13,
        affected: ['web'],
      },
    ]);
    const fromWeb = await errors(store, where('service=web'));
    expect(fromWeb.items.reduce((sum, item) => sum + item.count, 0)).toBe(38);
  });
});

describe('compare and explain', () => {
  test('two versions: errors differ, rate differs, and the version explains it', async () => {
    const answer = CompareAnswer.parse(
      await compare(store, where('service=shop'), { aVersion: 'v1', bVersion: 'v2' }),
    );
    expect(answer.a).toMatchObject({ label: 'version v1', spans: 225 });
    expect(answer.changes[0]).toMatchObject({ kind: 'errors', service: 'shop', significant: true });
    const explained = answer.explains.map((item) => `${item.key}=${item.value}`);
    expect(explained).toContain('statusCode=503');
    expect(answer.histogram.buckets.reduce((sum, bucket) => sum + bucket.a + bucket.b, 0)).toBe(
      300,
    );
  });
  test('two windows: a new edge and a slower service', async () => {
    const later = T + 60 * MINUTE;
    const shifted = spans.slice(0, 300).map((span) => ({
      ...span,
      trace: `${span.trace}-later`,
      startMs: span.startMs + 60 * MINUTE,
      durationNs: span.durationNs * 2,
    }));
    await store.insert([
      ...shifted,
      { trace: 'new', id: 'c', startMs: later, durationNs: 1e6, kind: 'client', service: 'shop' },
      {
        trace: 'new',
        id: 's',
        parent: 'c',
        startMs: later,
        durationNs: 1e6,
        kind: 'server',
        service: 'mail',
      },
    ]);
    const answer = await compare(store, scope, {
      bStart: new Date(later).toISOString(),
      bEnd: new Date(later + 10 * MINUTE).toISOString(),
    });
    expect(answer.newEdges).toEqual([{ from: 'shop', to: 'mail', requests: 1 }]);
    expect(answer.vanishedEdges).toEqual([]);
    const latency = answer.changes.find(
      (change) => change.kind === 'latency' && change.operation === '',
    );
    expect(latency).toMatchObject({ service: 'shop', significant: true });
    const board = Overview.parse(
      await overview(store, { startMs: later, endMs: later + 60 * MINUTE, filters: [] }),
    );
    expect(board.changes.map((change) => `${change.kind} ${change.service}`)).toContain(
      'appeared mail',
    );
    expect(board.series.reduce((sum, step) => sum + step.requests, 0)).toBe(board.now.requests);
    expect(board).toMatchObject({ beforeCovered: true });
  });
  test('nothing is compared with a window that began before there were spans', async () => {
    const from = T + 50 * MINUTE;
    const board = Overview.parse(
      await overview(store, { startMs: T + 5 * MINUTE, endMs: from, filters: [] }),
    );
    expect(board.before.requests).toBeGreaterThan(0);
    expect(board.beforeCovered).toBe(false);
    expect(board.dataSinceMs).toBeGreaterThanOrEqual(T);
    expect(board.dataSinceMs).toBeLessThan(T + MINUTE);
    expect(board.changes.filter(({ kind }) => kind !== 'lost')).toEqual([]);
  });
  test('what the slow requests have in common', async () => {
    const answer = ExplainAnswer.parse(
      await explain(store, scope, { what: 'slow', minDuration: '500ms' }),
    );
    expect(answer).toMatchObject({ selected: 6, rest: 294, thresholdNs: 500e6 });
    expect(
      answer.items
        .slice(0, 2)
        .map((item) => `${item.key}=${item.value}`)
        .toSorted(),
    ).toEqual(['cache.hit=false', 'cache.hit=true']);
    const failed = await explain(store, scope);
    expect(failed.selected).toBe(38);
    expect(failed.items.map((item) => `${item.key}=${item.value}`)).toContain('version=v2');
  });
});

describe('counts of the system and lists', () => {
  test('system counts tell spans from copies', async () => {
    const answer = SystemCounts.parse(
      await systemCounts(store, scope, { tracked: ['shop', 'gone'] }),
    );
    expect(answer).toMatchObject({
      traces: 300,
      spans: 900,
      servicesDiscovered: 2,
      servicesTracked: 1,
    });
    // The engine may have merged copies away already.
    expect(answer.duplicates).toBeLessThanOrEqual(spans.filter((_, i) => i % 7 === 0).length);
  });
  test('services with versions, instances and small series', async () => {
    const answer = ServicesAnswer.parse(await services(store, scope, { tracked: ['shop'] }));
    const shop = answer.items.find((item) => item.service === 'shop')!;
    expect(shop).toMatchObject({
      tracked: true,
      spans: 600,
      versions: ['v1', 'v2'],
      nodes: 2,
      requests: 300,
    });
    expect(shop.requestSeries.reduce((a, b) => a + b, 0)).toBe(300);
    expect(shop.p95Series).toHaveLength(shop.requestSeries.length);
    expect(answer.items.find((item) => item.service === 'web')).toMatchObject({
      tracked: false,
      requests: 0,
      latency: null,
    });
  });
  test('distinct HTTP details, attribute keys and values', async () => {
    const answer = DistinctAnswer.parse(await distinct(store, scope));
    expect(answer.urls).toEqual({
      total: 2,
      values: [
        { value: 'shop/item/{id}', count: 200 },
        { value: 'shop/cart', count: 100 },
      ],
    });
    expect(answer.userAgents.total).toBe(3);
    expect(answer.statusCodes.values.map((row) => row.value)).toEqual(['200', '503', '404']);
    const keys = AttributeKeysAnswer.parse(await attributeKeys(store, scope));
    expect(keys.items.map((item) => `${item.scope} ${item.key}`)).toContain(
      'resource cloud.region',
    );
    const values = AttributeValuesAnswer.parse(
      await attributeValues(store, scope, { key: 'tenant.id', prefix: 'T', limit: 2 }),
    );
    expect(values.items).toEqual([
      { value: 't0', count: 120 },
      { value: 't1', count: 120 },
    ]);
    expect(values.meta.cut).toEqual({ shown: 2, total: 5 });
    const regions = await attributeValues(store, scope, { key: 'cloud.region' });
    expect(regions.items.map((item) => item.value)).toEqual(['eu', 'us']);
  });
  test('an empty range gives empty answers, not errors', async () => {
    const empty: Scope = { startMs: T - 1e10, endMs: T - 1e10 + 60_000, filters: [] };
    expect((await services(store, empty)).items).toEqual([]);
    expect((await graph(store, empty)).edges).toEqual([]);
    expect((await lost(store, empty)).coverage).toBeNull();
    expect((await counts(store, empty)).total).toBe(0);
    expect((await rates(store, empty, { by: 'none' })).series).toHaveLength(1);
    expect((await rates(store, empty, { by: 'edge' })).series).toEqual([]);
    expect((await latencyHistogram(store, empty)).latency).toBeNull();
    expect((await searchTraces(store, empty)).items).toEqual([]);
    expect((await criticalPath(store, empty)).traces).toBe(0);
    expect((await errors(store, empty)).items).toEqual([]);
    expect((await explain(store, empty, { what: 'slow' })).items).toEqual([]);
    expect(Overview.parse(await overview(store, empty))).toMatchObject({
      beforeCovered: false,
      dataSinceMs: null,
    });
    CompareAnswer.parse(await compare(store, empty));
  });
});
