// The way over HTTP: the real client against ClickHouse's protocol in front of the embedded engine.
// With CLOVER_TEST_CLICKHOUSE=URL (user and password in it) the same runs against any server.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { clusterStatements } from '../src/engine/cluster-ddl.ts';
import { statements } from '../src/migrations/0001-initial.ts';
import { counts, openStore, services, traceDetail, type Store } from '../src/index.ts';
import { retentionStatements, DEFAULT_RETENTION } from '../src/retention.ts';
import { startClickHouseServer, type ClickHouseTestServer } from './clickhouse-http-server.ts';
import { spanBatchFrom, type TestSpan } from './queries/test-spans.ts';

const given = process.env['CLOVER_TEST_CLICKHOUSE'];
let server: ClickHouseTestServer | undefined;
let store: Store;

function where() {
  if (!given) return { url: server!.url, user: 'clover', password: 'secret' };
  const url = new URL(given);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  return {
    url: url.href,
    user: decodeURIComponent(username) || 'default',
    password: decodeURIComponent(password),
  };
}

beforeAll(async () => {
  if (!given) server = await startClickHouseServer();
  store = await openStore({
    clickhouse: { ...where(), database: `clover_test_${process.pid}` },
    backgroundRollups: false,
  });
});
afterAll(async () => {
  await store?.command(`DROP DATABASE IF EXISTS clover_test_${process.pid}`);
  await store?.close();
  await server?.close();
});

const T = Date.now() - 600_000;
const SPANS: TestSpan[] = [
  {
    trace: 'one',
    id: 'c',
    startMs: T,
    durationNs: 5e6,
    kind: 'client',
    service: 'front',
    httpStatus: 200,
    columns: { urlTemplate: "/it's/{id}" },
  },
  {
    trace: 'one',
    id: 's',
    parent: 'c',
    startMs: T + 1,
    durationNs: 3e6,
    kind: 'server',
    service: 'back',
    httpStatus: 200,
    attributes: { 'user.id': "o'brien" },
    resource: { 'host.name': 'n1' },
  },
];

it('writes and answers as the embedded engine does', async () => {
  await store.writeSpans(spanBatchFrom(SPANS));
  await store.writeSpans(spanBatchFrom(SPANS));
  const scope = { startMs: T - 60_000, endMs: T + 60_000, filters: [] };
  const answer = await services(store, scope);
  expect(answer.items.map((one) => [one.service, one.spans, one.requests])).toEqual([
    ['back', 1, 1],
    ['front', 1, 0],
  ]);
  const filtered = await counts(
    store,
    { ...scope, filters: [{ key: 'user.id', operator: '=', value: "o'brien" }] },
    { by: 'host.name' },
  );
  expect(filtered.items.map((one) => [one.values, one.count])).toEqual([[['n1'], 1]]);
  const [row] = await store.select<{ id: string }>(
    'SELECT lower(hex(trace_id)) AS id FROM spans LIMIT 1',
  );
  expect((await traceDetail(store, row!.id)).spans).toHaveLength(2);
});

it('computes windows there', async () => {
  await store.refreshRollups();
  const rows = await store.select<{ n: number }>('SELECT toUInt32(count()) AS n FROM edge_minutes');
  expect(rows[0]!.n).toBeGreaterThan(0);
});

it('keeps state and metrics there', async () => {
  await store.putState('k', { deep: ["it's"] });
  expect(await store.getState('k')).toEqual({ deep: ["it's"] });
  await store.writeMetrics({
    series: [{ name: 'up', labels: { job: 'x' }, type: 'gauge', unit: '', help: '' }],
    seriesIndexes: Uint32Array.of(0),
    timesUnixMs: Float64Array.of(T),
    values: Float64Array.of(1),
    source: 'scrape',
  });
  expect(
    await store.select('SELECT toUInt32(count()) AS n, sum(value) AS sum FROM metric_points'),
  ).toEqual([{ n: 1, sum: 1 }]);
});

it.skipIf(given)(
  'says what is wrong: password, address, a broken connection, a slow query',
  async () => {
    const { url } = where();
    await expect(
      openStore({ clickhouse: { url, user: 'clover', password: 'wrong' } }),
    ).rejects.toMatchObject({ code: 'store.unreachable' });
    await expect(openStore({ clickhouse: { url: 'http://127.0.0.1:1' } })).rejects.toMatchObject({
      code: 'store.unreachable',
    });
    server!.breakNext();
    await expect(
      store.writeSpans(spanBatchFrom([{ ...SPANS[0]!, id: 'x', startMs: T + 3_600_000 }])),
    ).rejects.toThrow();
    await expect(
      store.select(
        'SELECT sum(sleepEachRow(0.05)) FROM numbers(1000) SETTINGS max_block_size = 1',
        {},
        { timeoutMs: 300 },
      ),
    ).rejects.toMatchObject({ code: 'store.query_timeout' });
  },
);

it('has a cluster form of every statement that the engine can parse', async () => {
  const all = [
    ...statements,
    ...retentionStatements(DEFAULT_RETENTION).map((one) => one.statement),
    'TRUNCATE TABLE spans',
  ];
  const rewritten = all.flatMap((statement) => clusterStatements(statement, 'two_by_two'));
  for (const one of rewritten) {
    expect(one).toContain('ON CLUSTER two_by_two');
    await store.select(`SELECT formatQuery({q:String}) AS q`, { q: one });
  }
  expect(rewritten.filter((one) => one.includes('Distributed('))).toHaveLength(3);
  expect(
    rewritten.find((one) => one.startsWith('CREATE TABLE IF NOT EXISTS spans_local')),
  ).toContain(
    "ReplicatedReplacingMergeTree('/clickhouse/tables/{database}/spans/{shard}', '{replica}')",
  );
  expect(rewritten.find((one) => one.includes('windows'))).toContain(
    "ReplicatedReplacingMergeTree('/clickhouse/tables/{database}/windows/all', '{shard}-{replica}', revision)",
  );
});
