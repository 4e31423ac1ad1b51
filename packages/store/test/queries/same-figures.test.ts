// The same question asked in different ways has the same answer: rates, failures, URLs, tracked names.
import { readFileSync } from 'node:fs';
import { parseFilter, type Scope } from '@clover/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compare } from '../../src/queries/compare.ts';
import { distinct } from '../../src/queries/distinct.ts';
import { edges } from '../../src/queries/edges.ts';
import { errors } from '../../src/queries/errors.ts';
import { explain } from '../../src/queries/explain.ts';
import { graph } from '../../src/queries/graph.ts';
import { operations } from '../../src/queries/operations.ts';
import { overviewCalls } from '../../src/queries/overview-calls.ts';
import { overviewRequests } from '../../src/queries/overview-requests.ts';
import { overview } from '../../src/queries/overview.ts';
import { rates } from '../../src/queries/rates.ts';
import { responseTimes } from '../../src/queries/response-times.ts';
import { searchTraces } from '../../src/queries/search-traces.ts';
import { services } from '../../src/queries/services.ts';
import { systemCounts } from '../../src/queries/system-counts.ts';
import { traceDetail } from '../../src/queries/trace-detail.ts';
import { openTestStore, type TestStore } from './test-store.ts';
import { hexId, type TestSpan } from './test-spans.ts';

const T = Date.UTC(2026, 2, 3, 12);
const MINUTE = 60_000;
const said = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
/** 800 requests in the last 20 s of 15 minutes: outside → front → back, every 10th not found by back, every 40th failing there. */
const scope: Scope = { startMs: T - 15 * MINUTE + 20_000, endMs: T + 20_000, filters: [] };

function requests(startMs: number, count: number, seconds: number): TestSpan[] {
  return Array.from({ length: count }, (_, i): TestSpan[] => {
    const at = startMs + (i * seconds * 1000) / count;
    const code = i % 40 === 0 ? 503 : i % 10 === 1 ? 404 : 200;
    const trace = `r-${startMs}-${i}`;
    const http = { httpMethod: 'GET', urlTemplate: '/x' };
    const node = `pod-${i % 2}`;
    return [
      {
        trace,
        id: 'f',
        startMs: at,
        durationNs: 9e6,
        kind: 'server',
        service: 'front.default',
        httpStatus: code === 503 ? 502 : code,
        columns: { name: 'GET /x', urlHost: 'front', node: 'pod-f', ...http },
        resource: { 'service.instance.id': 'pod-f', 'process.pid': '7' },
      },
      {
        trace,
        id: 'c',
        parent: 'f',
        startMs: at + 1,
        durationNs: 7e6,
        kind: 'client',
        service: 'front.default',
        httpStatus: code,
        // OpenTelemetry: a client span's status is error from 400 on, a server span's from 500 on.
        status: code >= 400 ? 'error' : 'unset',
        columns: { name: 'GET', peer: 'back', urlHost: 'back:9180', ...http },
      },
      {
        trace,
        id: 'b',
        parent: 'c',
        startMs: at + 2,
        durationNs: 5e6,
        kind: 'server',
        service: 'back',
        httpStatus: code,
        status: code >= 500 ? 'error' : 'unset',
        columns: { name: 'GET /x', urlHost: 'back', node, ...http },
        attributes: { 'request.id': `id-${i}`, 'server.shard': node.replace('pod', 'shard') },
        resource: { 'service.instance.id': node, 'process.pid': `${100 + (i % 2)}` },
      },
    ];
  }).flat();
}

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await store.insert(requests(T, 800, 20));
});
afterAll(() => store.close());

describe('rates', () => {
  test('count from the first span where there was none before, and every answer says since when', async () => {
    const since = new Date(T).toISOString();
    const [list, calls, map, ops, times, board] = await Promise.all([
      services(store, scope),
      edges(store, scope),
      graph(store, scope),
      operations(store, scope),
      responseTimes(store, scope),
      overview(store, scope),
    ]);
    for (const answer of [list, calls, map, ops, times, board])
      expect(answer.meta.ratesSince).toBe(since);
    const back = [
      list.items.find((one) => one.service === 'back'),
      calls.items.find((one) => one.to === 'back'),
      map.nodes.find((one) => one.service === 'back'),
      map.edges.find((one) => one.to === 'back'),
      ops.items.find((one) => one.service === 'back'),
      times.items.find((one) => one.service === 'back'),
    ];
    for (const one of back) expect(one!.ratePerSecond).toBeCloseTo(40, 6);
    expect(board.now.ratePerSecond).toBeCloseTo(80, 6);
    const chart = await rates(store, scope, { by: 'service', step: 5 });
    const series = chart.series.find((one) => one.key === 'back')!;
    expect(Math.max(...series.requests.map((value) => value ?? 0))).toBeCloseTo(40, 6);
  });
  test('are over the whole range where spans came before it, however late its first one is', async () => {
    const later: Scope = { startMs: T + MINUTE, endMs: T + 21 * MINUTE, filters: [] };
    await store.insert([
      {
        trace: 'one',
        id: 'o',
        startMs: T + 20 * MINUTE,
        durationNs: 1e6,
        kind: 'server',
        service: 'rare',
      },
    ]);
    const answer = await services(store, later);
    expect(answer.meta.ratesSince).toBeUndefined();
    expect(answer.items[0]!.ratePerSecond).toBeCloseTo(1 / 1200, 9);
  });
});

