import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { edges } from '../../src/queries/edges.ts';
import { lost } from '../../src/queries/lost.ts';
import { orphanSpans } from '../../src/queries/orphan-spans.ts';
import { ask } from '../../src/queries/question.ts';
import { services } from '../../src/queries/services.ts';
import { randomTraces } from './random-traces.ts';
import { openTestStore, type TestStore } from './test-store.ts';
import {
  distinctSpans,
  exactQuantile,
  isFailed,
  isServer,
  referenceEdges,
  referenceOrphans,
} from './reference.ts';
import type { TestSpan } from './test-spans.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const DAY = 86_400_000;
let cases = 0;

/** A range of its own for every case, hours apart from the others, so that one store serves all. */
function nextBase(): number {
  return Date.UTC(2026, 0, 1) + cases++ * (DAY / 4);
}

async function expectReference(
  spans: readonly TestSpan[],
  scope: { startMs: number; endMs: number },
) {
  const whole = { ...scope, filters: [] };
  const want = referenceEdges(spans);
  const [graphAnswer, lostAnswer, serviceAnswer] = [
    await edges(store, whole),
    await lost(store, whole),
    await services(store, whole),
  ];
  const round = (n: number) => Math.round(n * 1e6) / 1e6;
  expect(
    Object.fromEntries(
      graphAnswer.items.map((edge) => [
        `${edge.from} → ${edge.to}`,
        [edge.requests, edge.errors, edge.lost, edge.answeredByProxy].map(round),
      ]),
    ),
  ).toEqual(
    Object.fromEntries(
      [...want].map(([key, edge]) => [
        key,
        [edge.requests, edge.errors, edge.lost, edge.answeredByProxy].map(round),
      ]),
    ),
  );
  for (const edge of graphAnswer.items) {
    const values = want.get(`${edge.from} → ${edge.to}`)!.callee;
    if (values.length === 0) continue;
    const exact = exactQuantile(values, 0.95);
    expect(Math.abs(edge.latency!.p95Ns - exact)).toBeLessThanOrEqual(0.011 * exact + 1);
    expect(edge.latency!.maxNs).toBe(Math.max(...values.map(([ns]) => ns)));
    expect(edge.latency!.minNs).toBe(Math.min(...values.map(([ns]) => ns)));
  }
  for (const edge of lostAnswer.items) {
    const reference = want.get(`${edge.from} → ${edge.to}`)!;
    expect(
      [
        edge.sent,
        edge.received,
        edge.lost,
        edge.unanswered,
        edge.answeredByProxy,
        edge.untraced,
      ].map(round),
    ).toEqual(
      [
        reference.sent,
        reference.received,
        reference.lost,
        reference.unanswered,
        reference.answeredByProxy,
        reference.untraced,
      ].map(round),
    );
    expect(round(edge.sent)).toBe(
      round(edge.received + edge.lost + edge.unanswered + edge.answeredByProxy + edge.untraced),
    );
  }
  expect(round(lostAnswer.orphanSpans.count)).toBe(round(referenceOrphans(spans)));
  const inSlices = await orphanSpans(store, await ask(store, whole), 7);
  expect(round(inSlices.count)).toBe(round(lostAnswer.orphanSpans.count));
  expect(round(inSlices.ratio)).toBe(round(lostAnswer.orphanSpans.ratio));
  expect(inSlices.byService.map(({ service, count }) => [service, round(count)])).toEqual(
    lostAnswer.orphanSpans.byService.map(({ service, count }) => [service, round(count)]),
  );
  for (const item of serviceAnswer.items) {
    const own = distinctSpans(spans).filter((span) => span.service === item.service);
    const served = own.filter(isServer);
    expect(item.spans).toBe(own.length);
    if (served.length === 0) continue;
    const sum = (list: TestSpan[]) => list.reduce((total, span) => total + (span.weight ?? 1), 0);
    expect(round(item.requests)).toBe(round(sum(served)));
    expect(round(item.errors)).toBe(round(sum(served.filter(isFailed))));
    expect(round(item.requestSeries.reduce((a, b) => a + b, 0))).toBe(round(sum(served)));
    const exact = exactQuantile(
      served.map((span) => [span.durationNs, span.weight ?? 1]),
      0.99,
    );
    expect(Math.abs(item.latency!.p99Ns - exact)).toBeLessThanOrEqual(0.011 * exact + 1);
  }
}

describe('service graph, lost requests and RED equal the reference', () => {
  test('over random traces that arrive split, shuffled and repeated', async () => {
    expect.hasAssertions();
    await fc.assert(
      fc.asyncProperty(
        fc.constant(0).chain(() => {
          const base = nextBase();
          return fc.tuple(
            fc.constant(base),
            randomTraces(base, `case-${cases}`),
            fc.infiniteStream(fc.nat(1000)),
          );
        }),
        async ([base, spans, random]) => {
          const scope = { startMs: base, endMs: base + 200_000 };
          const next = () => random.next().value as number;
          const shuffled = [...spans, ...spans.filter(() => next() % 3 === 0)]
            .map((span) => ({ span, order: next() }))
            .toSorted((a, b) => a.order - b.order)
            .map(({ span }) => span);
          const parts = 1 + (next() % 3);
          for (let part = 0; part < parts; part++) {
            const batch = shuffled.filter((_, i) => i % parts === part);
            if (batch.length > 0) await store.insert(batch);
            // Windows are computed before, between and after: what comes later must correct them.
            if (next() % 3 > 0) await store.refreshRollups();
          }
          await expectReference(spans, scope);
        },
      ),
      { numRuns: 8, endOnFailure: true },
    );
  }, 300_000);
});

