import { z } from 'zod';
import { Latency, Meta, ScopeQuery } from './common.ts';

/** Named groupings beside plain attribute keys. `url` is host + path template. */
export const COUNT_KEYS = [
  'service',
  'version',
  'node',
  'operation',
  'url',
  'urlHost',
  'urlTemplate',
  'statusCode',
  'statusClass',
  'method',
  'route',
  'userAgent',
  'userAgentFamily',
  'peer',
  'upstreamCluster',
  'subset',
  'responseFlags',
  'kind',
  'status',
] as const;

/** `by`: one or two keys, comma-separated; each a COUNT_KEYS name or any attribute key (span first, then resource). */
export const CountsQuery = ScopeQuery.extend({
  by: z.string().default('url'),
  side: z.enum(['server', 'client', 'all']).default('server'),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
});

export const CountRow = z.object({
  values: z.array(z.string()).describe('one per key of `by`'),
  count: z.number(),
  ratio: z.number().describe('of total, 0..1'),
  errors: z.number(),
  latency: Latency.nullable(),
});
export const CountsAnswer = z.object({
  meta: Meta,
  by: z.array(z.string()),
  items: z.array(CountRow).describe('largest first'),
  total: z.number(),
  rest: z
    .object({ groups: z.number(), count: z.number(), errors: z.number() })
    .describe('what the limit left out'),
  distinct: z.number(),
});
export type CountsAnswer = z.infer<typeof CountsAnswer>;

/** The original's distinct HTTP details. Each list has at most 200 values, `total` says how many there are. */
const ValueList = z.object({
  total: z.number(),
  values: z.array(z.object({ value: z.string(), count: z.number() })),
});
export const DistinctAnswer = z.object({
  meta: Meta,
  urls: ValueList,
  userAgents: ValueList,
  statusCodes: ValueList,
  operations: ValueList,
  nodes: ValueList,
  upstreamClusters: ValueList,
});
export type DistinctAnswer = z.infer<typeof DistinctAnswer>;

export const AttributeKeysAnswer = z.object({
  meta: Meta,
  items: z.array(
    z.object({
      key: z.string(),
      scope: z.enum(['span', 'resource']),
      type: z.string(),
      lastSeen: z.string(),
    }),
  ),
});
export type AttributeKeysAnswer = z.infer<typeof AttributeKeysAnswer>;

export const AttributeValuesQuery = ScopeQuery.extend({
  key: z.string(),
  prefix: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(20),
});
export const AttributeValuesAnswer = z.object({
  meta: Meta,
  items: z.array(z.object({ value: z.string(), count: z.number() })),
});
export type AttributeValuesAnswer = z.infer<typeof AttributeValuesAnswer>;
