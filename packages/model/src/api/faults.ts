import { z } from 'zod';

/** A fault that is switched on for a while: an overlay on the routes to a service. */
export const FaultSwitch = z.object({
  id: z.string().describe('namespace/service'),
  service: z.string(),
  namespace: z.string(),
  abortStatus: z.number().nullable(),
  delayMs: z.number().nullable(),
  percent: z.number(),
  startedAt: z.string(),
  endsAt: z.string(),
  author: z.string(),
  reason: z.string(),
  routes: z
    .array(z.string())
    .describe('the rules that it changes: default/http-lb http[0]; empty: a rule of its own'),
});
export type FaultSwitch = z.infer<typeof FaultSwitch>;

export const FaultsAnswer = z.object({ items: z.array(FaultSwitch) });
export type FaultsAnswer = z.infer<typeof FaultsAnswer>;

export const FaultInject = z
  .strictObject({
    service: z.string().min(1).max(253),
    namespace: z.string().max(63).default('default'),
    abortStatus: z.number().int().min(200).max(599).optional().describe('HTTP status to answer'),
    delay: z.string().optional().describe('how long to hold a request: 500ms, 2s'),
    percent: z.number().min(0).max(100).default(100).describe('of the requests'),
    for: z.string().describe('after which it ends by itself: 30s, 5m, 2h; at most 7d'),
    reason: z.string().max(500).default(''),
  })
  .refine((one) => one.abortStatus !== undefined || one.delay !== undefined, {
    message: 'there is neither abortStatus nor delay',
  });
export type FaultInject = z.infer<typeof FaultInject>;