describe('single calls', () => {
  const server = (id: string, parent: string, service: string, more: Partial<TestSpan> = {}) =>
    ({
      trace: 't',
      id,
      parent,
      startMs: 0,
      durationNs: 1e6,
      kind: 'server',
      service,
      ...more,
    }) as TestSpan;
  const client = (id: string, parent: string, service: string, more: Partial<TestSpan> = {}) =>
    ({ ...server(id, parent, service, more), kind: 'client' }) as TestSpan;

  async function figures(spans: readonly TestSpan[]) {
    const base = nextBase();
    const placed = spans.map((span) => ({
      ...span,
      trace: `${span.trace}${base}`,
      startMs: base + span.startMs,
    }));
    await store.insert(placed);
    const answer = await lost(store, { startMs: base - 1000, endMs: base + 60_000, filters: [] });
    return Object.fromEntries(
      answer.items.map(({ from, to, proxyFlags, ...rest }) => [
        `${from} → ${to}`,
        {
          ...Object.fromEntries(
            Object.entries(rest).filter(([key, value]) => key !== 'exampleTraceIds' && value !== 0),
          ),
          ...(proxyFlags.length > 0 ? { proxyFlags } : {}),
        },
      ]),
    );
  }

  test('a client span with a server child was received', async () => {
    expect(await figures([client('c', '', 'a'), server('s', 'c', 'b')])).toEqual({
      'a → b': { sent: 1, received: 1, coverage: 1 },
    });
  });
  test('Zipkin’s two halves with one id are one call, and children belong to the server half', async () => {
    expect(
      await figures([
        client('x', '', 'a'),
        server('x', '', 'b'),
        client('y', 'x', 'b'),
        server('y', 'x', 'c'),
      ]),
    ).toEqual({
      'a → b': { sent: 1, received: 1, coverage: 1 },
      'b → c': { sent: 1, received: 1, coverage: 1 },
    });
  });
  test('a call to itself is an edge, an inner span is not', async () => {
    expect(
      await figures([
        server('s', '', 'a'),
        client('c', 's', 'a'),
        server('s2', 'c', 'a'),
        server('inner', 's2', 'a'),
      ]),
    ).toEqual({ 'a → a': { sent: 1, received: 1, coverage: 1 } });
  });
  test('a client span that hands on to another client span of its service is not a call of its own', async () => {
    expect(
      await figures([
        client('sdk', '', 'a'),
        client('sidecar', 'sdk', 'a'),
        server('s', 'sidecar', 'b'),
      ]),
    ).toEqual({ 'a → b': { sent: 1, received: 1, coverage: 1 } });
  });
  test('a span of another service without a server span proves that the request arrived', async () => {
    expect(
      await figures([client('c', '', 'a'), client('c2', 'c', 'b'), server('s', 'c2', 'x')]),
    ).toEqual({
      'a → b': { sent: 1, received: 1, coverage: 1 },
      'b → x': { sent: 1, received: 1, coverage: 1 },
    });
  });
  test('no server span: lost when the callee is traced, untraced when nobody traces it', async () => {
    const to = (peer: string) => ({ columns: { peer } });
    expect(
      await figures([
        client('c', '', 'a', to('b')),
        { ...server('s', '', 'b'), trace: 'other' },
        { ...client('c', '', 'a', to('api.example.com')), trace: 'third' },
      ]),
    ).toEqual({
      'a → b': { sent: 1, lost: 1 },
      'a → api.example.com': { sent: 1, untraced: 1, coverage: null },
    });
  });
  test('the host of a received call teaches which service it is', async () => {
    const to = { columns: { peer: '', urlHost: 'lb.internal' } };
    expect(
      await figures([
        client('c', '', 'a', to),
        server('s', 'c', 'b'),
        { ...client('c', '', 'a', to), trace: 'other' },
      ]),
    ).toEqual({ 'a → b': { sent: 2, received: 1, lost: 1, coverage: 0.5 } });
  });
  test('an injected abort was answered by the proxy, an injected delay was received', async () => {
    const flags = (responseFlags: string, httpStatus: number) => ({
      httpStatus,
      columns: { peer: 'b', responseFlags },
    });
    expect(
      await figures([
        client('c', '', 'a', flags('FI', 451)),
        { ...client('d', '', 'a', flags('DI', 200)), trace: 'u' },
        { ...server('s', 'd', 'b'), trace: 'u' },
        { ...client('e', '', 'a', flags('UF', 503)), trace: 'v' },
        { ...client('f', '', 'a', { status: 'error', columns: { peer: 'b' } }), trace: 'w' },
      ]),
    ).toEqual({
      'a → b': {
        sent: 4,
        received: 1,
        unanswered: 2,
        answeredByProxy: 1,
        coverage: 1 / 3,
        proxyFlags: [{ flag: 'FI', count: 1 }],
      },
    });
  });
  test('weights count: a sampled span stands for its requests', async () => {
    expect(
      await figures([client('c', '', 'a', { weight: 10 }), server('s', 'c', 'b', { weight: 10 })]),
    ).toEqual({ 'a → b': { sent: 10, received: 10, coverage: 1 } });
  });
});
