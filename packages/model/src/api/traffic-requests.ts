import { z } from 'zod';
import { Meta, ScopeQuery } from './common.ts';

/** Requests that proxies decided, as their spans tell of them; equal ones in one row. */
export const TrafficRequestsQuery = ScopeQuery.extend({
  limit: z.coerce.number().int().min(1).max(50_000).default(5000),
});

export const TrafficRequestGroup = z.object({
  via: z.enum(['gateway', 'sidecar']),
  service: z.string().describe('whose proxy it was'),
  app: z.string().describe('its name without namespace'),
  version: z.string(),
  namespace: z.string(),
  method: z.string(),
  scheme: z.string(),
  host: z.string().describe('with the port, if the client named one'),
  path: z.string().describe('with its query'),
  headers: z.record(z.string(), z.string()).describe('those that were recorded'),
  absentHeaders: z
    .array(z.string())
    .describe('that rules look at and that were not there, by the proxy’s own account'),
  headerMatches: z
    .array(z.string())
    .describe('of private headers that rules look at: name, digest of the condition, yes or no'),
  port: z.number().describe('of the service or of the gateway’s server; 0: not recorded'),
  labels: z
    .record(z.string(), z.string())
    .describe('of the workload that sent it; empty where they were not recorded'),
  status: z.number().describe('0: none'),
  responseFlags: z.array(z.string()).describe('Envoy’s, such as FI, DI, UO'),
  upstreamCluster: z.string().describe('empty: it went nowhere'),
  callees: z
    .array(z.object({ service: z.string(), version: z.string() }))
    .describe('who has a server span of it, mirrors too'),
  requests: z.number().describe('sum of sample weights'),
  spans: z.number(),
  traces: z.array(z.string()).describe('some of them'),
});
export type TrafficRequestGroup = z.infer<typeof TrafficRequestGroup>;

export const TrafficRequestsAnswer = z.object({
  meta: Meta,
  items: z.array(TrafficRequestGroup).describe('most first'),
  requests: z.number().describe('of all groups, those beyond the limit too'),
  spans: z.number(),
  rest: z.object({ requests: z.number(), spans: z.number() }).describe('beyond the limit'),
});
export type TrafficRequestsAnswer = z.infer<typeof TrafficRequestsAnswer>;