describe('the parts of the overview', () => {
  test('are the overview', async () => {
    const [whole, requests, calls] = await Promise.all([
      overview(store, scope),
      overviewRequests(store, scope),
      overviewCalls(store, scope),
    ]);
    const { meta: _, series, changes, ...others } = requests;
    expect(whole).toMatchObject({ ...others, entry: calls.entry, lost: calls.lost });
    expect(whole.series.map(({ lost: __, ...one }) => one)).toEqual(series);
    expect(whole.series.map(({ timeMs, lost }) => ({ timeMs, lost }))).toEqual(calls.lostSeries);
    expect(whole.changes).toHaveLength(changes.length + calls.changes.length);
  });
});

describe('requests from outside', () => {
  test('count once, those between services do not; the sum over services stands beside them', async () => {
    const board = await overview(store, scope);
    expect(board.entry!.now).toEqual({ requests: 800, ratePerSecond: 40 });
    expect(board.now.requests).toBe(1600);
    const part = { ...scope, filters: [parseFilter('service=back')] };
    expect((await overview(store, part)).entry).toBeNull();
  });
});

describe('a client’s 404', () => {
  test('is a failure nowhere; a 5xx is one everywhere', async () => {
    const back = { ...scope, filters: [parseFilter('service=back')] };
    const [list, calls, perEdge, grouped, explained, found] = await Promise.all([
      services(store, scope),
      edges(store, scope),
      rates(store, scope, { by: 'edge', step: 60 }),
      errors(store, scope),
      explain(store, back),
      searchTraces(store, scope, { status: 'error', limit: 100 }),
    ]);
    expect(list.items.map((one) => [one.service, one.errors])).toEqual([
      ['back', 20],
      ['front.default', 20],
    ]);
    expect(calls.items.map((one) => [one.to, one.errors])).toEqual([['back', 20]]);
    expect(
      perEdge.series[0]!.errors.reduce<number>((sum, one) => sum + (one ?? 0) * 60, 0),
    ).toBeLessThan(61);
    expect(grouped.items.reduce((sum, one) => sum + one.count, 0)).toBe(20);
    expect(explained.selected).toBe(20);
    expect(found.items).toHaveLength(20);
    const trace = await traceDetail(store, hexId(`r-${T}-1`, 16));
    expect(trace.spans.map((span) => [span.httpStatusCode, span.failed])).toEqual([
      [404, false],
      [404, false],
      [404, false],
    ]);
  });
});

describe('distinct URLs', () => {
  test('are the callee’s: a caller’s host and port do not make another one', async () => {
    const answer = await distinct(store, scope);
    expect(answer.urls.values.map((one) => one.value)).toEqual(['back/x', 'front/x']);
    expect(answer.urls.values.map((one) => one.count)).toEqual([800, 800]);
  });
});

describe('tracked services', () => {
  test('are those of the example file, however their names are spelt', async () => {
    const yaml = readFileSync(
      new URL('../../../../examples/visibility/metrics.yaml', import.meta.url),
      'utf8',
    );
    const tracked = [...yaml.matchAll(/- name: (\S+)/g)].map((match) => match[1]!);
    const at = T + 300 * MINUTE;
    const names = ['proxy-access-control', 'clover-server1.default', 'clover-server2', 'http-lb'];
    await store.insert(
      names.map((service, i) => ({
        trace: service,
        id: 's',
        startMs: at + i,
        durationNs: 1e6,
        kind: 'server' as const,
        service,
      })),
    );
    const own: Scope = { startMs: at, endMs: at + MINUTE, filters: [] };
    const list = await services(store, own, { tracked });
    expect(new Map(list.items.map((one) => [one.service, one.tracked]))).toEqual(
      new Map([
        ['proxy-access-control', true],
        ['clover-server1.default', true],
        ['clover-server2', true],
        ['http-lb', false],
      ]),
    );
    expect((await systemCounts(store, own, { tracked })).servicesTracked).toBe(3);
  });
});

