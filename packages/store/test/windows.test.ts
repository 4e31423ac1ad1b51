// Windows against the spans themselves: whatever order spans come in, however late or often, what the
// windows say is what the spans say.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore, type Store } from '../src/index.ts';
import { openEmbedded } from '../src/engine/embedded.ts';
import type { Engine } from '../src/engine/engine.ts';
import { edgeRowsFromSpans } from '../src/queries/calls.ts';
import {
  EDGE_COLUMNS,
  edgeRows,
  planWindows,
  redRows,
  redRowsFromSpans,
} from '../src/queries/windows.ts';
import { inline } from '../src/queries/query-params.ts';
import { createRollups } from '../src/rollups.ts';
import { randomTraces } from './queries/random-traces.ts';
import { spanBatchFrom, type TestSpan } from './queries/test-spans.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'clover-windows-'));
let nowMs = Date.now();
let store: Store;
beforeAll(async () => {
  // So few at once that minutes are computed a few traces at a time too.
  store = await openStore({
    dataDir,
    backgroundRollups: false,
    rollupSpansAtOnce: 12,
    clock: () => nowMs,
  });
});
afterAll(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true });
});

const HOUR = 3_600_000;
let cases = 0;
/** Long enough for every touch to have ended. */
const rest = () => (nowMs += 120_000);
const write = (spans: readonly TestSpan[]) => store.writeSpans(spanBatchFrom(spans));

async function rowsOf(sql: string, columns: string): Promise<string[]> {
  const rows = await store.select<Record<string, unknown>>(`SELECT ${columns} FROM (${sql})`);
  return rows.map((row) => JSON.stringify(sketchInOrder(row))).toSorted();
}

/** A sketch is a set of pairs: its order says nothing. */
function sketchInOrder(row: Record<string, unknown>): Record<string, unknown> {
  const sorted = { ...row };
  for (const prefix of ['', 'client_']) {
    const buckets = row[`${prefix}latency_buckets`] as number[] | undefined;
    const weights = row[`${prefix}latency_weights`] as number[] | undefined;
    if (!buckets || !weights) continue;
    sorted[`${prefix}latency_buckets`] = buckets
      .map((bucket, index) => `${bucket}:${weights[index]!.toFixed(6)}`)
      .toSorted();
    delete sorted[`${prefix}latency_weights`];
  }
  for (const [name, value] of Object.entries(sorted))
    if (typeof value === 'number') sorted[name] = Number(value.toPrecision(12));
  return sorted;
}

const MINUTE_KEYS = 'minute, service, version, namespace, name, kind, direction, http_status';
const HOUR_KEYS = 'service, version, namespace, kind, direction';

/** RED summed by some keys: how finely rows of windows or spans are cut before says nothing. */
async function summed(rows: string, keys: string): Promise<string[]> {
  const columns = `${keys}, n, w, e, ds, dmin, dmax, sketch.1 AS latency_buckets, sketch.2 AS latency_weights`;
  return rowsOf(
    `SELECT ${keys}, sum(spans) AS n, sum(requests) AS w, sum(errors) AS e, round(sum(duration_sum)) AS ds,
       min(duration_min) AS dmin, max(duration_max) AS dmax, sumMap(latency_buckets, latency_weights) AS sketch
     FROM (${rows}) GROUP BY ${keys}`,
    columns,
  );
}

async function expectWindowsToHold(range: { startMs: number; endMs: number }): Promise<void> {
  const plan = await planWindows(store, range);
  expect(plan.edges.minutes).not.toEqual([]);
  expect(plan.red.minutes).not.toEqual([]);
  expect(await summed(redRows(plan.red), MINUTE_KEYS)).toEqual(
    await summed(redRowsFromSpans([range]), MINUTE_KEYS),
  );
  const days = {
    startMs: Math.floor(range.startMs / HOUR) * HOUR - HOUR,
    endMs: Math.ceil(range.endMs / HOUR) * HOUR,
  };
  const byHour = (await planWindows(store, days)).redByHour;
  expect(byHour.hours).not.toEqual([]);
  expect(await summed(redRows(byHour), HOUR_KEYS)).toEqual(
    await summed(redRowsFromSpans([days]), HOUR_KEYS),
  );
  const raw = edgeRowsFromSpans([range], inline, { from: 'spans FINAL', judgeAll: true });
  expect(await rowsOf(edgeRows(plan.edges), EDGE_COLUMNS)).toEqual(await rowsOf(raw, EDGE_COLUMNS));
}

