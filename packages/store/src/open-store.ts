// The store put together: an engine, its schema, its writers.

import type { Engine } from './engine/engine.ts';
import { storeErrors } from './errors.ts';
import { createAttributeKeyWriter } from './attribute-keys.ts';
import { closeGaps, endLeftGaps, recordGap } from './gaps.ts';
import { createMetricWriter } from './metrics.ts';
import { migrate, SCHEMA } from './migrate.ts';
import { spanBlock } from './native/span-block.ts';
import { writeAlerts, writeUploads } from './reports.ts';
import { createResourceWriter } from './resources.ts';
import { createRollups, type Rollups } from './rollups.ts';
import { applyRetention, DEFAULT_RETENTION } from './retention.ts';
import type { Store, StoreInfo, StoreOptions } from './store.ts';

const DEFAULT_READ_SESSIONS = 2;
const SPAN_TABLES = [
  'spans',
  'resources',
  'trace_index',
  'attribute_keys',
  'windows',
  'touched_minutes',
  'red_minutes',
  'red_hours',
  'edge_minutes',
  'refusals',
  'gaps',
];
const METRIC_TABLES = ['metric_series', 'metric_points'];

/**
 * Opens the store and brings its schema up to date. Throws `store.data_dir_in_use`, `store.newer_schema`,
 * `store.unreachable`, `store.engine_missing`, `store.data_dir_unusable`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const engine = await openEngine(options);
  try {
    await migrate(engine);
    await applyRetention(engine, { ...DEFAULT_RETENTION, ...options.retention });
    return createStore(engine, options);
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function openEngine(options: StoreOptions): Promise<Engine> {
  if (options.clickhouse) {
    const { openCluster } = await import('./engine/cluster.ts');
    return openCluster(options.clickhouse);
  }
  if (options.dataDir === undefined)
    throw storeErrors.badParameter('the embedded store needs a data directory');
  const { openEmbedded } = await import('./engine/embedded.ts');
  return openEmbedded({
    dataDir: options.dataDir,
    readSessions: options.readSessions ?? DEFAULT_READ_SESSIONS,
  });
}

function createStore(engine: Engine, options: StoreOptions): Store {
  const clock = options.clock ?? Date.now;
  const resources = createResourceWriter(engine, clock);
  const attributeKeys = createAttributeKeyWriter(engine, clock);
  const metrics = createMetricWriter(engine, clock);
  const rollups = createRollups({
    engine,
    clock,
    logger: options.logger,
    spansAtOnce: options.rollupSpansAtOnce,
  });
  if (options.backgroundRollups !== false) rollups.start();
  return {
    kind: engine.kind,
    async writeSpans(batch) {
      if (batch.count === 0) return;
      const [resourceIds] = await Promise.all([resources.write(batch), rollups.touch(batch)]);
      await engine.insertNative('spans', spanBlock(batch, resourceIds));
      await attributeKeys.write(batch);
    },
    writeMetrics: (batch) => metrics.write(batch),
    async recordRefusals(rows) {
      await engine.insertRows(
        'refusals',
        rows.map((one) => ({
          time: new Date(one.timeMs).toISOString(),
          source: one.source,
          signal: one.signal,
          reason: one.reason,
          count: one.count,
        })),
      );
    },
    recordGap: (gap) => recordGap(engine, gap, clock()),
    closeGaps: (gaps) => closeGaps(engine, gaps, clock()),
    endLeftGaps: () => endLeftGaps(engine, clock()),
    writeAlerts: (alerts) => writeAlerts(engine, alerts),
    writeUploads: (uploads) => writeUploads(engine, uploads),
    select: (sql, params = {}, selectOptions = {}) => engine.query(sql, params, selectOptions),
    command: (sql, params = {}) => engine.command(sql, params),
    async getState<T>(key: string) {
      const [row] = await engine.query<{ value: string }>(
        'SELECT value FROM state FINAL WHERE key = {key:String}',
        { key },
      );
      return row ? (JSON.parse(row.value) as T) : undefined;
    },
    async putState(key, value) {
      await engine.insertRows('state', [
        { key, value: JSON.stringify(value), updated: new Date(clock()).toISOString() },
      ]);
    },
    refreshRollups: () => rollups.refresh(),
    async clear(what) {
      const tables = [
        ...(what.includes('spans') ? SPAN_TABLES : []),
        ...(what.includes('metrics') ? METRIC_TABLES : []),
      ];
      for (const table of tables) await engine.ddl(`TRUNCATE TABLE ${table}`);
      if (what.includes('spans')) {
        resources.forget();
        attributeKeys.forget();
        rollups.forget();
      }
      if (what.includes('metrics')) metrics.forget();
    },
    info: () => storeInfo(engine, rollups),
    async close() {
      await rollups.close();
      await engine.close();
    },
  };
}

async function storeInfo(engine: Engine, rollups: Rollups): Promise<StoreInfo> {
  const tables = await engine.query<StoreInfo['tables'][number]>(
    `SELECT table AS name, sum(rows) AS rows, sum(bytes_on_disk) AS bytesOnDisk, count() AS parts
     FROM system.parts WHERE database = currentDatabase() AND active GROUP BY table ORDER BY table`,
    {},
  );
  return {
    engine: `ClickHouse ${engine.version} (${engine.kind})`,
    schema: SCHEMA,
    bytesOnDisk: tables.reduce((sum, one) => sum + one.bytesOnDisk, 0),
    tables,
    dirtyMinutes: await rollups.dirtyMinutes(),
  };
}
