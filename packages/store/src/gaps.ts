// What sources could not give: times that answers about them must own up to.

import type { Engine } from './engine/engine.ts';
import type { Gap } from './store.ts';

/** A gap is known by its source, signal and start: one with the same is written over. */
export async function recordGap(engine: Engine, gap: Gap, nowMs: number): Promise<void> {
  await writeGaps(engine, [gap], nowMs);
}

/**
 * Takes what lies at `fromMs` and later out of the gaps of a source: it has given that. One that begins before
 * ends there; one that begins there or later is none any more.
 */
export async function closeGaps(
  engine: Engine,
  { source, signal, fromMs }: Pick<Gap, 'source' | 'signal'> & { readonly fromMs: number },
  nowMs: number,
): Promise<void> {
  // A source whose clock is ahead may have been asked from a time that is still to come.
  const from = Math.floor(Math.min(fromMs, nowMs));
  const open = await engine.query<Gap>(
    `${GAPS} WHERE source = {source:String} AND signal = {signal:String} AND end > start
       AND end > fromUnixTimestamp64Milli({from:Int64}, 'UTC')`,
    { source, signal, from },
  );
  const rest = open.map((gap) => ({ ...gap, endMs: Math.max(gap.startMs, from) }));
  await writeGaps(engine, rest, nowMs);
}

/**
 * For a start, before anything is asked: gaps that a process that died left open. An open gap reaches a little
 * ahead of the last failure, past the next try, so its own end covers the time until that process died. The time
 * from then on is not added, however long it is: nobody asked, so nothing says that the source would not have
 * given it. What reaches past `nowMs` ends there: what comes is the gap of who fails then.
 */
export async function endLeftGaps(engine: Engine, nowMs: number): Promise<void> {
  const left = await engine.query<Gap>(
    `${GAPS} WHERE end > fromUnixTimestamp64Milli({now:Int64}, 'UTC')
       AND start < fromUnixTimestamp64Milli({now:Int64}, 'UTC')`,
    { now: nowMs },
  );
  const ended = left.map((gap) => ({ ...gap, endMs: nowMs }));
  await writeGaps(engine, ended, nowMs);
}

const GAPS = `SELECT toString(source) AS source, toString(signal) AS signal, reason,
    toFloat64(toUnixTimestamp64Milli(start)) AS startMs, toFloat64(toUnixTimestamp64Milli(end)) AS endMs
  FROM gaps FINAL`;

async function writeGaps(engine: Engine, gaps: readonly Gap[], nowMs: number): Promise<void> {
  if (gaps.length === 0) return;
  const recorded = new Date(nowMs).toISOString();
  await engine.insertRows(
    'gaps',
    gaps.map((gap) => ({
      source: gap.source,
      signal: gap.signal,
      start: new Date(gap.startMs).toISOString(),
      end: new Date(gap.endMs).toISOString(),
      reason: gap.reason.slice(0, 500),
      recorded,
    })),
  );
}
