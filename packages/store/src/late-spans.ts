// Spans that come when windows of their time are computed already may change calls in other minutes: those
// of the same traces. Such minutes have to be read raw, and computed again, from then on.

import type { SpanBatch } from '@clover/model';
import type { Engine } from './engine/engine.ts';
import { LOOKBACK_MS } from './queries/calls.ts';
import { MINUTE_MS } from './queries/ranges.ts';
import { timeCondition } from './queries/where.ts';
import { inline } from './queries/query-params.ts';

export interface LateSpans {
  /** Minutes (unix ms) that hold spans of the traces of which the batch brings late spans. */
  minutes(batch: SpanBatch): Promise<number[]>;
  /** Windows up to this minute (unix ms) are about to be computed. */
  computing(minute: number): void;
  forget(): void;
}

/** How long the newest computed minute is believed: other processes compute windows too. */
const BELIEVED_MS = 5000;
/** A call may reach into the next minutes. */
const MARGIN_MS = 2 * MINUTE_MS;
const IDS_A_QUERY = 5000;

export function createLateSpans(engine: Engine, clock: () => number): LateSpans {
  let newest = Number.NEGATIVE_INFINITY;
  let believedUntil = Number.NEGATIVE_INFINITY;
  let announced = Number.NEGATIVE_INFINITY;

  async function newestComputed(): Promise<number> {
    if (clock() < believedUntil) return Math.max(newest, announced);
    const [row] = await engine.query<{ newest: number }>(
      'SELECT toUnixTimestamp(max(minute)) AS newest FROM windows WHERE level = 60',
      {},
      { role: 'background' },
    );
    newest = row && row.newest > 0 ? row.newest * 1000 : Number.NEGATIVE_INFINITY;
    believedUntil = clock() + BELIEVED_MS;
    return Math.max(newest, announced);
  }

  return {
    async minutes(batch) {
      const late = lateTraces(batch, (await newestComputed()) + MARGIN_MS);
      const found = new Set<number>();
      const ids = [...late.ids];
      for (let at = 0; at < ids.length; at += IDS_A_QUERY) {
        const range = { startMs: late.firstMs - LOOKBACK_MS, endMs: late.lastMs + LOOKBACK_MS };
        const rows = await engine.query<{ minute: number }>(
          `SELECT DISTINCT toUnixTimestamp(toStartOfMinute(start)) AS minute FROM spans
           WHERE ${timeCondition(range, inline)}
             AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 16))`,
          { ids: ids.slice(at, at + IDS_A_QUERY) },
          { role: 'write' },
        );
        for (const { minute } of rows) found.add(minute * 1000);
      }
      return [...found];
    },
    computing(minute) {
      announced = Math.max(announced, minute);
    },
    forget() {
      announced = Number.NEGATIVE_INFINITY;
      newest = Number.NEGATIVE_INFINITY;
      believedUntil = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Trace ids (hex) of the spans that start before a time, and between which times they start. */
function lateTraces(
  batch: SpanBatch,
  beforeMs: number,
): { ids: Set<string>; firstMs: number; lastMs: number } {
  const ids = new Set<string>();
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  if (beforeMs === Number.NEGATIVE_INFINITY) return { ids, firstMs, lastMs };
  const before = BigInt(beforeMs) * 1_000_000n;
  const bytes = Buffer.from(
    batch.traceIds.buffer,
    batch.traceIds.byteOffset,
    batch.traceIds.byteLength,
  );
  for (let row = 0; row < batch.count; row++) {
    const start = batch.startTimesUnixNano[row]!;
    if (start >= before) continue;
    const ms = Number(start / 1_000_000n);
    firstMs = Math.min(firstMs, ms);
    lastMs = Math.max(lastMs, ms + 1);
    ids.add(bytes.toString('hex', row * 16, row * 16 + 16));
  }
  return { ids, firstMs, lastMs };
}
