import { z } from 'zod';
import { items, Meta, ScopeQuery, UnixNano } from './common.ts';

/** Durations in ns or with a unit (`250ms`). `text` looks in span names, status messages, URLs and attribute values. */
export const TracesQuery = ScopeQuery.extend({
  operation: z.string().optional(),
  minDuration: z.string().optional(),
  maxDuration: z.string().optional(),
  status: z.enum(['any', 'ok', 'error']).default('any'),
  text: z.string().optional(),
  sort: z.enum(['newest', 'slowest']).default('newest'),
  limit: z.coerce.number().int().min(1).max(1000).default(20),
  cursor: z.string().optional(),
});

export const TraceSummary = z.object({
  traceId: z.string(),
  startTimeUnixNano: UnixNano,
  durationNs: z.number(),
  rootService: z.string(),
  rootName: z.string(),
  rootMethod: z.string().describe('HTTP method of the root; empty when it has none'),
  rootPath: z.string().describe('path of its URL, without the query; empty when it has none'),
  rootMissing: z.boolean(),
  spans: z.number(),
  errors: z.number(),
  httpStatusCode: z.number().nullable(),
  services: z.array(z.object({ service: z.string(), spans: z.number() })),
  matchedSpans: z.number(),
});
export type TraceSummary = z.infer<typeof TraceSummary>;
export const TracesAnswer = items(TraceSummary).extend({ nextCursor: z.string().nullable() });
export type TracesAnswer = z.infer<typeof TracesAnswer>;

const AttributeJson = z.record(z.string(), z.unknown());
export const TraceSpan = z.object({
  spanId: z.string(),
  parentSpanId: z.string(),
  service: z.string(),
  version: z.string(),
  node: z.string(),
  name: z.string(),
  kind: z.string(),
  direction: z.string(),
  startTimeUnixNano: UnixNano,
  offsetNs: z.number().describe('from the start of the trace, after clock-skew adjustment'),
  durationNs: z.number(),
  selfTimeNs: z.number(),
  skewNs: z.number().describe('by how much the start was adjusted for clock skew'),
  status: z.string(),
  statusMessage: z.string(),
  httpStatusCode: z.number(),
  failed: z
    .boolean()
    .describe('as every answer counts it: 5xx, or status error unless it is a client’s 4xx'),
  responseFlags: z.string(),
  sampleWeight: z.number(),
  depth: z.number(),
  orphan: z.boolean(),
  attributes: AttributeJson,
  resource: AttributeJson,
  scope: z.string(),
  events: z.array(
    z.object({ timeUnixNano: UnixNano, name: z.string(), attributes: AttributeJson }),
  ),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string(), attributes: AttributeJson })),
  duplicates: z.number().describe('further copies that were delivered'),
});
export type TraceSpan = z.infer<typeof TraceSpan>;

export const TraceDetail = z.object({
  traceId: z.string(),
  startTimeUnixNano: UnixNano,
  durationNs: z.number(),
  spans: z.array(TraceSpan).describe('depth first, children by start'),
  services: z.array(
    z.object({
      service: z.string(),
      spans: z.number(),
      selfTimeNs: z.number(),
      criticalNs: z.number(),
    }),
  ),
  criticalPath: z
    .array(z.object({ spanId: z.string(), fromNs: z.number(), toNs: z.number() }))
    .describe('offsets from the start of the trace; they do not overlap'),
  notes: z.array(z.string()),
});
export type TraceDetail = z.infer<typeof TraceDetail>;

/** Which service's own time makes up how much of a front end's latency, over many traces. */
export const CriticalPathQuery = ScopeQuery.extend({
  operation: z.string().optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(20000)
    .default(2000)
    .describe('traces looked at; newest first'),
});
export const CriticalPathAnswer = z.object({
  meta: Meta,
  root: z.string(),
  traces: z.number(),
  avgDurationNs: z.number(),
  items: z.array(
    z.object({
      service: z.string(),
      operation: z.string(),
      avgNs: z.number().describe('mean time on the critical path per trace'),
      ratio: z.number().describe('of the mean trace duration, 0..1'),
      traces: z.number(),
      exampleTraceId: z.string(),
    }),
  ),
});
export type CriticalPathAnswer = z.infer<typeof CriticalPathAnswer>;

export const ErrorGroup = z.object({
  shape: z.string().describe('message with its variable parts replaced'),
  type: z.string(),
  service: z.string().describe('where it arose: the deepest failing span'),
  operation: z.string(),
  httpStatusCode: z.number(),
  count: z.number(),
  traces: z.number(),
  firstSeen: z.string(),
  lastSeen: z.string(),
  affected: z.array(z.string()).describe('services that failed because of it'),
  exampleTraceIds: z.array(z.string()),
  exampleMessage: z.string(),
});
export type ErrorGroup = z.infer<typeof ErrorGroup>;
export const ErrorsAnswer = items(ErrorGroup);
export type ErrorsAnswer = z.infer<typeof ErrorsAnswer>;
