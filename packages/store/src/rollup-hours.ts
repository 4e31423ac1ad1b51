// The windows of an hour: RED without operations, for questions about days. Computed from the spans when
// the hour is over and none of its minutes waits; it holds until one of them is touched again. An hour whose
// touches have been forgotten is older than its spans: it stays as it is.

import type { Engine } from './engine/engine.ts';
import { HOUR_MS } from './queries/ranges.ts';
import { HOUR_COLUMNS, hourRowsFromSpans } from './queries/windows.ts';

const HOURS_AT_ONCE = 24;
const HOURS_A_CALL = 240;

/** Computes the hours that can be and are not yet, oldest first. One at a time with everything else that writes windows. */
export async function computeHours(engine: Engine, clock: () => number): Promise<void> {
  const hours = await readyHours(engine, clock());
  for (let at = 0; at < hours.length; at += HOURS_AT_ONCE)
    await compute(engine, hours.slice(at, at + HOURS_AT_ONCE), clock());
}

async function readyHours(engine: Engine, nowMs: number): Promise<number[]> {
  const rows = await engine.query<{ hour: number }>(
    `SELECT toUnixTimestamp(m.hour) AS hour
     FROM (SELECT toStartOfHour(minute) AS hour, sum(spans) AS spans
       FROM windows FINAL WHERE level = 60 GROUP BY hour) AS m
     LEFT ANY JOIN (SELECT minute AS hour, computed_at FROM windows FINAL WHERE level = 3600) AS h ON h.hour = m.hour
     LEFT ANY JOIN (SELECT toStartOfHour(t.minute) AS hour, max(t.until >= w.computed_at) AS dirty, max(t.until) AS until
       FROM (SELECT minute, max(until) AS until FROM touched_minutes GROUP BY minute) AS t
       LEFT ANY JOIN (SELECT minute, computed_at FROM windows FINAL WHERE level = 60) AS w ON w.minute = t.minute
       GROUP BY hour) AS d ON d.hour = m.hour
     WHERE m.spans > 0 AND toUnixTimestamp(d.until) > 0 AND d.dirty = 0 AND d.until >= h.computed_at AND toUnixTimestamp(m.hour) + 3600 <= {now:UInt32}
     ORDER BY hour LIMIT ${HOURS_A_CALL}`,
    { now: Math.floor(nowMs / 1000) },
    { role: 'background' },
  );
  return rows.map(({ hour }) => hour * 1000);
}

async function compute(engine: Engine, hours: readonly number[], nowMs: number): Promise<void> {
  const ranges = hours.map((hour) => ({ startMs: hour, endMs: hour + HOUR_MS }));
  await engine.command(
    `INSERT INTO red_hours (${HOUR_COLUMNS}, revision) SELECT ${HOUR_COLUMNS}, ${nowMs} FROM (${hourRowsFromSpans(ranges)})`,
    {},
    { role: 'background' },
  );
  await engine.insertRows(
    'windows',
    hours.map((hour) => ({
      level: 3600,
      minute: hour / 1000,
      revision: nowMs,
      spans: 0,
      duplicates: 0,
      has_red: 1,
      computed_at: new Date(nowMs).toISOString(),
    })),
  );
}
