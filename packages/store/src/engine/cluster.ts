// A ClickHouse server or cluster over HTTP, with the same SQL as the embedded engine.

import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { storeErrors } from '../errors.ts';
import type { StoreOptions } from '../store.ts';
import { clusterStatements } from './cluster-ddl.ts';
import { DATABASE } from './database.ts';
import { readableError } from './engine-error.ts';
import { timeoutOf, type Engine, type QueryOptions } from './engine.ts';

const WRITE_TIMEOUT_MS = timeoutOf({ role: 'write' });
const OPEN_CONNECTIONS = 16;
const QUERY_MEMORY_BYTES = 8 * 2 ** 30;

type ClusterOptions = NonNullable<StoreOptions['clickhouse']>;

/** Connects, and creates the database when it is missing. Throws `store.unreachable`. */
export async function openCluster(options: ClusterOptions): Promise<Engine> {
  const database = options.database ?? DATABASE;
  const setup = connect(options, 'default');
  let version: string;
  try {
    version = await scalar(setup, 'SELECT version() AS value');
    const on =
      options.cluster === undefined ? '' : ` ON CLUSTER \`${options.cluster.replaceAll('`', '')}\``;
    await setup.command({
      query: `CREATE DATABASE IF NOT EXISTS \`${database.replaceAll('`', '')}\`${on}`,
    });
  } catch (error) {
    throw storeErrors.unreachable(options.url, error);
  } finally {
    await setup.close();
  }
  return clusterEngine(connect(options, database), version, options.cluster);
}

function connect(options: ClusterOptions, database: string): ClickHouseClient {
  const { tls } = options;
  const ca = tls?.ca === undefined ? undefined : readFileSync(tls.ca);
  return createClient({
    url: options.url,
    database,
    application: 'clover',
    log: { level: ClickHouseLogLevel.OFF }, // errors reach the caller, who says them
    max_open_connections: OPEN_CONNECTIONS,
    request_timeout: WRITE_TIMEOUT_MS + 10_000,
    compression: { response: true, request: false },
    ...(options.user !== undefined && { username: options.user }),
    ...(options.password !== undefined && { password: options.password }),
    ...(ca && {
      tls:
        tls?.cert !== undefined && tls.key !== undefined
          ? { ca_cert: ca, cert: readFileSync(tls.cert), key: readFileSync(tls.key) }
          : { ca_cert: ca },
    }),
    clickhouse_settings: {
      output_format_json_quote_64bit_integers: 0,
      date_time_input_format: 'best_effort',
      join_use_nulls: 0,
      optimize_on_insert: 0,
      distributed_foreground_insert: 1, // an insert is answered when the shards have it
      distributed_product_mode: 'allow',
      do_not_merge_across_partitions_select_final: 1,
      max_memory_usage: String(QUERY_MEMORY_BYTES),
    },
  });
}

async function scalar(client: ClickHouseClient, query: string): Promise<string> {
  const rows = await (
    await client.query({ query, format: 'JSONEachRow' })
  ).json<{ value: string }>();
  return rows[0]?.value ?? '';
}

function clusterEngine(
  client: ClickHouseClient,
  version: string,
  cluster: string | undefined,
): Engine {
  async function guarded<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      throw readableError(error, timeoutMs);
    }
  }
  const command = async (
    query: string,
    params: Readonly<Record<string, unknown>>,
    options: QueryOptions,
  ) => {
    const timeoutMs = timeoutOf({ role: 'write', ...options });
    await guarded(
      client.command({
        query,
        query_params: { ...params },
        clickhouse_settings: { max_execution_time: timeoutMs / 1000 },
      }),
      timeoutMs,
    );
  };
  return {
    kind: 'cluster',
    version,
    async query<Row>(
      sql: string,
      params: Readonly<Record<string, unknown>>,
      options: QueryOptions = {},
    ) {
      const timeoutMs = timeoutOf(options);
      const asked = client.query({
        query: sql,
        query_params: { ...params },
        format: 'JSONEachRow',
        clickhouse_settings: { max_execution_time: timeoutMs / 1000 },
        ...(options.signal && { abort_signal: options.signal }),
      });
      const rows = guarded(
        asked.then((result) => result.json<Row>()),
        timeoutMs,
      );
      return (await rows) as Row[];
    },
    command: (sql, params = {}, options = {}) => command(sql, params, options),
    async ddl(statement) {
      for (const one of cluster === undefined ? [statement] : clusterStatements(statement, cluster))
        await command(one, {}, {});
    },
    async insertNative(table, block) {
      const names = block.columns.map(({ name }) => name).join(', ');
      const sent = client.exec({
        query: `INSERT INTO ${table} (${names}) FORMAT Native`,
        values: Readable.from([Buffer.from(block.bytes)]),
      });
      const { stream } = await guarded(sent, WRITE_TIMEOUT_MS);
      for await (const _ of stream) {
        // An answer that is not read keeps its connection.
      }
    },
    async insertRows(table, rows) {
      if (rows.length > 0)
        await guarded(
          client.insert({ table, values: [...rows], format: 'JSONEachRow' }),
          WRITE_TIMEOUT_MS,
        );
    },
    close: () => client.close(),
  };
}