it('hold what the spans hold, split, shuffled, repeated and late', async () => {
  await fc.assert(
    fc.asyncProperty(
      randomTraces(0, 'w', 6),
      fc.array(fc.nat(3), { minLength: 60, maxLength: 60 }),
      async (traces, turns) => {
        const base = Date.UTC(2026, 0, 1) + cases++ * 6 * HOUR;
        const spans = traces.map((span) => ({
          ...span,
          trace: `${cases} ${span.trace}`,
          startMs: base + span.startMs,
        }));
        for (let turn = 0; turn < 4; turn++) {
          // Turn 3 brings some of the earlier ones again.
          const now = spans.filter(
            (_, index) => turns[index % 60] === turn || (turn === 3 && index % 5 === 0),
          );
          if (now.length > 0) await write(now);
          rest();
          await store.refreshRollups();
        }
        await expectWindowsToHold({ startMs: base - 10 * 60_000, endMs: base + 30 * 60_000 });
      },
    ),
    { numRuns: 5 },
  );
}, 180_000);

it('a minute of many different spans is read from them, beside minutes that are not', async () => {
  const start = Date.UTC(2026, 2, 1, 12);
  const span = (minute: number, i: number, name: string): TestSpan => ({
    trace: `sparse ${minute} ${i}`,
    id: 's',
    startMs: start + minute * 60_000 + i * 10,
    durationNs: 1e6 + i * 7919,
    kind: 'server',
    service: 'a',
    columns: { name },
  });
  const many = (minute: number) =>
    Array.from({ length: 300 }, (_, i) => span(minute, i, `op ${i}`));
  const alike = (minute: number) => Array.from({ length: 50 }, (_, i) => span(minute, i, 'op'));
  await write([...alike(0), ...many(1), ...alike(2), ...many(4)]);
  rest();
  await store.refreshRollups();
  const range = { startMs: start, endMs: start + 5 * 60_000 };
  const { red } = await planWindows(store, range);
  expect(red.raw).toEqual([
    { startMs: start + 60_000, endMs: start + 120_000 },
    { startMs: start + 240_000, endMs: start + 300_000 },
  ]);
  await expectWindowsToHold(range);
});

it('calls without client-side spans are joined a few traces at a time, over the end of the minute', async () => {
  const start = Date.UTC(2026, 2, 2, 12, 0, 58);
  const chain = (i: number): TestSpan[] =>
    ['a', 'b', 'b', 'c'].map((service, depth) => ({
      trace: `chain ${i}`,
      id: `${depth}`,
      ...(depth > 0 && { parent: `${depth - 1}` }),
      startMs: start + i * 50 + depth,
      durationNs: 1e6 * (4 - depth) + i,
      kind: depth === 2 ? 'internal' : 'server',
      service,
    }));
  const spans = Array.from({ length: 80 }, (_, i) => chain(i)).flat();
  await write(spans);
  await write(spans.slice(0, 100)); // again
  rest();
  await store.refreshRollups();
  const range = { startMs: start - 58_000, endMs: start + 62_000 };
  await expectWindowsToHold(range);
  const [row] = await store.select(
    `SELECT sum(requests) AS requests, sum(sent) AS sent FROM (${edgeRows((await planWindows(store, range)).edges)})`,
  );
  expect(row).toEqual({ requests: 160, sent: 160 });
});

const call = (name: string, startMs: number): [TestSpan, TestSpan] => [
  {
    trace: name,
    id: `${name} c`,
    startMs,
    durationNs: 5e6,
    kind: 'client',
    service: 'a',
    columns: { peer: 'b' },
  },
  {
    trace: name,
    id: `${name} s`,
    parent: `${name} c`,
    startMs: startMs + 40_000,
    durationNs: 3e6,
    kind: 'server',
    service: 'b',
  },
];
const received = async (range: { startMs: number; endMs: number }) => {
  const rows = await store.select<{ received: number; unmatched: number }>(
    `SELECT sum(received) AS received, sum(unmatched) AS unmatched FROM (${edgeRows((await planWindows(store, range)).edges)})`,
  );
  return rows[0];
};

it('a callee that comes an hour late takes its call back from the lost ones, minutes away', async () => {
  const start = Date.UTC(2026, 3, 1, 12, 0, 30);
  const range = { startMs: start - 30_000, endMs: start + 90_000 };
  const [client, server] = call('late', start);
  await write([client]);
  rest();
  await store.refreshRollups();
  expect(await received(range)).toEqual({ received: 0, unmatched: 1 });
  nowMs += HOUR;
  await write([server]);
  expect((await planWindows(store, range)).edges.raw.length).toBeGreaterThan(0);
  rest();
  await store.refreshRollups();
  expect((await planWindows(store, range)).edges.raw).toEqual([]);
  expect(await received(range)).toEqual({ received: 1, unmatched: 0 });
});

