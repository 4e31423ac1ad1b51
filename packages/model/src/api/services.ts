import { z } from 'zod';
import { items, Red, ScopeQuery, WholeSteps } from './common.ts';

/** Server-side figures only: what the service answered, not what callers waited. */
export const ServiceSummary = Red.extend({
  service: z.string(),
  tracked: z.boolean(),
  spans: z.number(),
  versions: z.array(z.string()),
  nodes: z.number().describe('distinct instances'),
  lastSeen: z.string().nullable(),
  p95Series: z.array(z.number().nullable()).describe('one for each of timesMs'),
  requestSeries: z.array(z.number()),
});
export type ServiceSummary = z.infer<typeof ServiceSummary>;
export const ServicesAnswer = items(ServiceSummary).extend({
  ...WholeSteps.shape,
  stepMs: z.number(),
  timesMs: z
    .array(z.number())
    .describe('start of each step of the series: about 30 over the range'),
});
export type ServicesAnswer = z.infer<typeof ServicesAnswer>;

export const OperationSummary = Red.extend({
  service: z.string(),
  operation: z.string(),
  kind: z.string(),
});
export type OperationSummary = z.infer<typeof OperationSummary>;
export const OperationsAnswer = items(OperationSummary);
export type OperationsAnswer = z.infer<typeof OperationsAnswer>;

/** The original's response times: per service (or operation) from server-side spans. */
export const ResponseTimesQuery = ScopeQuery.extend({
  by: z.enum(['service', 'operation', 'version', 'node']).default('service'),
});
export const ResponseTime = Red.extend({
  service: z.string(),
  key: z.string().describe('operation, version or node; the service itself when by=service'),
});
export const ResponseTimesAnswer = items(ResponseTime);
export type ResponseTimesAnswer = z.infer<typeof ResponseTimesAnswer>;
