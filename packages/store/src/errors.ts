// Every failure of the store that a caller can expect, with what to do about it.
import { CloverError } from '@clover/model';

export const storeErrors = {
  newerSchema: (found: number, known: number): CloverError =>
    new CloverError(
      'store.newer_schema',
      `the store has schema ${found}, this Clover knows up to ${known}`,
      {
        hint: 'run the newer Clover that wrote it, or use another data directory',
        status: 500,
      },
    ),
  dataDirInUse: (dataDir: string, pid: number): CloverError =>
    new CloverError(
      'store.data_dir_in_use',
      `the data directory ${dataDir} is in use by process ${pid}`,
      {
        hint: 'stop that process or give another directory with --data',
        status: 500,
      },
    ),
  dataDirUnusable: (dataDir: string, cause: unknown): CloverError =>
    new CloverError('store.data_dir_unusable', `the data directory ${dataDir} cannot be used`, {
      hint: 'check that it exists, is writable and has free space',
      cause,
      status: 500,
    }),
  engineMissing: (cause: unknown): CloverError =>
    new CloverError('store.engine_missing', 'the embedded ClickHouse engine is not installed', {
      hint: 'it exists for Linux and macOS on x64 and arm64; elsewhere use --clickhouse URL',
      cause,
      status: 500,
    }),
  unreachable: (url: string, cause: unknown): CloverError =>
    new CloverError('store.unreachable', `ClickHouse at ${url} does not answer`, {
      hint: 'check the address, the user and the password',
      cause,
      status: 503,
    }),
  queryTimeout: (timeoutMs: number, cause?: unknown): CloverError =>
    new CloverError('store.query_timeout', `the query took longer than ${timeoutMs} ms`, {
      hint: 'narrow the time range or the filters',
      cause,
      status: 504,
    }),
  queryTooLarge: (cause: unknown): CloverError =>
    new CloverError('store.query_too_large', 'the query needs more memory than it may have', {
      hint: 'narrow the time range or the filters',
      cause,
      status: 422,
    }),
  queryFailed: (message: string, cause: unknown): CloverError =>
    new CloverError('store.query_failed', message, { cause, status: 500 }),
  queueFull: (waiting: number): CloverError =>
    new CloverError('store.too_many_queries', `${waiting} queries are already waiting`, {
      hint: 'try again in a moment',
      status: 429,
    }),
  writeFailed: (message: string, cause: unknown): CloverError =>
    new CloverError('store.write_failed', message, {
      hint: 'nothing was acknowledged: send it again',
      cause,
      status: 503,
    }),
  closed: (): CloverError =>
    new CloverError('store.closed', 'the store is closed', { status: 503 }),
  badParameter: (message: string): CloverError =>
    new CloverError('store.bad_parameter', message, { status: 500 }),
} as const;
