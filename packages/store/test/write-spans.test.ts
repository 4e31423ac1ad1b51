// What is written comes back, whole.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { STRING_COLUMNS } from '@clover/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore, type Store } from '../src/index.ts';
import { batchOf, type TestRow } from './test-batch.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'clover-write-'));
let store: Store;
beforeAll(async () => {
  store = await openStore({ dataDir });
});
afterAll(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true });
});

const START = BigInt(Date.UTC(2026, 0, 2, 12)) * 1_000_000n;
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const text = fc.oneof(
  fc.constant(''),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('v1', "it's", 'a\\b', 'x\ty\nz', '中文'),
);
const map = fc.dictionary(
  fc
    .string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' })
    .filter((one) => one !== '__proto__'),
  text,
  { maxKeys: 6 },
);
const row: fc.Arbitrary<TestRow> = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: fc.oneof(fc.constant('0'.repeat(16)), hex(16)),
  startUnixNano: fc.bigInt({ min: 0n, max: 864_000_000_000_000n }).map((one) => START + one),
  durationNs: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
  kind: fc.integer({ min: 0, max: 5 }),
  status: fc.integer({ min: 0, max: 2 }),
  direction: fc.integer({ min: 0, max: 2 }),
  httpStatus: fc.integer({ min: 0, max: 65535 }),
  weight: fc.double({ min: 1, max: 1e6, noNaN: true }),
  columns: fc.record(Object.fromEntries(STRING_COLUMNS.map((name) => [name, text])), {
    requiredKeys: [],
  }),
  attributes: map,
  resource: map,
});

it('spans come back as they were written, whatever is in them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(row, {
        minLength: 1,
        maxLength: 40,
        selector: (one) => one.traceId + one.spanId,
      }),
      async (rows) => {
        await store.clear(['spans']);
        await store.writeSpans(batchOf(rows));
        const back = await store.select<Record<string, unknown>>(
          `SELECT lower(hex(trace_id)) AS traceId, lower(hex(span_id)) AS spanId, lower(hex(parent_id)) AS parentSpanId,
          toString(toUnixTimestamp64Nano(start)) AS startUnixNano, toString(duration_ns) AS durationNs, kind, status, direction,
          http_status AS httpStatus, weight, service, version, namespace, node, name, status_message AS statusMessage,
          trace_state AS traceState, http_method AS httpMethod, http_route AS httpRoute, url_host AS urlHost, url_template AS urlTemplate,
          user_agent AS userAgent, user_agent_family AS userAgentFamily, peer, response_flags AS responseFlags,
          upstream_cluster AS upstreamCluster, subset, scope_name AS scopeName, exception_type AS exceptionType,
          exception_message AS exceptionMessage, events, links, source, spans.attributes AS attributes, r.attributes AS resource
         FROM spans LEFT ANY JOIN resources AS r ON r.resource_id = spans.resource_id`,
        );
        const flat = rows.map(({ columns = {}, ...rest }) => ({
          ...rest,
          startUnixNano: String(rest.startUnixNano),
          durationNs: String(rest.durationNs),
          ...Object.fromEntries(STRING_COLUMNS.map((name) => [name, columns[name] ?? ''])),
        }));
        const byId = (
          a: { spanId?: unknown; traceId?: unknown },
          b: { spanId?: unknown; traceId?: unknown },
        ) => (`${a.traceId}${a.spanId}` < `${b.traceId}${b.spanId}` ? -1 : 1);
        expect(back.toSorted(byId)).toEqual(flat.toSorted(byId));
      },
    ),
    { numRuns: 30 },
  );
});

it('a span delivered twice counts once', async () => {
  await store.clear(['spans']);
  const one: TestRow = { traceId: 'ab'.repeat(16), spanId: '01'.repeat(8), startUnixNano: START };
  await store.writeSpans(batchOf([one, one]));
  await store.writeSpans(batchOf([one]));
  const own = `trace_id = unhex('${one.traceId}')`;
  expect(await store.select(`SELECT count() AS n FROM spans FINAL WHERE ${own}`)).toEqual([
    { n: 1 },
  ]);
});

it('state is kept by key', async () => {
  expect(await store.getState('nothing')).toBeUndefined();
  await store.putState('a', { x: ["it's", 1] });
  await store.putState('a', { x: 2 });
  expect(await store.getState('a')).toEqual({ x: 2 });
});

it('values are bound as values', async () => {
  const value = "x' OR 1=1 -- \\ \n\0 {a:String}";
  expect(
    await store.select('SELECT {v:String} AS v, {l:Array(String)} AS l, {n:UInt64} AS n', {
      v: value,
      l: [value, ''],
      n: 7,
    }),
  ).toEqual([{ v: value, l: [value, ''], n: 7 }]);
  await expect(store.select('SELECT {missing:String}')).rejects.toMatchObject({
    code: 'store.bad_parameter',
  });
});

it('a directory has one owner', async () => {
  await expect(openStore({ dataDir })).rejects.toMatchObject({ code: 'store.data_dir_in_use' });
});

it('a slow query ends with its own error', async () => {
  await expect(
    store.select(
      'SELECT sum(sleepEachRow(0.05)) FROM numbers(1000) SETTINGS max_block_size = 1',
      {},
      { timeoutMs: 300 },
    ),
  ).rejects.toMatchObject({ code: 'store.query_timeout' });
});
