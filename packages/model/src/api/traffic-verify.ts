import { z } from 'zod';
import { Meta, ScopeQuery } from './common.ts';

/** The rules that the traffic of a time is held against, and how strictly. */
export const TrafficVerify = z.strictObject({
  ...ScopeQuery.shape,
  files: z
    .array(z.strictObject({ name: z.string().max(500), text: z.string() }))
    .min(1)
    .max(2000)
    .optional()
    .describe('YAML of Istio resources; what is in force when absent'),
  confidence: z
    .number()
    .min(0.5)
    .max(0.999_999)
    .default(0.95)
    .describe('that no true share is called wrong, over all tests of the run'),
  tolerance: z
    .number()
    .min(0.001)
    .max(0.5)
    .default(0.05)
    .describe(
      'how far a share may be off and still pass; never more than half of its smaller side',
    ),
  absent: z
    .array(z.string())
    .default([])
    .describe('headers that were not there when no span has them; * for all'),
});
export type TrafficVerify = z.infer<typeof TrafficVerify>;

const TrafficVerdict = z.enum(['pass', 'fail', 'inconclusive']);

const VerifiedCheck = z.object({
  kind: z.enum(['route', 'weights', 'answer', 'abort', 'delay', 'mirror']),
  verdict: TrafficVerdict,
  pValue: z.number().describe('of an exact test of the declared shares'),
  method: z.enum(['binomial', 'multinomial', 'binomials']),
  shares: z.array(
    z.object({
      name: z.string(),
      declared: z.number().describe('0..1'),
      count: z.number(),
      observed: z.number().nullable().describe('0..1; null without requests'),
      low: z.number().describe('of the exact interval'),
      high: z.number(),
    }),
  ),
  requests: z.number(),
  neededRequests: z.number().describe('about so many more until there is a verdict; 0 if there is'),
  note: z.string().describe('why it cannot be tested; empty when it can'),
  traces: z.array(z.string()).describe('that broke it'),
});

export const TrafficVerifyAnswer = z.object({
  meta: Meta,
  verdict: TrafficVerdict.describe('of the rules that have requests'),
  inForce: z
    .object({
      revision: z.number(),
      since: z.string().describe('when it came into force, RFC 3339'),
      judged: z
        .enum(['all', 'sinceChange', 'acrossChange'])
        .describe(
          'all: the whole time; sinceChange: what was before the change was left out; acrossChange: start or end were given and reach back before it',
        ),
    })
    .nullable()
    .describe('the rules that hold now; null with files'),
  confidence: z.number(),
  tolerance: z.number(),
  requests: z.number().describe('that proxies decided; each counts once, whatever it stands for'),
  left: z.number().describe('requests beyond the limit of distinct ones, which were not judged'),
  undecided: z.object({
    requests: z.number(),
    headers: z.array(z.string()).describe('that rules look at and nobody recorded'),
    traces: z.array(z.string()),
  }),
  rules: z.array(
    z.object({
      virtualService: z.string().nullable(),
      ruleIndex: z.number(),
      ruleName: z.string(),
      virtualHost: z.string().nullable(),
      requests: z.number(),
      undecided: z.number().describe('requests that this rule may have taken, or another'),
      verdict: TrafficVerdict,
      checks: z.array(VerifiedCheck),
    }),
  ),
});
export type TrafficVerifyAnswer = z.infer<typeof TrafficVerifyAnswer>;
