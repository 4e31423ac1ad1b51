import { z } from 'zod';
import { Meta, Red } from './common.ts';

export const SystemCounts = z.object({
  meta: Meta,
  traces: z.number(),
  spans: z.number(),
  metricPoints: z.number(),
  metricSeries: z.number(),
  servicesDiscovered: z.number(),
  servicesTracked: z.number(),
  storedSpans: z.number().describe('all time'),
  bytesOnDisk: z.number(),
  oldestSpan: z.string().nullable(),
  newestSpan: z.string().nullable(),
  duplicates: z
    .number()
    .describe('spans delivered more than once in the range; counted once everywhere'),
});
export type SystemCounts = z.infer<typeof SystemCounts>;

const Rate = z.object({ requests: z.number(), ratePerSecond: z.number() });

/** The overview's first screen: now against the window before, and what changed in words. */
export const Overview = z.object({
  meta: Meta,
  now: Red.describe('of every service: a request counts at each hop'),
  before: Red.describe('the window of the same length before'),
  entry: z
    .object({ now: Rate, before: Rate })
    .nullable()
    .describe(
      'requests from outside, each once: no service that gets requests itself has sent them; null where filters choose a part of the traffic',
    ),
  beforeCovered: z
    .boolean()
    .describe('false while spans do not reach back to its beginning: then nothing is compared'),
  dataSinceMs: z
    .number()
    .nullable()
    .describe('first span of both windows, unix ms; null when there is none'),
  lost: z.object({ now: z.number(), before: z.number() }),
  series: z.array(
    z.object({
      timeMs: z.number(),
      requests: z.number(),
      errors: z.number(),
      p95Ns: z.number().nullable(),
      lost: z.number(),
    }),
  ),
  stepMs: z.number(),
  changes: z.array(
    z.object({
      kind: z.enum(['rate', 'errors', 'latency', 'appeared', 'vanished', 'lost']),
      service: z.string(),
      text: z.string().describe('such as: http-lb p95 +38 % since 14:02'),
      severity: z.enum(['info', 'warn', 'bad']),
      sinceMs: z.number().nullable(),
    }),
  ),
});
export type Overview = z.infer<typeof Overview>;
