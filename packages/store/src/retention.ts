// How long each kind of data is kept, as TTLs of the tables.

import type { Engine } from './engine/engine.ts';
import type { Retention } from './store.ts';

/** The settings' defaults, for whoever opens a store without settings. */
export const DEFAULT_RETENTION: Retention = { spansDays: 7, rollupsDays: 30, metricsDays: 15 };

/** 54 years. A DateTime ends in 2106 and wraps around: a longer TTL would drop everything at once. */
const LONGEST_DAYS = 20_000;

const TABLES: readonly {
  readonly table: string;
  readonly column: string;
  readonly kind: keyof Retention;
}[] = [
  { table: 'spans', column: 'arrived', kind: 'spansDays' },
  { table: 'resources', column: 'day', kind: 'spansDays' },
  { table: 'trace_index', column: 'arrived', kind: 'spansDays' },
  { table: 'attribute_keys', column: 'day', kind: 'spansDays' },
  { table: 'refusals', column: 'time', kind: 'rollupsDays' },
  { table: 'gaps', column: 'recorded', kind: 'rollupsDays' },
  { table: 'touched_minutes', column: 'arrived', kind: 'spansDays' },
  { table: 'windows', column: 'computed_at', kind: 'rollupsDays' },
  { table: 'red_minutes', column: 'arrived', kind: 'rollupsDays' },
  { table: 'red_hours', column: 'arrived', kind: 'rollupsDays' },
  { table: 'edge_minutes', column: 'arrived', kind: 'rollupsDays' },
  { table: 'ids_alerts', column: 'arrived', kind: 'rollupsDays' },
  { table: 'uploads', column: 'arrived', kind: 'rollupsDays' },
  { table: 'metric_series', column: 'day', kind: 'metricsDays' },
  { table: 'metric_points', column: 'arrived', kind: 'metricsDays' },
];

/** `ALTER TABLE … MODIFY TTL` for each table; days count from the day's start, whole partitions go. */
export function retentionStatements(
  retention: Retention,
): { table: string; ttl: string; statement: string }[] {
  return TABLES.map(({ table, column, kind }) => {
    // A series is written once a day while it lives, and a minute's touch comes before its spans: they must
    // outlast the last of their points and spans by a day.
    const days = Math.min(LONGEST_DAYS, Math.max(1, Math.ceil(retention[kind])));
    const ttl = `toDateTime(${column}) + toIntervalDay(${days + (table === 'touched_minutes' ? 2 : 1)})`;
    return { table, ttl, statement: `ALTER TABLE ${table} MODIFY TTL ${ttl}` };
  });
}

/** Sets the TTLs that differ from those in force. */
export async function applyRetention(engine: Engine, retention: Retention): Promise<void> {
  const tables = await engine.query<{ name: string; ddl: string }>(
    'SELECT name, create_table_query AS ddl FROM system.tables WHERE database = currentDatabase()',
    {},
    { role: 'write' },
  );
  for (const { table, ttl, statement } of retentionStatements(retention)) {
    if (tables.some((one) => one.name === table && one.ddl.includes(`TTL ${ttl}`))) continue;
    await engine.ddl(statement);
  }
}
