import { z } from 'zod';
import { Latency, Meta, Red, ScopeQuery } from './common.ts';

export const GraphQuery = ScopeQuery.extend({
  focus: z.string().optional().describe('only services within `hops` of this one'),
  hops: z.coerce.number().int().min(1).max(10).default(2),
});

export const GraphNode = Red.extend({
  service: z.string(),
  kind: z
    .enum(['service', 'gateway', 'external', 'client', 'database', 'queue'])
    .describe('external: callee that nobody traces'),
  namespace: z.string(),
  versions: z.array(z.object({ version: z.string(), requests: z.number(), errors: z.number() })),
  statusClasses: z.object({
    ok: z.number(),
    redirect: z.number(),
    clientError: z.number(),
    serverError: z.number(),
    none: z.number(),
  }),
});
export type GraphNode = z.infer<typeof GraphNode>;

/** One arrow of the service graph, from an exact join of child to parent span. */
export const GraphEdge = Red.extend({
  from: z.string(),
  to: z.string(),
  protocol: z.string().describe('http, grpc, db, messaging or empty'),
  subsets: z.array(z.object({ subset: z.string(), requests: z.number(), errors: z.number() })),
  toVersions: z.array(z.object({ version: z.string(), requests: z.number(), errors: z.number() })),
  clientLatency: Latency.nullable().describe(
    'as the caller saw it; latency is as the callee saw it',
  ),
  lost: z.number(),
  answeredByProxy: z.number(),
});
export type GraphEdge = z.infer<typeof GraphEdge>;

export const GraphAnswer = z.object({
  meta: Meta,
  nodes: z.array(GraphNode),
  edges: z.array(GraphEdge),
});
export type GraphAnswer = z.infer<typeof GraphAnswer>;
export const EdgesAnswer = z.object({ meta: Meta, items: z.array(GraphEdge) });
export type EdgesAnswer = z.infer<typeof EdgesAnswer>;

/**
 * Requests of an edge by what became of them. sent = received + answeredByProxy + untraced + lost + unanswered.
 */
export const LostEdge = z.object({
  from: z.string(),
  to: z.string(),
  sent: z.number().describe('client-side spans'),
  received: z.number().describe('of these, seen by a server side'),
  lost: z.number().describe('no server side saw it, though this callee is traced'),
  unanswered: z
    .number()
    .describe(
      'the client side gave up or got no answer (status 0, timeout, reset) and no server side saw it',
    ),
  answeredByProxy: z
    .number()
    .describe('fault, no route, circuit open: the proxy answered by itself'),
  proxyFlags: z.array(z.object({ flag: z.string(), count: z.number() })),
  untraced: z.number().describe('callee that sends no spans at all'),
  coverage: z
    .number()
    .nullable()
    .describe('received / (received + lost + unanswered), 0..1; null when nothing could be judged'),
  exampleTraceIds: z.array(z.string()),
});
export type LostEdge = z.infer<typeof LostEdge>;
export const LostAnswer = z.object({
  meta: Meta,
  items: z.array(LostEdge),
  orphanSpans: z
    .object({
      count: z.number(),
      ratio: z.number(),
      byService: z.array(z.object({ service: z.string(), count: z.number() })),
      exampleTraceIds: z.array(z.string()),
    })
    .describe('spans whose parent never came'),
  refusedSpans: z.object({
    count: z.number(),
    byReason: z.array(z.object({ source: z.string(), reason: z.string(), count: z.number() })),
  }),
  coverage: z.number().nullable(),
});
export type LostAnswer = z.infer<typeof LostAnswer>;
