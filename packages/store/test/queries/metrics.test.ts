import {
  MetricNamesAnswer,
  MetricSeriesAnswer,
  TrackedMetricsAnswer,
  type Scope,
} from '@clover/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metricNames } from '../../src/queries/metric-names.ts';
import { metricSeries } from '../../src/queries/metric-series.ts';
import { trackedMetrics } from '../../src/queries/tracked-metrics.ts';
import { openTestStore, type TestStore } from './test-store.ts';

const T = Date.UTC(2026, 5, 1);
const scope: Scope = { startMs: T, endMs: T + 600_000, filters: [] };
const RQ = 'envoy_http_lb_default_upstream_rq';
let store: TestStore;

beforeAll(async () => {
  store = await openTestStore();
  await store.command(`INSERT INTO metric_series (series_id, name, labels, type, unit, help, day, seen) VALUES
    (1, '${RQ}', {'pod': 'p1'}, 'counter', '', 'Requests', today(), now()),
    (2, '${RQ}', {'pod': 'p2'}, 'counter', '', 'Requests', today(), now()),
    (3, 'spans_sent', {}, 'gauge', '', '', today(), now())`);
  // Pod 1 restarts after 300 s; every sample comes twice, from two sources.
  for (const source of ['scrape', 'prometheus'])
    await store.command(`INSERT INTO metric_points (series_id, time, value, source)
      SELECT id, fromUnixTimestamp64Milli(toInt64(${T} + number * 15000), 'UTC'),
        multiIf(id = 3, 7, id = 1 AND number >= 20, (number - 20) * 30, number * 30), '${source}'
      FROM numbers(40) AS n CROSS JOIN (SELECT arrayJoin([1, 2, 3]) AS id) AS ids`);
});
afterAll(() => store.close());

test('names with the number of their series', async () => {
  const answer = MetricNamesAnswer.parse(await metricNames(store, scope, { match: 'ENVOY' }));
  expect(answer.items).toMatchObject([
    {
      name: RQ,
      type: 'counter',
      series: 2,
      help: 'Requests',
      lastSeen: new Date(T + 39 * 15_000).toISOString(),
    },
  ]);
  const early = { ...scope, endMs: T + 20_000 };
  expect((await metricNames(store, early, { match: 'ENVOY' })).items[0]?.lastSeen).toBe(
    new Date(T + 15_000).toISOString(),
  );
  const never = { ...scope, startMs: T - 60_000, endMs: T };
  expect((await metricNames(store, never)).items.map((one) => one.lastSeen)).toEqual([null, null]);
});

test('rates survive a reset; labels choose series', async () => {
  const answer = MetricSeriesAnswer.parse(
    await metricSeries(store, scope, { name: RQ, view: 'rate', step: 60 }),
  );
  expect(answer.series.map((one) => one.labels)).toEqual([{ pod: 'p1' }, { pod: 'p2' }]);
  // Between a reset and its first sample nothing is known: Prometheus loses that part, and so do we.
  for (const value of answer.series[1]!.values.slice(1)) expect(value).toBeCloseTo(2, 6);
  for (const value of answer.series[0]!.values.slice(1)) expect(value).toBeGreaterThanOrEqual(1.3);
  const one = await metricSeries(store, scope, { name: RQ, label: ['pod=~p[2-9]'], step: 60 });
  expect(one.series.map((series) => series.labels)).toEqual([{ pod: 'p2' }]);
  expect(one.series[0]!.latest).toBe(39 * 30);
  await expect(metricSeries(store, scope, { name: RQ, label: ['pod>1'] })).rejects.toMatchObject({
    status: 400,
  });
});

test('tracked names are prefix, service with underscores and suffix; label sets are summed', async () => {
  const answer = TrackedMetricsAnswer.parse(
    await trackedMetrics(store, scope, {
      services: ['http-lb', 'other'],
      prefixes: ['envoy_'],
      suffixes: ['_default_upstream_rq'],
      customMetrics: ['spans_sent'],
    }),
  );
  expect(
    answer.items.map(({ name, service, custom, series, latest }) => ({
      name,
      service,
      custom,
      series,
      latest,
    })),
  ).toEqual([
    { name: RQ, service: 'http-lb', custom: false, series: 2, latest: 39 * 30 + 19 * 30 },
    {
      name: 'envoy_other_default_upstream_rq',
      service: 'other',
      custom: false,
      series: 0,
      latest: null,
    },
    { name: 'spans_sent', service: '', custom: true, series: 1, latest: 7 },
  ]);
  expect(answer.items[0]!.values).toHaveLength(40);
});
