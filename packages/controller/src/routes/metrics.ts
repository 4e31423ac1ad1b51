import {
  MetricNamesAnswer,
  MetricNamesQuery,
  MetricSeriesAnswer,
  MetricSeriesQuery,
  ScopeQuery,
  TrackedMetricsAnswer,
} from '@clover/model';
import * as ask from '@clover/store';
import { trackedServices } from '../visibility/tracked-services.ts';
import { analysis, type Endpoint } from './endpoint.ts';

export const metricEndpoints: readonly Endpoint[] = [
  analysis(
    '/metrics/tracked',
    'Prefix × service × suffix, and custom metrics',
    { tag: 'metrics', query: ScopeQuery, answer: TrackedMetricsAnswer },
    async (store, scope, _, { deps }) => {
      const status = deps.visibility.status();
      const { prefixes, suffixes, customMetrics } = status;
      const services = await trackedServices(store, status);
      return ask.trackedMetrics(store, scope, { services, prefixes, suffixes, customMetrics });
    },
  ),
  analysis(
    '/metrics/names',
    'Metric names seen',
    { tag: 'metrics', query: MetricNamesQuery, answer: MetricNamesAnswer },
    (store, scope, query) => ask.metricNames(store, scope, query),
  ),
  analysis(
    '/metrics/series',
    'A metric over time, by label set',
    { tag: 'metrics', query: MetricSeriesQuery, answer: MetricSeriesAnswer },
    (store, scope, query) => ask.metricSeries(store, scope, query),
  ),
];
