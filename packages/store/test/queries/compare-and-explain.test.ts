import { CompareAnswer, ExplainAnswer, Overview } from '@clover/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compare } from '../../src/queries/compare.ts';
import { explain } from '../../src/queries/explain.ts';
import { overview } from '../../src/queries/overview.ts';
import type { TestStore } from './test-store.ts';
import { MINUTE, T, openShop, scope, spans, where } from './shop.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openShop();
});
afterAll(() => store.close());

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
