// SpanBatches for tests, from plain objects.

import { STRING_COLUMNS, type SpanBatch, type StringColumnName } from '@clover/model';

export interface TestRow {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startUnixNano: bigint;
  readonly durationNs?: bigint;
  /** OTLP's number; 2 (server) when not given. */
  readonly kind?: number;
  readonly status?: number;
  readonly direction?: number;
  readonly httpStatus?: number;
  readonly weight?: number;
  readonly columns?: Partial<Record<StringColumnName, string>>;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly resource?: Readonly<Record<string, string>>;
}

export function batchOf(rows: readonly TestRow[]): SpanBatch {
  const strings = [''];
  const ids = new Map([['', 0]]);
  const idOf = (text: string) => {
    let id = ids.get(text);
    if (id === undefined) ids.set(text, (id = strings.push(text) - 1));
    return id;
  };
  const resources = [...new Set(rows.map((row) => JSON.stringify(row.resource ?? {})))];
  const lists = (items: readonly Readonly<Record<string, string>>[]) => {
    const keys: number[] = [];
    const values: number[] = [];
    const ends = items.map((item) => {
      for (const [key, value] of Object.entries(item)) {
        keys.push(idOf(key));
        values.push(idOf(value));
      }
      return keys.length;
    });
    return {
      ends: Uint32Array.from(ends),
      keys: Uint32Array.from(keys),
      values: Uint32Array.from(values),
    };
  };
  const columns = Object.fromEntries(
    STRING_COLUMNS.map((name) => [
      name,
      Uint32Array.from(rows, (row) => idOf(row.columns?.[name] ?? '')),
    ]),
  ) as unknown as SpanBatch['columns'];
  const attributes = lists(rows.map((row) => row.attributes ?? {}));
  return {
    count: rows.length,
    columns,
    attributes,
    resources: lists(resources.map((text) => JSON.parse(text) as Record<string, string>)),
    resourceIndexes: Uint32Array.from(rows, (row) =>
      resources.indexOf(JSON.stringify(row.resource ?? {})),
    ),
    strings,
    traceIds: bytes(rows, (row) => row.traceId),
    spanIds: bytes(rows, (row) => row.spanId),
    parentSpanIds: bytes(rows, (row) => row.parentSpanId ?? '0'.repeat(16)),
    startTimesUnixNano: BigUint64Array.from(rows, (row) => row.startUnixNano),
    durationsNs: BigUint64Array.from(rows, (row) => row.durationNs ?? 1_000_000n),
    kinds: Uint8Array.from(rows, (row) => row.kind ?? 2),
    statusCodes: Uint8Array.from(rows, (row) => row.status ?? 0),
    directions: Uint8Array.from(rows, (row) => row.direction ?? 0),
    httpStatusCodes: Uint16Array.from(rows, (row) => row.httpStatus ?? 0),
    sampleWeights: Float64Array.from(rows, (row) => row.weight ?? 1),
    attributeTypes: new Map([...new Set(attributes.keys)].map((id) => [id, 0])),
  };
}

function bytes(rows: readonly TestRow[], hex: (row: TestRow) => string): Uint8Array {
  return Uint8Array.from(Buffer.from(rows.map(hex).join(''), 'hex'));
}
