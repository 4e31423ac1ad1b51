import { z } from 'zod';

const RouteRef = z.object({
  virtualService: z
    .string()
    .nullable()
    .describe(
      'namespace/name of the VirtualService, or of what source says; null: the service’s own default',
    ),
  source: z
    .enum(['HTTPRoute', 'GRPCRoute'])
    .nullable()
    .describe('what the rule stands in; null: a VirtualService'),
  section: z.enum(['http', 'tcp', 'tls']),
  ruleIndex: z.number(),
  ruleName: z.string(),
  matchIndex: z.number().describe('-1 for a rule without match blocks'),
  root: z
    .object({ virtualService: z.string(), ruleIndex: z.number(), ruleName: z.string() })
    .nullable()
    .describe('the rule that handed over to this one, which stands in a delegate'),
});

/** A request to explain, and who sends it. */
export const RouteQuestion = z.strictObject({
  via: z.enum(['gateway', 'sidecar']).default('sidecar'),
  from: z
    .string()
    .optional()
    .describe('name of a workload or service that calls; its labels and namespace hold'),
  namespace: z.string().optional().describe('of the caller'),
  labels: z.record(z.string(), z.string()).optional().describe('of the caller'),
  method: z.string().default('GET'),
  url: z
    .string()
    .describe(
      'http://www.sdc.com/test?x=1; host, port and path are taken from it; tcp://db:5432 or tls://web:443 for a connection',
    ),
  headers: z.record(z.string(), z.string()).default({}),
  sni: z.string().optional().describe('of a connection, when it is not the host of tls://'),
  port: z.number().int().optional().describe('the listener’s, when the URL does not say it'),
});
export type RouteQuestion = z.infer<typeof RouteQuestion>;

export const RouteAnswer = z.object({
  revision: z.number(),
  virtualHost: z.string().nullable(),
  rule: RouteRef.nullable(),
  fault: z
    .object({
      delayMs: z.number().nullable(),
      delayProbability: z.number(),
      abortStatus: z.number().nullable(),
      abortProbability: z.number(),
    })
    .nullable(),
  outcome: z
    .enum([
      'forward',
      'redirect',
      'directResponse',
      'preflight',
      'passthrough',
      'blocked',
      'notFound',
      'http',
      'refused',
    ])
    .describe(
      'http: a connection that carries HTTP, decided request by request; refused: a connection that is closed',
    ),
  status: z.number().nullable().describe('of a redirect, a direct response or a refusal'),
  location: z.string().nullable(),
  destinations: z.array(
    z.object({
      host: z.string(),
      subset: z.string(),
      port: z.number(),
      probability: z.number(),
      missing: z.string().nullable(),
    }),
  ),
  mirrors: z.array(
    z.object({ host: z.string(), subset: z.string(), port: z.number(), probability: z.number() }),
  ),
  path: z.string().nullable().describe('as the upstream sees it'),
  timeoutMs: z.number().nullable(),
  rules: z.array(
    z.object({
      ref: RouteRef,
      verdict: z.enum(['matched', 'failed', 'closed', 'after']),
      reason: z.string(),
    }),
  ),
});
export type RouteAnswer = z.infer<typeof RouteAnswer>;
