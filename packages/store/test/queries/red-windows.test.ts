// RED from the per-minute windows: worth it only where they sum many spans, so the data here is dense.
import type { Scope } from '@clover/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { counts } from '../../src/queries/counts.ts';
import { operations } from '../../src/queries/operations.ts';
import { rates } from '../../src/queries/rates.ts';
import { responseTimes } from '../../src/queries/response-times.ts';
import { services } from '../../src/queries/services.ts';
import { planWindows } from '../../src/queries/windows.ts';
import { exactQuantile, isFailed } from './reference.ts';
import type { TestSpan } from './test-spans.ts';
import { openTestStore, type TestStore } from './test-store.ts';

const T = Date.UTC(2026, 3, 1, 9);
const scope: Scope = { startMs: T + 20_000, endMs: T + 5 * 60_000 + 40_000, filters: [] };

/** `count` spans over six minutes of two services with two codes, weights and very different durations. */
function denseSpans(count: number, name: string): TestSpan[] {
  return Array.from({ length: count }, (_, i) => ({
    trace: `${name}-${i}`,
    id: 's',
    startMs: T + ((i * 7919) % 360_000),
    durationNs: 1000 + ((i * 104_729) % 1_000_003) * (1 + (i % 3) * 500),
    kind: 'server',
    service: i % 4 === 0 ? 'a' : 'b',
    httpStatus: i % 20 === 0 ? 500 : 200,
    weight: i % 5 === 0 ? 4 : 1,
    columns: { name: 'op', version: i % 3 === 0 ? 'v1' : 'v2' },
  }));
}

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

async function expectExact(spans: readonly TestSpan[]): Promise<void> {
  const inScope = spans.filter(
    (span) => span.startMs >= scope.startMs && span.startMs < scope.endMs,
  );
  const weight = (list: readonly TestSpan[]) =>
    list.reduce((sum, span) => sum + (span.weight ?? 1), 0);
  for (const version of ['v1', 'v2', undefined]) {
    const asked: Scope =
      version === undefined
        ? scope
        : { ...scope, filters: [{ key: 'version', operator: '=', value: version }] };
    const answer = await responseTimes(store, asked);
    expect(answer.items.map((item) => item.service).toSorted()).toEqual(['a', 'b']);
    for (const item of answer.items) {
      const own = inScope.filter(
        (span) =>
          span.service === item.service &&
          (version === undefined || span.columns?.version === version),
      );
      const values = own.map((span): [number, number] => [span.durationNs, span.weight ?? 1]);
      expect(item.requests).toBe(weight(own));
      expect(item.errors).toBe(weight(own.filter(isFailed)));
      expect(item.latency!.minNs).toBe(Math.min(...own.map((span) => span.durationNs)));
      expect(item.latency!.maxNs).toBe(Math.max(...own.map((span) => span.durationNs)));
      const exact = exactQuantile(values, 0.95);
      expect(Math.abs(item.latency!.p95Ns - exact)).toBeLessThanOrEqual(0.0101 * exact);
    }
  }
  const list = await services(store, scope);
  expect(list.items.map((item) => item.spans).reduce((x, y) => x + y, 0)).toBe(inScope.length);
  expect((await operations(store, scope)).items).toHaveLength(2);
  const classes = await counts(store, scope, { by: 'statusClass' });
  expect(classes.total).toBe(weight(inScope));
  const minutes = await rates(store, scope, { by: 'none', step: 60 });
  const perStep = minutes.series[0]!.requests.map((rate, i) => {
    const from = Math.max(minutes.timesMs[i]!, scope.startMs);
    const to = Math.min(minutes.timesMs[i]! + 60_000, scope.endMs);
    return Math.round((rate ?? 0) * ((to - from) / 1000));
  });
  expect(perStep).toEqual(
    minutes.timesMs.map((time) =>
      weight(inScope.filter((span) => span.startMs >= time && span.startMs < time + 60_000)),
    ),
  );
}

test('windows with raw ends, then with late and repeated spans, equal the reference', async () => {
  const first = denseSpans(6000, 'first');
  await store.insert(first);
  await expectExact(first);
  await store.refreshRollups();
  expect((await planWindows(store, scope)).red.minutes).not.toEqual([]);
  await expectExact(first);
  // Late spans, and the same ones again, in some of the minutes only.
  const late = denseSpans(800, 'late').filter((span) => span.startMs < T + 120_000);
  await store.insert([
    ...late,
    ...first.slice(0, 500).filter((span) => span.startMs < T + 120_000),
  ]);
  const dirty = await planWindows(store, scope);
  expect(dirty.red.raw.length).toBeGreaterThan(0);
  await expectExact([...first, ...late]);
  await store.refreshRollups();
  await expectExact([...first, ...late]);
}, 180_000);
