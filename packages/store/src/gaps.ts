// What sources could not give: times that answers about them must own up to.

import type { Engine } from './engine/engine.ts';
import type { Gap } from './store.ts';

/** A gap is known by its source, signal and start: one with the same is written over. */
export function recordGap(engine: Engine, gap: Gap, nowMs: number): Promise<void> {
  return engine.insertRows('gaps', [
    {
      source: gap.source,
      signal: gap.signal,
      start: new Date(gap.startMs).toISOString(),
      end: new Date(gap.endMs).toISOString(),
      reason: gap.reason.slice(0, 500),
      recorded: new Date(nowMs).toISOString(),
    },
  ]);
}

/** Ends the gaps of a source that begin at `fromMs` or later: it has given what lay in them. */
export async function closeGaps(
  engine: Engine,
  gap: Pick<Gap, 'source' | 'signal'> & { readonly fromMs: number },
  nowMs: number,
): Promise<void> {
  const open = await engine.query<{ at: number }>(
    `SELECT toUnixTimestamp64Milli(start) AS at FROM gaps FINAL
     WHERE source = {source:String} AND signal = {signal:String} AND end > start
       AND start >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')`,
    { source: gap.source, signal: gap.signal, from: Math.floor(gap.fromMs) },
  );
  for (const { at } of open)
    await recordGap(engine, { ...gap, startMs: at, endMs: at, reason: '' }, nowMs);
}
