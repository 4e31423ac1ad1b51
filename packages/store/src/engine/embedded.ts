// ClickHouse in this process (chDB): nothing to install, one data directory.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { storeErrors } from '../errors.ts';
import { DATABASE } from './database.ts';
import { bindParameters, quote } from './bind-parameters.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { engineArguments } from './embedded-config.ts';
import { timeoutOf, type Engine, type QueryOptions } from './engine.ts';
import { readableError } from './engine-error.ts';
import { SessionQueue } from './session-queue.ts';

const QUERY_MEMORY_BYTES = 3 * 2 ** 30;
/** A group by or a sort that holds more goes on on disk. */
const SPILL_BYTES = 256 * 2 ** 20;
const WAITING_LIMIT = 256;

interface Session {
  queryAsync(sql: string, options?: { format?: string }): Promise<{ text(): string }>;
  close(): void;
}

/** A session and the time limit that is set in it. */
interface Worker {
  readonly session: Session;
  timeoutMs: number;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly readSessions: number;
}

/** Opens the engine on a directory that no other process uses. Throws `store.data_dir_in_use`, `store.engine_missing`. */
export async function openEmbedded(options: EmbeddedOptions): Promise<Engine> {
  const root = resolve(options.dataDir);
  const unlock = lockDataDir(root);
  try {
    const { Session } = await loadEngine();
    const spool = openSpool(root);
    const open = async (before: string[] = []): Promise<Worker> => {
      const session = new Session(join(root, 'clickhouse'), {
        connectionArgs: engineArguments(root),
      }) as Session;
      const setup = [...before, `USE ${DATABASE}`, ...SETTINGS.map((one) => `SET ${one}`)];
      await session.queryAsync(setup.join('; '));
      return { session, timeoutMs: 0 };
    };
    const first = await open([`CREATE DATABASE IF NOT EXISTS ${DATABASE}`]);
    const version = (await first.session.queryAsync('SELECT version()', { format: 'TSV' }))
      .text()
      .trim();
    const [second, background, ...read] = await Promise.all(
      Array.from({ length: 2 + options.readSessions }, () => open()),
    );
    const workers = { read, write: [first, second!], background: [background!] };
    return embeddedEngine({ version, spool, unlock, workers });
  } catch (error) {
    unlock();
    throw error;
  }
}

const SETTINGS = [
  `max_memory_usage = ${QUERY_MEMORY_BYTES}`,
  `max_bytes_before_external_group_by = ${SPILL_BYTES}`,
  `max_bytes_before_external_sort = ${SPILL_BYTES}`,
  'output_format_json_quote_64bit_integers = 0',
  'optimize_on_insert = 0', // repeats go at merges and FINAL: half the cost of an insert
  'max_insert_threads = 1',
  'max_threads = 2',
  'do_not_merge_across_partitions_select_final = 1',
  'use_skip_indexes_if_final = 1',
  'join_use_nulls = 0',
  "date_time_input_format = 'best_effort'",
];

async function loadEngine(): Promise<{ Session: new (path: string, options: object) => unknown }> {
  try {
    return (await import('chdb')) as unknown as {
      Session: new (path: string, options: object) => unknown;
    };
  } catch (error) {
    throw storeErrors.engineMissing(error);
  }
}

/** Blocks on their way into the engine: in memory where /dev/shm is, else in the data directory. Leftovers of a killed process go. */
function openSpool(root: string): { path(name: string): string; close(): void } {
  const name = `clover-${root.replaceAll(/[^\w]+/g, '-').slice(-80)}`;
  for (const parent of ['/dev/shm', root]) {
    const folder = join(parent, parent === root ? 'spool' : name);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (const left of readdirSync(folder)) rmSync(join(folder, left), { force: true });
      writeFileSync(join(folder, '.probe'), '');
      rmSync(join(folder, '.probe'));
      return {
        path: (file) => join(folder, file),
        close: () => rmSync(folder, { recursive: true, force: true }),
      };
    } catch (error) {
      if (parent === root) throw storeErrors.dataDirUnusable(root, error);
    }
  }
  throw new Error('unreachable');
}

interface Parts {
  readonly version: string;
  readonly spool: { path(name: string): string; close(): void };
  readonly unlock: () => void;
  readonly workers: Readonly<Record<'read' | 'write' | 'background', readonly Worker[]>>;
}

function embeddedEngine({ version, spool, unlock, workers }: Parts): Engine {
  const queues = {
    read: new SessionQueue(workers.read, WAITING_LIMIT),
    write: new SessionQueue(workers.write, WAITING_LIMIT),
    background: new SessionQueue(workers.background, WAITING_LIMIT),
  };
  let closed: Promise<void> | undefined;
  let blocks = 0;

  async function run(sql: string, options: QueryOptions, format?: string): Promise<string> {
    if (closed) throw storeErrors.closed();
    const { role = 'read' } = options;
    const timeoutMs = timeoutOf(options);
    return queues[role].run(async (worker) => {
      try {
        if (worker.timeoutMs !== timeoutMs) {
          await worker.session.queryAsync(`SET max_execution_time = ${timeoutMs / 1000}`);
          worker.timeoutMs = timeoutMs;
        }
        const result = await worker.session.queryAsync(sql, format ? { format } : {});
        return format ? result.text() : '';
      } catch (error) {
        throw readableError(error, timeoutMs);
      }
    }, options);
  }

  /**
   * As a SELECT from a file: to an INSERT with its data beside it the engine adds what this process
   * has on standard input.
   */
  async function insertFile(
    table: string,
    columns: readonly string[],
    bytes: Uint8Array | string,
    format: string,
  ): Promise<void> {
    const file = spool.path(`${process.pid}-${blocks++}`);
    const names = columns.join(', ');
    try {
      await writeFile(file, bytes);
      await run(
        `INSERT INTO ${table} (${names}) SELECT ${names} FROM file(${quote(file)}, ${format})`,
        { role: 'write' },
      );
    } finally {
      await rm(file, { force: true });
    }
  }

  return {
    kind: 'embedded',
    version,
    async query<Row>(
      sql: string,
      params: Readonly<Record<string, unknown>>,
      options: QueryOptions = {},
    ) {
      const text = await run(bindParameters(sql, params), options, 'JSONEachRow');
      return text === '' ? [] : (JSON.parse(`[${text.trimEnd().replaceAll('\n', ',')}]`) as Row[]);
    },
    async command(sql, params = {}, options = {}) {
      await run(bindParameters(sql, params), { role: 'write', ...options });
    },
    async ddl(statement) {
      await run(statement, { role: 'write' });
    },
    async insertNative(table, block) {
      const names = block.columns.map(({ name }) => name);
      const structure = block.columns.map(({ name, type }) => `${name} ${type}`).join(', ');
      await insertFile(table, names, block.bytes, `Native, ${quote(structure)}`);
    },
    async insertRows(table, rows) {
      if (rows.length === 0) return;
      const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
      const lines = rows.map((row) => JSON.stringify(row)).join('\n');
      await insertFile(table, names, lines, 'JSONEachRow'); // with the types and defaults of the table
    },
    close() {
      closed ??= (async () => {
        await Promise.all([queues.read.drain(), queues.write.drain(), queues.background.drain()]);
        for (const { session } of [...workers.read, ...workers.background, ...workers.write])
          session.close();
        spool.close();
        unlock();
      })();
      return closed;
    },
  };
}
