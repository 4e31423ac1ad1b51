import { z } from 'zod';

/** The original's files carried numbers as strings; both are taken. */
const Port = z.coerce.number().int().min(1).max(65535);
const Interval = z.coerce.number().min(0.1).max(3600);

/** `start visibility -f`: where to pull from and how often. Unknown keys are refused. */
export const VisibilityStart = z.strictObject({
  sample_interval: Interval.default(2).describe('seconds'),
  t_host: z.string().optional().describe('host of the Jaeger query API'),
  t_port: Port.optional(),
  m_host: z.string().optional().describe('host of the Prometheus query API'),
  m_port: Port.optional(),
});
export type VisibilityStart = z.infer<typeof VisibilityStart>;

const Prefixes = z.array(z.strictObject({ prefix: z.string() }));
const Suffixes = z.array(z.strictObject({ suffix: z.string() }));

/** `set visibility -f`: what to track. Both spellings of the keys are taken; absent means unchanged. */
export const VisibilitySet = z.strictObject({
  services: z.array(z.strictObject({ name: z.string() })).optional(),
  metric_prefixes: Prefixes.optional(),
  prefixes: Prefixes.optional(),
  metric_suffixes: Suffixes.optional(),
  suffixes: Suffixes.optional(),
  custom_metrics: z.array(z.strictObject({ metric: z.string() })).optional(),
});
export type VisibilitySet = z.infer<typeof VisibilitySet>;

export const VisibilityClear = z.strictObject({
  what: z.array(z.enum(['spans', 'metrics'])).default(['spans', 'metrics']),
});
export type VisibilityClear = z.infer<typeof VisibilityClear>;

export const VisibilityStatus = z.object({
  initialized: z.boolean(),
  running: z.boolean(),
  sampleIntervalSeconds: z.number(),
  jaeger: z.object({
    url: z.string().nullable(),
    state: z.enum(['off', 'starting', 'up', 'down']),
    detail: z.string(),
    completeness: z.number().nullable(),
  }),
  prometheus: z.object({
    url: z.string().nullable(),
    state: z.enum(['off', 'starting', 'up', 'down']),
    detail: z.string(),
    completeness: z.number().nullable(),
  }),
  services: z.array(z.string()).describe('tracked; empty means all'),
  prefixes: z.array(z.string()),
  suffixes: z.array(z.string()),
  customMetrics: z.array(z.string()),
  startedAt: z.string().nullable(),
});
export type VisibilityStatus = z.infer<typeof VisibilityStatus>;
