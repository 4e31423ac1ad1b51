import { z } from 'zod';

const Rule = z
  .object({
    kind: z.enum(['VirtualService', 'HTTPRoute', 'GRPCRoute']),
    resource: z.string().describe('namespace/name'),
    section: z.enum(['http', 'tcp', 'tls']),
    ruleIndex: z.number(),
    ruleName: z.string(),
  })
  .nullable()
  .describe('null: no rule, such as a service’s own route');

/** Requests, or connections, that one rule takes before a change and one after it, with the same changes. */
export const TrafficClass = z.object({
  of: z.enum(['requests', 'connections']),
  before: Rule,
  after: Rule,
  changes: z.array(
    z.object({ kind: z.string(), text: z.string().describe('what becomes what, for people') }),
  ),
  witness: z
    .object({
      via: z.enum(['gateway', 'sidecar']),
      namespace: z.string(),
      labels: z.record(z.string(), z.string()),
      port: z.number(),
      method: z.string().describe('empty for a connection'),
      url: z.string().describe('http://web/a; tcp://db:5432, tls://web:443 for a connection'),
      headers: z.record(z.string(), z.string()),
      sni: z.string().nullable(),
    })
    .describe('one of the class, as explain takes it'),
  hosts: z.array(z.string()),
  callers: z.number().describe('kinds of callers and ports that have it'),
});
export type TrafficClass = z.infer<typeof TrafficClass>;

export const TrafficClasses = z.object({
  items: z.array(TrafficClass),
  complete: z.boolean().describe('false: there may be more'),
});
export type TrafficClasses = z.infer<typeof TrafficClasses>;