it('a minute that was touched and not computed is read from its spans, also by another process', async () => {
  const start = Date.UTC(2026, 4, 1, 12, 0, 5);
  const range = { startMs: start - 5000, endMs: start + 115_000 };
  await write(call('x', start));
  rest();
  await store.refreshRollups();
  await write(call('y', start + 1000));
  await store.close();
  // So few at once that minutes are computed a few traces at a time too.
  store = await openStore({
    dataDir,
    backgroundRollups: false,
    rollupSpansAtOnce: 12,
    clock: () => nowMs,
  });
  expect(await received(range)).toEqual({ received: 2, unmatched: 0 });
  rest();
  await store.refreshRollups();
  expect((await planWindows(store, range)).edges.minutes).toEqual([range]);
  expect(await received(range)).toEqual({ received: 2, unmatched: 0 });
  expect((await store.info()).dirtyMinutes).toBe(0);
});

it('minutes that cannot be computed leave the others be, and are tried again', async () => {
  const start = Date.UTC(2026, 5, 1, 12, 0, 5);
  const range = { startMs: start - 5000, endMs: start + 5 * 60_000 - 5000 };
  for (let minute = 0; minute < 5; minute++)
    for (let n = 0; n < 10; n++) await write(call(`${minute} ${n}`, start + minute * 60_000 + n));
  await store.close();
  const engine = await openEmbedded({ dataDir, readSessions: 1 });
  const poison = String(range.startMs + 2 * 60_000);
  const failing: Engine = {
    ...engine,
    async command(sql, ...rest) {
      if (sql.includes('INTO edge_minutes') && sql.includes(poison)) throw new Error('no memory');
      return engine.command(sql, ...rest);
    },
  };
  rest();
  const options = { clock: () => nowMs, spansAtOnce: 24 };
  const rollups = createRollups({ ...options, engine: failing });
  await expect(rollups.refresh()).rejects.toThrow('no memory');
  const left = await rollups.dirtyMinutes();
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(5);
  await rollups.close();
  rest();
  const later = createRollups({ ...options, engine });
  await later.refresh();
  expect(await later.dirtyMinutes()).toBe(0);
  await later.close();
  await engine.close();
  store = await openStore({ dataDir, backgroundRollups: false, clock: () => nowMs });
  expect(await received(range)).toEqual({ received: 50, unmatched: 0 });
  await expectWindowsToHold(range);
});

it('a minute that has failed waits, until it was computed after all', async () => {
  const start = Date.UTC(2026, 7, 1, 12, 0, 5);
  await write(call('one', start));
  await store.close();
  const engine = await openEmbedded({ dataDir, readSessions: 1 });
  let tries = 0;
  let fails = true;
  const rollups = createRollups({
    clock: () => nowMs,
    engine: {
      ...engine,
      async command(sql, ...args) {
        if (sql.includes('INTO edge_minutes')) tries++;
        if (sql.includes('INTO edge_minutes') && fails) throw new Error('no memory');
        return engine.command(sql, ...args);
      },
    },
  });
  const touch = () => rollups.touch(spanBatchFrom([call('two', start)[0]]));
  rest();
  await rollups.step();
  await rollups.step();
  expect(tries).toBe(1);
  nowMs += 30_000;
  await rollups.step();
  nowMs += 30_000;
  await rollups.step();
  expect(tries).toBe(2);
  fails = false;
  await rollups.refresh();
  expect(await rollups.dirtyMinutes()).toBe(0);
  await touch();
  rest();
  await rollups.step();
  expect(await rollups.dirtyMinutes()).toBe(0);
  await engine.close();
  store = await openStore({ dataDir, backgroundRollups: false, clock: () => nowMs });
});

it('a store that is closed computes no further', async () => {
  const start = Date.UTC(2026, 6, 1, 12, 0, 5);
  for (let minute = 0; minute < 5; minute++)
    await write(call(`${minute}`, start + minute * 60_000));
  await store.close();
  const engine = await openEmbedded({ dataDir, readSessions: 1 });
  rest();
  const rollups = createRollups({
    clock: () => nowMs,
    spansAtOnce: 1,
    engine: {
      ...engine,
      async insertRows(table, rows) {
        await engine.insertRows(table, rows);
        if (table === 'windows') closed ??= rollups.close();
      },
    },
  });
  let closed: Promise<void> | undefined;
  await expect(rollups.refresh()).rejects.toMatchObject({ code: 'store.closed' });
  await closed;
  const dirty = await rollups.dirtyMinutes();
  expect(dirty).toBeGreaterThan(0);
  await engine.close();
  store = await openStore({ dataDir, backgroundRollups: false, clock: () => nowMs });
  await store.refreshRollups();
  expect((await store.info()).dirtyMinutes).toBe(0);
});
