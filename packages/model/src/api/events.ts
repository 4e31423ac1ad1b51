import { z } from 'zod';

/** Server-sent events of /api/v1/events; the `event:` line carries the type. */
export const LiveEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('tick').describe('each second'),
    timeMs: z.number(),
    spansPerSecond: z.number(),
    pointsPerSecond: z.number(),
    requestsPerSecond: z.number(),
    errorsPerSecond: z.number(),
    refused: z.number(),
    completeness: z.number().nullable(),
    sources: z.number(),
  }),
  z.object({
    type: z.literal('data').describe('spans of this time range are now in the store'),
    startMs: z.number(),
    endMs: z.number(),
    spans: z.number(),
  }),
  z.object({ type: z.literal('service'), service: z.string() }).describe('first seen'),
  z.object({ type: z.literal('source'), id: z.string(), state: z.string(), detail: z.string() }),
  z.object({ type: z.literal('visibility') }).describe('configuration changed'),
  z.object({ type: z.literal('cleared') }),
  z
    .object({
      type: z.literal('alert'),
      id: z.string(),
      sid: z.number(),
      msg: z.string(),
      priority: z.number(),
      traceId: z.string(),
    })
    .describe('the IDS raised an alert'),
  z
    .object({
      type: z.literal('traffic'),
      revision: z.number(),
      action: z.string(),
      author: z.string(),
      changes: z.number(),
    })
    .describe('the traffic configuration changed'),
  z
    .object({
      type: z.literal('mesh'),
      what: z.enum(['workloads', 'dataPlane']),
      detail: z.string(),
    })
    .describe('a workload came or went, or the data plane changed its state'),
]);
export type LiveEvent = z.infer<typeof LiveEvent>;

export const VersionAnswer = z.object({
  name: z.literal('clover'),
  version: z.string(),
  engine: z.string(),
  store: z.enum(['embedded', 'cluster']),
  schema: z.number(),
  node: z.string(),
  startedAt: z.string(),
});
export type VersionAnswer = z.infer<typeof VersionAnswer>;
