import { z } from 'zod';
import { Meta, Red, ScopeQuery } from './common.ts';

/** Two scopes: the shared part, then what differs. A filter list of each side; a window of each side. */
export const CompareQuery = ScopeQuery.extend({
  aStart: z.string().optional(),
  aEnd: z.string().optional(),
  aVersion: z.string().optional(),
  aFilter: z.union([z.array(z.string()), z.string().transform((s) => [s])]).optional(),
  bStart: z.string().optional(),
  bEnd: z.string().optional(),
  bVersion: z.string().optional(),
  bFilter: z.union([z.array(z.string()), z.string().transform((s) => [s])]).optional(),
});

const Side = z.object({ label: z.string(), meta: Meta, red: Red, spans: z.number() });
const Change = z.object({
  kind: z.enum(['rate', 'errors', 'latency']),
  service: z.string(),
  operation: z.string().describe('empty for the whole service'),
  a: z.number(),
  b: z.number(),
  effect: z.number().describe('rate and latency: b/a - 1; errors: difference of ratios'),
  pValue: z
    .number()
    .describe('two-sided; after Benjamini-Hochberg over all changes of this answer'),
  significant: z.boolean().describe('pValue < 0.01 and the effect is large enough to matter'),
  text: z.string(),
});
const Explanation = z.object({
  key: z.string(),
  value: z.string(),
  also: z
    .array(z.object({ key: z.string(), value: z.string() }))
    .describe('other attribute values that exactly the same spans have'),
  aRatio: z.number().describe('share of the spans of A with this value'),
  bRatio: z.number(),
  lift: z.number().describe('bRatio / aRatio; 1e9 when aRatio is 0'),
  pValue: z.number(),
  aCount: z.number(),
  bCount: z.number(),
});
export const CompareAnswer = z.object({
  a: Side,
  b: Side,
  changes: z.array(Change).describe('largest significant first; empty when a side has no requests'),
  newEdges: z.array(z.object({ from: z.string(), to: z.string(), requests: z.number() })),
  vanishedEdges: z.array(z.object({ from: z.string(), to: z.string(), requests: z.number() })),
  explains: z
    .array(Explanation)
    .describe(
      'attribute values over- or under-represented in B, strongest first; notes say what was left out',
    ),
  histogram: z.object({
    buckets: z.array(
      z.object({ fromNs: z.number(), toNs: z.number(), a: z.number(), b: z.number() }),
    ),
  }),
  notes: z.array(z.string()),
});
export type CompareAnswer = z.infer<typeof CompareAnswer>;

/** What is different about the slow or failed spans of a scope against the rest of it. */
export const ExplainQuery = ScopeQuery.extend({
  what: z.enum(['errors', 'slow']).default('errors'),
  minDuration: z
    .string()
    .optional()
    .describe('slow means at least this; default the p95 of the scope'),
  maxDuration: z.string().optional(),
});
export const ExplainAnswer = z.object({
  meta: Meta,
  selected: z.number(),
  rest: z.number(),
  thresholdNs: z.number().nullable(),
  items: z.array(Explanation),
});
export type ExplainAnswer = z.infer<typeof ExplainAnswer>;
