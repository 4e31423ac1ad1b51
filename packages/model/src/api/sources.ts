import { z } from 'zod';

/** One way in: a receiver, a scrape target or a pull. */
export const Source = z.object({
  id: z
    .string()
    .describe('otlp-grpc, otlp-http, zipkin, remote-write, scrape:URL, jaeger, prometheus, import'),
  name: z.string().describe('whose metrics are scraped, where that is known; else empty'),
  kind: z.enum(['receiver', 'scrape', 'pull', 'import']),
  state: z.enum(['up', 'idle', 'starting', 'down', 'off']),
  detail: z.string().describe('one line a person can act on'),
  address: z.string(),
  acceptedSpans: z.number(),
  acceptedPoints: z.number(),
  refused: z.array(
    z.object({ signal: z.enum(['traces', 'metrics']), reason: z.string(), count: z.number() }),
  ),
  spansPerSecond: z.number(),
  pointsPerSecond: z.number(),
  lagMs: z.number().nullable().describe('age of the newest item when it arrived'),
  completeness: z
    .number()
    .nullable()
    .describe(
      '0..1: what a pull got of what there was, scrapes that succeeded; null when the source cannot tell',
    ),
  lastSeen: z.string().nullable(),
  lastError: z.string().nullable(),
});
export type Source = z.infer<typeof Source>;
export const SourcesAnswer = z.object({
  items: z.array(Source),
  totals: z.object({
    spansPerSecond: z.number(),
    pointsPerSecond: z.number(),
    refused: z.number(),
    queuedSpans: z.number(),
    queueLimitSpans: z.number(),
    completeness: z.number().nullable(),
  }),
  snippets: z
    .array(z.object({ title: z.string(), language: z.string(), text: z.string() }))
    .describe('how to connect one'),
});
export type SourcesAnswer = z.infer<typeof SourcesAnswer>;

export const ImportQuery = z.object({
  format: z.enum(['auto', 'jaeger', 'zipkin', 'otlp', 'prometheus']).default('auto'),
  name: z.string().optional().describe('file name, for messages'),
});
export const ImportAnswer = z.object({
  format: z.string(),
  spans: z.number(),
  traces: z.number(),
  services: z.array(z.string()),
  points: z.number(),
  refused: z.array(z.object({ reason: z.string(), count: z.number() })),
  firstTime: z.string().nullable(),
  lastTime: z.string().nullable(),
});
export type ImportAnswer = z.infer<typeof ImportAnswer>;
