import { z } from 'zod';
import { DataPlaneApplied } from './traffic.ts';

const Name = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'lower-case letters, digits, -');
const Port = z.number().int().min(1).max(65535);

export const WorkloadPort = z.strictObject({
  port: Port.describe('of the service'),
  targetPort: Port.optional().describe('where the program listens; port when absent'),
  protocol: z.string().max(20).default('HTTP'),
});

/** What `mesh run` and `mesh add` send. */
export const WorkloadJoin = z.strictObject({
  name: Name.max(63).optional().describe('SERVICE-VERSION and a number when absent'),
  namespace: Name.max(63).default('default'),
  service: Name.max(63),
  labels: z.record(z.string(), z.string()).default({}),
  serviceAccount: z.string().max(253).default('default'),
  address: z.union([z.ipv4(), z.ipv6()], 'an IP address is wanted').default('127.0.0.1'),
  ports: z.array(WorkloadPort).max(100).default([]).describe('none: it only calls others'),
  ready: z
    .boolean()
    .default(true)
    .describe('false: it has listeners and gets no requests until a heartbeat says that it is'),
  leaseMs: z
    .number()
    .int()
    .min(1000)
    .max(3_600_000)
    .optional()
    .describe('without a heartbeat for so long it goes out by itself; absent: it stays'),
});
export type WorkloadJoin = z.infer<typeof WorkloadJoin>;

export const WorkloadHeartbeat = z.strictObject({ ready: z.boolean().optional() });
export type WorkloadHeartbeat = z.infer<typeof WorkloadHeartbeat>;

/** Where a workload's program finds its listeners. */
export const WorkloadListeners = z.object({
  httpProxy: z.string().nullable().describe('http://127.0.0.1:PORT, for HTTP_PROXY'),
  outbound: z
    .array(z.object({ host: z.string(), port: z.number(), address: z.string() }))
    .describe('a local address for each port of each service'),
  inbound: z.array(z.object({ port: z.number(), address: z.string() })),
});
export type WorkloadListeners = z.infer<typeof WorkloadListeners>;

export const WorkloadStatus = z.object({
  name: z.string(),
  namespace: z.string(),
  service: z.string(),
  labels: z.record(z.string(), z.string()),
  serviceAccount: z.string(),
  address: z.string(),
  ports: z.array(z.object({ port: z.number(), targetPort: z.number(), protocol: z.string() })),
  joinedAt: z.string(),
  joinedBy: z.string(),
  leaseMs: z.number().nullable(),
  leaseEndsAt: z.string().nullable(),
  ready: z.boolean().describe('it gets requests'),
  listeners: WorkloadListeners.nullable().describe('null without a data plane'),
});
export type WorkloadStatus = z.infer<typeof WorkloadStatus>;

export const WorkloadsAnswer = z.object({ items: z.array(WorkloadStatus) });
export type WorkloadsAnswer = z.infer<typeof WorkloadsAnswer>;

export const WorkloadJoined = z.object({ workload: WorkloadStatus, dataPlane: DataPlaneApplied });
export type WorkloadJoined = z.infer<typeof WorkloadJoined>;

export const MeshAnswer = z.object({
  enabled: z.boolean(),
  dataPlane: z.object({
    state: z.enum(['off', 'starting', 'up', 'down']),
    detail: z.string(),
    pid: z.number().nullable(),
    startedAt: z.string().nullable(),
    revision: z.number().nullable().describe('of the configuration that it enforces'),
    lastApply: DataPlaneApplied,
  }),
  workloads: z.number(),
  gateways: z.array(
    z.object({
      name: z.string(),
      namespace: z.string(),
      labels: z.record(z.string(), z.string()),
      listeners: z.array(z.object({ port: z.number(), address: z.string() })),
    }),
  ),
  metrics: z.string().nullable().describe('where its Prometheus metrics are'),
});
export type MeshAnswer = z.infer<typeof MeshAnswer>;

/** An endpoint as one client sees it: limits and ejections are each client's own, as in Istio. */
export const MeshEndpoint = z.object({
  address: z.string().describe('address:port'),
  labels: z.record(z.string(), z.string()),
  healthy: z.boolean().describe('it gets requests'),
  ejectedUntil: z.string().nullable().describe('at the earliest; null when it is not ejected'),
  failedCheck: z.boolean().describe('its health check says that it is not well'),
  activeRequests: z.number(),
  tls: z.enum(['none', 'simple', 'mutual']).describe('how connections to it are made'),
});
export type MeshEndpoint = z.infer<typeof MeshEndpoint>;

export const MeshCluster = z.object({
  client: z.string().describe('namespace/name of the workload or gateway whose view this is'),
  name: z.string().describe('as Envoy’s: outbound|9180|v1|http-lb.default.svc.cluster.local'),
  requests: z.number().describe('under way'),
  pending: z.number().describe('requests that wait for a connection'),
  connections: z.number(),
  endpoints: z.array(MeshEndpoint).describe('the first hundred'),
  endpointCount: z.number(),
});
export type MeshCluster = z.infer<typeof MeshCluster>;

export const MeshStatistics = z.looseObject({
  connections: z.number().describe('of clients, at all listeners'),
  refusedConnections: z.number().describe('since the start, because there were too many'),
  bufferedBytes: z
    .number()
    .describe('of bodies that are held or kept now, and of answers that wait for their clients'),
  bodiesNotKept: z
    .number()
    .describe('since the start: bodies passed on without being kept for retries and mirrors'),
  requestsRefused: z
    .number()
    .describe('since the start: answered with 503, no room to hold their body'),
  mirrorsDropped: z
    .number()
    .describe('since the start: copies not sent, because too many were under way'),
  answersCut: z
    .number()
    .describe('since the start: answers over HTTP/2 cut off, because their clients did not read'),
  bugs: z
    .number()
    .describe('since the start: mistakes of the data plane’s own; each ended one request at most'),
  clusters: z.array(MeshCluster),
});
export type MeshStatistics = z.infer<typeof MeshStatistics>;

export const MeshStatisticsAnswer = z.object({
  timeMs: z.number(),
  statistics: MeshStatistics.nullable().describe('null without a data plane'),
});
export type MeshStatisticsAnswer = z.infer<typeof MeshStatisticsAnswer>;
