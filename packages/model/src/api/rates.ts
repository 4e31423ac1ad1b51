import { z } from 'zod';
import { Meta, ScopeQuery, WholeSteps } from './common.ts';

/** Rates over time. `step` in seconds; default gives about 120 points over the range, or over the time since the first data in it. */
export const RatesQuery = ScopeQuery.extend({
  by: z
    .enum(['none', 'service', 'edge', 'url', 'statusClass', 'version', 'operation'])
    .default('service'),
  step: z.coerce.number().int().min(1).optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(50)
    .default(8)
    .describe('largest series; the others are summed as `rest`'),
  side: z.enum(['server', 'client', 'all']).default('server'),
});
export const RateSeries = z.object({
  key: z
    .string()
    .describe(
      "service name, `from → to`, url, '2xx'; 'rest' for the sum of those beyond the limit",
    ),
  requests: z.array(z.number().nullable()).describe('started per second; null before data exists'),
  errors: z.array(z.number().nullable()),
  responses: z.array(z.number().nullable()).describe('ended per second'),
  inFlight: z
    .array(z.number().nullable())
    .describe('mean number under way in the step: sum of overlaps / step'),
  p50Ns: z.array(z.number().nullable()),
  p95Ns: z.array(z.number().nullable()),
  p99Ns: z.array(z.number().nullable()),
});
export type RateSeries = z.infer<typeof RateSeries>;
export const RatesAnswer = WholeSteps.extend({
  meta: Meta,
  stepMs: z.number(),
  timesMs: z.array(z.number()).describe('start of each step'),
  series: z.array(RateSeries),
});
export type RatesAnswer = z.infer<typeof RatesAnswer>;
