import { z } from 'zod';
import { Meta, Red, WholeSteps } from './common.ts';

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

const Change = z.object({
  kind: z.enum(['rate', 'errors', 'latency', 'appeared', 'vanished', 'lost']),
  service: z.string(),
  text: z.string().describe('such as: http-lb p95 +38 % since 14:02'),
  severity: z.enum(['info', 'warn', 'bad']),
  sinceMs: z.number().nullable(),
});
const Step = z.object({
  timeMs: z.number(),
  requests: z.number(),
  errors: z.number(),
  p95Ns: z.number().nullable(),
});

/** The part of the overview that is soon there however much there is: what services answered. */
export const OverviewRequests = WholeSteps.extend({
  meta: Meta,
  now: Red.describe('of every service: a request counts at each hop'),
  before: Red.describe('the window of the same length before'),
  beforeCovered: z
    .boolean()
    .describe('false while spans do not reach back to its beginning: then nothing is compared'),
  dataSinceMs: z
    .number()
    .nullable()
    .describe('first span of both windows, unix ms; null when there is none'),
  series: z.array(Step),
  stepMs: z.number(),
  changes: z.array(Change),
});
export type OverviewRequests = z.infer<typeof OverviewRequests>;

/** The part that calls between services tell; with much in the last minute it takes seconds. */
export const OverviewCalls = WholeSteps.extend({
  meta: Meta,
  entry: z
    .object({ now: Rate, before: Rate })
    .nullable()
    .describe(
      'requests from outside, each once: no service that gets requests itself has sent them; null where filters choose a part of the traffic',
    ),
  lost: z.object({ now: z.number(), before: z.number() }),
  lostSeries: z.array(z.object({ timeMs: z.number(), lost: z.number() })),
  stepMs: z.number(),
  changes: z.array(Change),
});
export type OverviewCalls = z.infer<typeof OverviewCalls>;

/** The overview's first screen: now against the window before, and what changed in words. */
export const Overview = OverviewRequests.extend({
  entry: OverviewCalls.shape.entry,
  lost: OverviewCalls.shape.lost,
  series: z.array(Step.extend({ lost: z.number() })),
});
export type Overview = z.infer<typeof Overview>;
