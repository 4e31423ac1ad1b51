// What the store needs of ClickHouse, whether it runs in this process or elsewhere.

export const READ_TIMEOUT_MS = 30_000;
/** A rollup, a write or a migration may take its time. */
const OTHER_TIMEOUT_MS = 600_000;

/** How long a statement may take. */
export function timeoutOf({ timeoutMs, role = 'read' }: QueryOptions): number {
  return timeoutMs ?? (role === 'read' ? READ_TIMEOUT_MS : OTHER_TIMEOUT_MS);
}

export interface QueryOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Readers ask for people, `background` computes rollups: neither waits for the other, or for writes. */
  readonly role?: 'read' | 'write' | 'background';
  /** Takes seconds where there is much: such queries leave a session to the others. */
  readonly heavy?: boolean;
}

export interface Engine {
  readonly kind: 'embedded' | 'cluster';
  /** Such as `26.7.3.1`. */
  readonly version: string;
  /** Rows of a SELECT. 64-bit integers come as numbers. */
  query<Row>(
    sql: string,
    params: Readonly<Record<string, unknown>>,
    options?: QueryOptions,
  ): Promise<Row[]>;
  command(
    sql: string,
    params?: Readonly<Record<string, unknown>>,
    options?: QueryOptions,
  ): Promise<void>;
  /** Runs a statement of the schema, on a cluster on all its servers. */
  ddl(statement: string): Promise<void>;
  /** Inserts one block in ClickHouse's Native format. Resolves when it is durable against a kill of any process. */
  insertNative(table: string, block: NativeBlock): Promise<void>;
  /** Inserts a few rows of small tables, as objects. */
  insertRows(table: string, rows: readonly object[]): Promise<void>;
  close(): Promise<void>;
}

export interface NativeBlock {
  readonly bytes: Uint8Array;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: number;
}
