import { z } from 'zod';
import { items, Latency, Meta, ScopeQuery, UnixNano, WholeSteps } from './common.ts';

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

export const ExemplarsQuery = LatencyQuery.extend({
  step: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('seconds in which there is one at most; default gives about 60 steps'),
  limit: z.coerce.number().int().min(1).max(100).default(8),
});

/** The slowest spans, at most one a step; slowest first. */
export const ExemplarsAnswer = items(
  z.object({
    traceId: z.string(),
    spanId: z.string(),
    service: z.string(),
    name: z.string(),
    startTimeUnixNano: UnixNano,
    durationNs: z.number(),
    failed: z.boolean(),
  }),
);
export type ExemplarsAnswer = z.infer<typeof ExemplarsAnswer>;