describe('explain', () => {
  test('names attributes of the very same spans once, no ids, and says what it left out', async () => {
    const at = T + 600 * MINUTE;
    const spans = requests(at, 800, 20).map((span, i) =>
      span.service === 'back'
        ? {
            ...span,
            status:
              span.columns!.node === 'pod-1' && i % 4 < 3 ? ('error' as const) : ('unset' as const),
            httpStatus: 0,
          }
        : span,
    );
    await store.insert(spans);
    const own: Scope = { startMs: at, endMs: at + 20_000, filters: [parseFilter('service=back')] };
    const answer = await explain(store, own);
    const node = answer.items.find((one) => one.key === 'node' && one.value === 'pod-1')!;
    expect(node.also).toEqual([
      { key: 'server.shard', value: 'shard-1' },
      { key: 'service.instance.id', value: 'pod-1' },
    ]);
    const keys = answer.items.flatMap((one) => [one.key, ...one.also.map(({ key }) => key)]);
    expect(keys).not.toContain('process.pid');
    expect(keys).not.toContain('request.id');
    expect(answer.meta.notes.join()).toContain('more than 500 values: request.id');
  });
  test('finds a rare cause among thousands of frequent values', async () => {
    const at = T + 900 * MINUTE;
    await store.insert(
      Array.from({ length: 3000 }, (_, i): TestSpan => ({
        trace: `rare-${i}`,
        id: 's',
        startMs: at + i,
        durationNs: 1e6,
        kind: 'server',
        service: 'wide',
        httpStatus: i < 30 ? 500 : 200,
        attributes: {
          ...Object.fromEntries(
            Array.from({ length: 250 }, (_unused, k) => [`noise.${k}`, `${(i + k) % 10}`]),
          ),
          ...(i < 25 ? { 'cause.flag': 'on' } : {}),
        },
      })),
    );
    const answer = await explain(store, { startMs: at, endMs: at + MINUTE, filters: [] });
    expect(answer.items.map((one) => one.key)).toContain('cause.flag');
    expect(answer.meta.notes.join()).toMatch(/of 25\d\d attribute values the 2000/);
  });
});

describe('compare', () => {
  test('with an empty side says so and claims nothing', async () => {
    const answer = await compare(store, scope, { aVersion: 'none', bFilter: ['service=back'] });
    expect(answer.a.spans).toBe(0);
    expect([answer.changes, answer.newEdges, answer.vanishedEdges, answer.explains]).toEqual([
      [],
      [],
      [],
      [],
    ]);
    expect(answer.notes.join()).toContain('A has no requests');
  });
});

describe('a search', () => {
  test('says that there are more traces than it shows', async () => {
    const some = await searchTraces(store, scope, { limit: 5 });
    expect(some.meta.cut).toEqual({ shown: 5, total: 6, atLeast: true });
    const all = await searchTraces(store, scope, { limit: 1000 });
    expect(all.meta.cut).toBeUndefined();
  });
});

describe('what is missing', () => {
  test('is said by answers about it: spans refused, metrics refused, and what a pull could not get', async () => {
    const now = Math.floor(Date.now() / MINUTE) * MINUTE;
    const quiet: Scope = { startMs: now - 15 * MINUTE, endMs: now, filters: [] };
    const timeMs = quiet.startMs + MINUTE;
    const complete = async () => (await services(store, quiet)).meta.complete;
    expect(await complete()).toBe(true);
    await store.recordRefusals([
      { timeMs, source: 'remote-write', signal: 'metrics', reason: 'remote write: 400', count: 1 },
    ]);
    expect(await complete()).toBe(true);
    const gap = {
      source: 'jaeger',
      signal: 'traces' as const,
      startMs: timeMs,
      endMs: timeMs + MINUTE,
      reason: 'connection refused',
    };
    await store.recordGap(gap);
    const { meta } = await services(store, quiet);
    expect(meta.complete).toBe(false);
    expect(meta.notes).toEqual([
      `jaeger has not given everything from ${said(timeMs)} to ${said(timeMs + MINUTE)}: connection refused`,
    ]);
    await store.recordGap({ ...gap, endMs: timeMs + 2 * MINUTE });
    expect((await services(store, quiet)).meta.notes).toHaveLength(1);
    await store.closeGaps({ source: 'jaeger', signal: 'traces', fromMs: timeMs + 1 });
    expect(await complete()).toBe(false);
    await store.closeGaps({ source: 'jaeger', signal: 'traces', fromMs: timeMs });
    expect(await complete()).toBe(true);
    await store.recordRefusals([
      { timeMs, source: 'otlp-http', signal: 'traces', reason: 'malformed', count: 1 },
    ]);
    expect(await complete()).toBe(false);
  });
});
