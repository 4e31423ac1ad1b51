// Flat spans for tests: every column of the store by name, with defaults, so that a test says only what it is about.
import { STRING_COLUMNS, type SpanBatch, type StringColumnName } from '@clover/model';

export interface TestSpan {
  /** Any text; becomes a 16-byte id. */
  readonly trace: string;
  /** Any text; becomes an 8-byte id. */
  readonly id: string;
  readonly parent?: string;
  /** Unix milliseconds, fractions allowed. */
  readonly startMs: number;
  readonly durationNs: number;
  readonly kind?: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly status?: 'unset' | 'ok' | 'error';
  readonly direction?: 'none' | 'inbound' | 'outbound';
  readonly httpStatus?: number;
  readonly weight?: number;
  readonly protocol?: string;
  readonly service: string;
  readonly columns?: Partial<Record<StringColumnName, string>>;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly resource?: Readonly<Record<string, string>>;
}

export const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUSES = ['unset', 'ok', 'error'];
const DIRECTIONS = ['none', 'inbound', 'outbound'];

/** Hex of an id given as text: as it stands when it is hex of the right length, hashed otherwise; empty for a root. */
export function hexId(text: string | undefined, bytes: number): string {
  if (!text) return '00'.repeat(bytes);
  if (new RegExp(`^[0-9a-f]{${bytes * 2}}$`).test(text)) return text;
  let out = '';
  for (let block = 0; out.length < bytes * 2; block++) {
    let hash = 0xcbf29ce484222325n ^ BigInt(block * 7919);
    for (const char of text)
      hash = ((hash ^ BigInt(char.codePointAt(0)!)) * 0x100000001b3n) & 0xffffffffffffffffn;
    out += hash.toString(16).padStart(16, '0');
  }
  return out.slice(0, bytes * 2);
}

/** Unix milliseconds (with fractions) as nanoseconds. */
export function nanosOf(ms: number): bigint {
  return BigInt(Math.floor(ms)) * 1_000_000n + BigInt(Math.round((ms % 1) * 1e6));
}

/** The batch a collector would make of these spans. */
export function spanBatchFrom(spans: readonly TestSpan[], source = 'test'): SpanBatch {
  const strings: string[] = [''];
  const indexes = new Map<string, number>([['', 0]]);
  const intern = (text: string) => {
    let index = indexes.get(text);
    if (index === undefined) {
      index = strings.push(text) - 1;
      indexes.set(text, index);
    }
    return index;
  };
  const count = spans.length;
  const bytes = (ids: string[]) => Uint8Array.from(Buffer.from(ids.join(''), 'hex'));
  const columns = Object.fromEntries(
    STRING_COLUMNS.map((column) => [
      column,
      Uint32Array.from(spans, (span) =>
        intern(
          span.columns?.[column] ??
            (column === 'service' ? span.service : column === 'source' ? source : ''),
        ),
      ),
    ]),
  ) as Record<StringColumnName, Uint32Array>;
  const protocolOf = (span: TestSpan): Record<string, string> =>
    span.protocol === 'db'
      ? { 'db.system.name': 'test' }
      : span.protocol === 'messaging'
        ? { 'messaging.system': 'test' }
        : {};
  const resources: Record<string, string>[] = [];
  const resourceByText = new Map<string, number>();
  const resourceIndexes = Uint32Array.from(spans, (span) => {
    const resource = { 'service.name': span.service, ...span.resource };
    const text = JSON.stringify(resource);
    const known = resourceByText.get(text) ?? resources.push(resource) - 1;
    resourceByText.set(text, known);
    return known;
  });
  const lists = (maps: readonly Readonly<Record<string, string>>[]) => {
    const ends: number[] = [];
    const keys: number[] = [];
    const values: number[] = [];
    for (const map of maps) {
      for (const [key, value] of Object.entries(map)) {
        keys.push(intern(key));
        values.push(intern(value));
      }
      ends.push(keys.length);
    }
    return {
      ends: Uint32Array.from(ends),
      keys: Uint32Array.from(keys),
      values: Uint32Array.from(values),
    };
  };
  const attributes = lists(spans.map((span) => ({ ...protocolOf(span), ...span.attributes })));
  const resourceLists = lists(resources);
  return {
    count,
    strings,
    traceIds: bytes(spans.map((span) => hexId(span.trace, 16))),
    spanIds: bytes(spans.map((span) => hexId(span.id, 8))),
    parentSpanIds: bytes(spans.map((span) => hexId(span.parent, 8))),
    startTimesUnixNano: BigUint64Array.from(spans, (span) => nanosOf(span.startMs)),
    durationsNs: BigUint64Array.from(spans, (span) => BigInt(span.durationNs)),
    kinds: Uint8Array.from(spans, (span) => KINDS.indexOf(span.kind ?? 'unspecified')),
    statusCodes: Uint8Array.from(spans, (span) => STATUSES.indexOf(span.status ?? 'unset')),
    directions: Uint8Array.from(spans, (span) => DIRECTIONS.indexOf(span.direction ?? 'none')),
    httpStatusCodes: Uint16Array.from(spans, (span) => span.httpStatus ?? 0),
    sampleWeights: Float64Array.from(spans, (span) => span.weight ?? 1),
    columns,
    attributes,
    resources: resourceLists,
    resourceIndexes,
    attributeTypes: new Map([...attributes.keys, ...resourceLists.keys].map((key) => [key, 0])),
  };
}
