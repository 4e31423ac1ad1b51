import { z } from 'zod';

/** Decimal string of nanoseconds since 1970, because JSON numbers cannot hold them. */
export const UnixNano = z
  .string()
  .regex(/^\d{1,20}$/)
  .describe('nanoseconds since 1970-01-01, decimal');

/** RFC 3339, milliseconds since 1970 or `now-15m`; see parseTime. */
const TimeText = z.string().describe('RFC 3339, unix milliseconds, or relative such as now-15m');

/** `key=value`, `key!=value`, `key=~regex`, `key!~regex`, `key>n`, `key>=n`, `key<n`, `key<=n`; see parseFilter. */
const FilterText = z
  .string()
  .describe('key=value, key!=value, key=~regex, key!~regex, key>number, key<number');

const many = <T extends z.ZodType>(item: T) =>
  z.union([z.array(item), item.transform((one) => [one])]) as unknown as z.ZodType<
    z.infer<T>[],
    z.infer<T>[] | z.infer<T>
  >;

/** What every analysis takes: a time range and filters. */
export const ScopeQuery = z.object({
  start: TimeText.optional(),
  end: TimeText.optional(),
  since: z.string().optional().describe('instead of start: 15m, 2h, 7d before end (default 15m)'),
  service: z.string().optional(),
  version: z.string().optional(),
  filter: many(FilterText).optional(),
});
export type ScopeQuery = z.infer<typeof ScopeQuery>;

/** OpenTelemetry's word for a kind of data. */
export type Signal = 'traces' | 'metrics';

/** What is said about every answer, so that nobody takes a cut or sampled figure for a whole one. */
export const Meta = z.object({
  start: z.string().describe('RFC 3339, inclusive'),
  end: z.string().describe('RFC 3339, exclusive'),
  ratesSince: z
    .string()
    .optional()
    .describe(
      'RFC 3339; present when the first span came within the range, and none in the hour before it: rates are over the time since then',
    ),
  complete: z
    .boolean()
    .describe(
      'false when something was refused, a pull was down or cut, or a limit was hit in this range',
    ),
  sampled: z.boolean().describe('true when some spans stand for more than one request'),
  cut: z
    .object({
      shown: z.number(),
      total: z.number(),
      atLeast: z.boolean().optional().describe('true when there may be more than `total`'),
    })
    .optional()
    .describe('present when rows beyond a limit were left out'),
  notes: z.array(z.string()),
  tookMs: z.number(),
});
export type Meta = z.infer<typeof Meta>;

/** Which of an answer's time steps are whole. The others are there too, but a line through them would seem to fall. */
export const WholeSteps = z.object({
  completeFromMs: z
    .number()
    .describe(
      'unix ms; steps that begin earlier are cut by the beginning of the range or of the data',
    ),
  incompleteFromMs: z
    .number()
    .describe(
      'unix ms; steps that begin here or later are cut by the end of the range, or may still get what is on its way: they are whole five seconds after their end',
    ),
});
export type WholeSteps = z.infer<typeof WholeSteps>;

/** Durations are nanoseconds; percentiles carry a relative error of at most 1 %. */
export const Latency = z.object({
  avgNs: z.number(),
  minNs: z.number(),
  maxNs: z.number(),
  p50Ns: z.number(),
  p90Ns: z.number(),
  p95Ns: z.number(),
  p99Ns: z.number(),
});
export type Latency = z.infer<typeof Latency>;

/** Rate, errors, duration. Counts are sums of sample weights. */
export const Red = z.object({
  requests: z.number(),
  errors: z.number(),
  errorRatio: z.number().describe('0..1'),
  ratePerSecond: z.number(),
  latency: Latency.nullable().describe('null when there were no requests'),
});
export type Red = z.infer<typeof Red>;

export const items = <T extends z.ZodType>(item: T) =>
  z.object({ meta: Meta, items: z.array(item) });

/**
 * What a caller may send for a query schema: fields with a default are optional, and values have the
 * type that the schema gives (a number, not the text that stands in the address).
 */
export type QueryInput<Schema extends z.ZodType> = {
  [Key in keyof z.input<Schema>]: z.output<Schema>[Key & keyof z.output<Schema>] | undefined;
};

/** What a caller may send for a body's schema: fields with a default are optional. */
export type BodyInput<Schema extends z.ZodType> = z.input<Schema>;

/** RFC 9457 */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  detail: z.string().optional(),
  hint: z.string().optional(),
  instance: z.string().optional(),
  issues: z.array(z.object({ at: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;
