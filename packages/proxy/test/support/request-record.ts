import type { RequestRecord } from '../../src/request-record.ts';
import type { Cluster, Endpoint } from '../../src/upstream/cluster.ts';
import type { GatewayWorkload, Workload } from '../../src/workload.ts';

export function workload(service: string, version = 'v1', namespace = 'default'): Workload {
  return {
    name: `${service}-${version}`,
    namespace,
    service,
    labels: { app: service, version },
    serviceAccount: service,
    address: '127.0.0.1',
    ports: { 9180: 19180 },
  };
}

export const gateway: GatewayWorkload = {
  name: 'istio-ingressgateway',
  namespace: 'istio-system',
  labels: { istio: 'ingressgateway', app: 'istio-ingressgateway' },
  ports: { 80: 0 },
};

export function endpoint(address: string, port: number, labels: Record<string, string>): Endpoint {
  return { address, port, key: `${address}:${port}`, labels, active: 0, slot: undefined };
}

export function cluster(name: string, endpoints: readonly Endpoint[] = []): Cluster {
  return {
    name,
    statsName: name.replaceAll(/[^A-Za-z0-9_]/g, '_'),
    limits: {
      connectTimeoutMs: 1000,
      idleTimeoutMs: 0,
      maxRequestsPerConnection: 0,
      maxConnections: 100,
      maxPendingRequests: 100,
      maxRequests: 100,
      maxRetries: 3,
    },
    tls: undefined,
    http2: false,
    endpoints,
    hashes: false,
    requests: 0,
    retries: 0,
    pending: 0,
    connections: 0,
    pick: () => endpoints[0],
    report: () => undefined,
  };
}

/** A request that went well from jmeter's sidecar to http-lb v2, with what a test wants otherwise. */
export function requestRecord(changes: Partial<RequestRecord> = {}): RequestRecord {
  const to = endpoint('127.0.0.5', 19180, { app: 'http-lb', version: 'v2' });
  return {
    workload: workload('jmeter'),
    direction: 'outbound',
    startUnixMs: Date.UTC(2026, 10, 23, 1, 58, 31, 900) + 0.25,
    durationMs: 2.5,
    method: 'GET',
    path: '/front?x=1',
    upstreamPath: '/front?x=1',
    authority: 'http-lb:9180',
    port: 9180,
    scheme: 'http',
    protocol: 'HTTP/1.1',
    status: 200,
    grpcStatus: -1,
    responseFlags: '',
    overflow: '',
    responseCodeDetails: 'via_upstream',
    bytesReceived: 0,
    bytesSent: 34,
    userAgent: 'chrome/129',
    requestId: 'b92b662b-478b-9c70-b65f-c131126a973e',
    forwardedFor: '',
    cluster: cluster('outbound|9180|v2|http-lb.default.svc.cluster.local', [to]),
    endpoint: to,
    attempts: 1,
    upstreamServiceTimeMs: 1,
    routeName: '',
    evidence: undefined,
    downstreamRemote: '127.0.0.1:56954',
    downstreamLocal: '127.0.0.2:9180',
    upstreamLocal: '127.0.0.1:57982',
    listener: '',
    serverName: '',
    peer: undefined,
    trace: undefined,
    mirror: false,
    ...changes,
  };
}
