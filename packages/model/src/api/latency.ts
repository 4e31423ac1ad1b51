import { z } from 'zod';
import { Latency, Meta, ScopeQuery, WholeSteps } from './common.ts';

/** `side`: server-side spans (default), client-side, or every span in scope. */
export const LatencyQuery = ScopeQuery.extend({
  side: z.enum(['server', 'client', 'all']).default('server'),
  operation: z.string().optional(),
});

export const LatencyHistogram = z.object({
  meta: Meta,
  latency: Latency.nullable(),
  buckets: z.array(
    z.object({ fromNs: z.number(), toNs: z.number(), count: z.number(), errors: z.number() }),
  ),
});
export type LatencyHistogram = z.infer<typeof LatencyHistogram>;

export const HeatmapQuery = LatencyQuery.extend({
  columns: z.coerce.number().int().min(2).max(400).default(120),
});

/** counts[t][b]: weight of spans that started in time step t with a duration in bucket b. */
export const LatencyHeatmap = WholeSteps.extend({
  meta: Meta,
  stepMs: z.number(),
  timesMs: z.array(z.number()),
  buckets: z.array(z.object({ fromNs: z.number(), toNs: z.number() })),
  counts: z.array(z.array(z.number())),
  errors: z.array(z.array(z.number())),
});
export type LatencyHeatmap = z.infer<typeof LatencyHeatmap>;
