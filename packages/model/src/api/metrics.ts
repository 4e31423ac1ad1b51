import { z } from 'zod';
import { Meta, ScopeQuery } from './common.ts';

/** Tracked metrics as the original named them: prefix + service (with underscores) + suffix. */
export const TrackedMetric = z.object({
  name: z.string(),
  service: z.string(),
  prefix: z.string(),
  suffix: z.string(),
  custom: z.boolean(),
  type: z.string(),
  latest: z.number().nullable(),
  latestTime: z.string().nullable(),
  series: z.number().describe('how many label sets carry this name'),
  values: z
    .array(z.tuple([z.number(), z.number().nullable()]))
    .describe('[unix ms, value], summed over label sets, at most 100'),
});
export type TrackedMetric = z.infer<typeof TrackedMetric>;
export const TrackedMetricsAnswer = z.object({ meta: Meta, items: z.array(TrackedMetric) });
export type TrackedMetricsAnswer = z.infer<typeof TrackedMetricsAnswer>;

export const MetricNamesQuery = ScopeQuery.extend({
  match: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(5000).default(500),
});
export const MetricNamesAnswer = z.object({
  meta: Meta,
  items: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      unit: z.string(),
      help: z.string(),
      series: z.number(),
      lastSeen: z
        .string()
        .nullable()
        .describe('last point within the range; null when it has none'),
    }),
  ),
});
export type MetricNamesAnswer = z.infer<typeof MetricNamesAnswer>;

/** `rate` turns counters into per-second increases, resets handled as Prometheus does. */
export const MetricSeriesQuery = ScopeQuery.extend({
  name: z.string(),
  label: z
    .union([z.array(z.string()), z.string().transform((s) => [s])])
    .optional()
    .describe('key=value or key=~regex'),
  step: z.coerce.number().int().min(1).optional(),
  view: z.enum(['value', 'rate']).default('value'),
  limit: z.coerce.number().int().min(1).max(200).default(20),
});
export const MetricSeriesAnswer = z.object({
  meta: Meta,
  name: z.string(),
  type: z.string(),
  stepMs: z.number(),
  timesMs: z.array(z.number()),
  series: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      latest: z.number().nullable(),
      values: z.array(z.number().nullable()),
    }),
  ),
});
export type MetricSeriesAnswer = z.infer<typeof MetricSeriesAnswer>;
