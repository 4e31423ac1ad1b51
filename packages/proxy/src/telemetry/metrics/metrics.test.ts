import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cluster,
  endpoint,
  gateway,
  requestRecord,
  workload,
} from '../../../test/support/request-record.ts';
import type { RequestRecord } from '../../request-record.ts';
import type { ObservedCluster } from './cluster-gauges.ts';
import { createMetrics, type MetricsOptions } from './metrics.ts';

function create(options: Partial<MetricsOptions> = {}) {
  return createMetrics({
    clusterId: 'clover',
    trustDomain: 'cluster.local',
    clusters: () => [],
    clusterNames: 'both',
    maxClusters: 100,
    maxListeners: 100,
    maxSeries: 100,
    ...options,
  });
}

/** Value by `name{labels}`. */
function scrape(metrics: ReturnType<typeof create>): Map<string, number> {
  const lines = [...metrics.families()].join('').split('\n');
  const samples = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

function after(records: readonly RequestRecord[], options: Partial<MetricsOptions> = {}) {
  const metrics = create(options);
  for (const record of records) metrics.charge(record);
  return scrape(metrics);
}

const TAGGED = 'cluster_name="outbound|9180|v2|http-lb.default.svc.cluster.local"';

describe('cluster metrics', () => {
  it('count by status under the tagged names of today and the plain ones of 2018', () => {
    const to = cluster('outbound|9180||clover-server1.default.svc.cluster.local');
    const samples = after([
      requestRecord({ cluster: to }),
      requestRecord({ cluster: to }),
      requestRecord({ cluster: to, status: 503, responseFlags: 'UH', attempts: 0 }),
    ]);
    const plain = 'envoy_cluster_outbound_9180__clover_server1_default_svc_cluster_local_';
    expect(samples.get(`${plain}upstream_rq_2xx{}`)).toBe(2);
    expect(samples.get(`${plain}upstream_rq_503{}`)).toBe(1);
    expect(samples.get(`${plain}upstream_cx_none_healthy{}`)).toBe(1);
    const tag = `cluster_name="${to.name}"`;
    expect(samples.get(`envoy_cluster_upstream_rq{${tag},response_code="200"}`)).toBe(2);
    expect(samples.get(`envoy_cluster_upstream_rq{${tag},response_code_class="5xx"}`)).toBe(1);
    expect(samples.get(`envoy_cluster_upstream_rq_total{${tag}}`)).toBe(2);
    expect(samples.get(`envoy_cluster_upstream_rq_completed{${tag}}`)).toBe(3);
  });

  it('keep the workloads of one service apart on the inbound side, under the name of 2018', () => {
    const inbound = (version: string) =>
      requestRecord({
        direction: 'inbound',
        workload: workload('http-lb', version),
        cluster: cluster('inbound|9180||'),
      });
    const samples = after([inbound('v1'), inbound('v2'), inbound('v2')]);
    const plain = 'envoy_cluster_inbound_9180__http_lb_default_svc_cluster_local_upstream_rq_2xx';
    expect(samples.get(`${plain}{workload="http-lb-v2",namespace="default"}`)).toBe(2);
    expect(samples.get(`${plain}{workload="http-lb-v1",namespace="default"}`)).toBe(1);
  });

  it('do not count what a filter answered before the router', () => {
    const samples = after([
      requestRecord({ status: 451, responseFlags: 'FI', attempts: 0 }),
      requestRecord({ status: 404, responseFlags: 'NR', cluster: undefined, attempts: 0 }),
      requestRecord({ status: 301, attempts: 0 }),
    ]);
    expect([...samples.keys()].filter((name) => name.startsWith('envoy_cluster_'))).toEqual([]);
    const listener = 'http_conn_manager_prefix="outbound_127.0.0.2_9180"';
    expect(samples.get(`envoy_http_fault_aborts_injected{${listener}}`)).toBe(1);
    expect(samples.get(`envoy_http_downstream_rq_completed{${listener}}`)).toBe(3);
    expect(samples.get(`envoy_http_downstream_rq{response_code_class="4xx",${listener}}`)).toBe(2);
  });

  it('tell retries, timeouts, overflow and failed connections', () => {
    const samples = after([
      requestRecord({ attempts: 3 }),
      requestRecord({ attempts: 2, status: 503, responseFlags: 'UF,URX' }),
      requestRecord({ status: 504, responseFlags: 'UT' }),
      requestRecord({
        status: 503,
        responseFlags: 'UO',
        overflow: 'request',
        responseCodeDetails: 'upstream_reset_before_response_started{overflow}',
        attempts: 0,
      }),
      // The answer that was to be asked for again, and no room for a retry, whatever its words are.
      requestRecord({
        status: 503,
        responseFlags: 'UO',
        overflow: 'retry',
        responseCodeDetails: 'overflow',
      }),
    ]);
    const value = (name: string) => samples.get(`envoy_cluster_${name}{${TAGGED}}`);
    expect(value('upstream_rq_total')).toBe(3 + 1 + 1 + 1);
    expect(value('upstream_rq_retry')).toBe(3);
    expect(value('upstream_rq_retry_success')).toBe(1);
    expect(value('upstream_rq_retry_limit_exceeded')).toBe(1);
    expect(value('upstream_rq_timeout')).toBe(1);
    expect(value('upstream_rq_pending_overflow')).toBe(1);
    expect(value('upstream_rq_retry_overflow')).toBe(1);
    expect(value('upstream_rq_pending_failure_eject')).toBe(1);
  });

  it('count a mirrored copy for its cluster alone', () => {
    const samples = after([requestRecord({ mirror: true })]);
    expect(samples.get(`envoy_cluster_upstream_rq_total{${TAGGED}}`)).toBe(1);
    expect([...samples.keys()].some((name) => name.startsWith('istio_'))).toBe(false);
  });

  it('show connections, breakers and ejections of the clusters in use, summed over their callers', () => {
    const view: ObservedCluster = {
      ...cluster('outbound|80||a.default.svc.cluster.local', [endpoint('10.0.0.1', 80, {})]),
      connections: 3,
      requests: 100,
      healthy: 0,
      ejections: { active: 1, total: 4, overflow: 2 },
    };
    const samples = after([], { clusters: () => [view, { ...view, requests: 1 }] });
    const value = (name: string) =>
      samples.get(`envoy_cluster_${name}{cluster_name="${view.name}"}`);
    expect(value('upstream_cx_active')).toBe(6);
    expect(value('membership_total')).toBe(1);
    expect(value('membership_healthy')).toBe(0);
    expect(value('circuit_breakers_default_rq_open')).toBe(1);
    expect(value('circuit_breakers_default_cx_open')).toBe(0);
    expect(value('outlier_detection_ejections_active')).toBe(2);
    expect(value('outlier_detection_ejections_enforced_total')).toBe(8);
    expect(
      samples.get('envoy_cluster_outbound_80__a_default_svc_cluster_local_upstream_cx_active{}'),
    ).toBe(6);
  });

  it('show the connections to a workload’s own program under its service, as in 2018', () => {
    const inbound = cluster('inbound|9180||', [endpoint('127.0.0.1', 19180, {})]);
    const of = (version: string, connections: number): ObservedCluster => ({
      ...inbound,
      inbound: workload('http-lb', version),
      connections,
    });
    const samples = after([], { clusters: () => [of('v1', 2), of('v2', 3)] });
    const plain =
      'envoy_cluster_inbound_9180__http_lb_default_svc_cluster_local_upstream_cx_active';
    expect(samples.get(`${plain}{workload="http-lb-v1",namespace="default"}`)).toBe(2);
    expect(samples.get(`${plain}{workload="http-lb-v2",namespace="default"}`)).toBe(3);
  });

  it('take what the pool tells of its connections', () => {
    const metrics = create();
    const to = cluster('outbound|80||a.default.svc.cluster.local');
    const stats = metrics.clusterStats(to);
    stats.connectionOpened(2, 'http1');
    stats.count('upstream_cx_connect_fail');
    stats.count('upstream_cx_connect_timeout');
    stats.bytes(10, 20);
    stats.connectionClosed({ lengthMs: 9, byRemote: true, activeRequests: 1 });
    const samples = scrape(metrics);
    const value = (name: string) => samples.get(`envoy_cluster_${name}{cluster_name="${to.name}"}`);
    expect(value('upstream_cx_total')).toBe(1);
    expect(value('upstream_cx_connect_timeout')).toBe(1);
    expect(value('upstream_cx_destroy_remote_with_active_rq')).toBe(1);
    expect(value('upstream_cx_rx_bytes_total')).toBe(10);
    expect(value('upstream_cx_connect_ms_count')).toBe(1);
    expect(metrics.clusterStats(to)).toBe(stats);
  });
});

describe('Istio’s standard metrics', () => {
  it('name both ends as the client’s proxy knows them', () => {
    const samples = after([requestRecord({ bytesReceived: 7 })]);
    const name = [...samples.keys()].find((text) => text.startsWith('istio_requests_total'));
    expect(name).toBe(
      'istio_requests_total{reporter="source",source_workload="jmeter-v1",source_canonical_service="jmeter",' +
        'source_canonical_revision="v1",source_workload_namespace="default",source_principal="unknown",' +
        'source_app="jmeter",source_version="v1",source_cluster="clover",destination_workload="unknown",' +
        'destination_workload_namespace="default",destination_principal="unknown",destination_app="http-lb",' +
        'destination_version="v2",destination_service="http-lb.default.svc.cluster.local",' +
        'destination_canonical_service="http-lb",destination_canonical_revision="v2",' +
        'destination_service_name="http-lb",destination_service_namespace="default",destination_cluster="clover",' +
        'request_protocol="http",response_code="200",grpc_response_status="",response_flags="-",' +
        'connection_security_policy="unknown"}',
    );
    const labels = name!.slice('istio_requests_total{'.length, -1);
    expect(samples.get(`istio_request_duration_milliseconds_bucket{${labels},le="1"}`)).toBe(0);
    expect(samples.get(`istio_request_duration_milliseconds_bucket{${labels},le="5"}`)).toBe(1);
    expect(samples.get(`istio_request_duration_milliseconds_sum{${labels}}`)).toBe(2.5);
    expect(samples.get(`istio_request_bytes_sum{${labels}}`)).toBe(7);
    expect(samples.get(`istio_response_bytes_count{${labels}}`)).toBe(1);
  });

  it('name the caller by its certificate as the server’s proxy knows it', () => {
    const peer = {
      service: 'front',
      namespace: 'shop',
      revision: 'v3',
      principal: 'cluster.local/ns/shop/sa/front',
    };
    const samples = after([
      requestRecord({
        direction: 'inbound',
        workload: workload('http-lb', 'v2'),
        peer,
        cluster: cluster('inbound|9180||'),
      }),
      requestRecord({
        direction: 'inbound',
        workload: workload('http-lb', 'v2'),
        peer: { ...peer },
        grpcStatus: 0,
      }),
    ]);
    const names = [...samples.keys()].filter((text) => text.startsWith('istio_requests_total'));
    expect(names).toHaveLength(2);
    expect(names[0]).toContain('reporter="destination",source_workload="front-v3"');
    expect(names[0]).toContain('source_principal="spiffe://cluster.local/ns/shop/sa/front"');
    expect(names[0]).toContain(
      'destination_principal="spiffe://cluster.local/ns/default/sa/http-lb"',
    );
    expect(names[0]).toContain('connection_security_policy="mutual_tls"');
    expect(names[1]).toContain(
      'request_protocol="grpc",response_code="200",grpc_response_status="0"',
    );
  });

  it('count on when a new configuration brings new objects of the same names', () => {
    const samples = after([requestRecord(), requestRecord()]);
    const names = [...samples].filter(([text]) => text.startsWith('istio_requests_total'));
    expect(names.map(([, value]) => value)).toEqual([2]);
  });

  it('count TCP connections and bytes', () => {
    const metrics = create();
    const { workload: from, cluster: to, endpoint: at, peer } = requestRecord();
    const meter = metrics.openTcp({
      workload: from,
      direction: 'outbound',
      cluster: to,
      endpoint: at,
      peer,
    });
    meter.bytes(5, 8);
    meter.bytes(1, 0);
    meter.closed();
    const samples = [...scrape(metrics)].filter(([name]) => name.startsWith('istio_tcp'));
    expect(samples.map(([name, value]) => [name.split('{')[0], value])).toEqual([
      ['istio_tcp_sent_bytes_total', 8],
      ['istio_tcp_received_bytes_total', 6],
      ['istio_tcp_connections_opened_total', 1],
      ['istio_tcp_connections_closed_total', 1],
    ]);
  });

  it('report a gateway as a source', () => {
    const samples = after([requestRecord({ workload: gateway, direction: 'gateway' })]);
    expect([...samples.keys()].find((text) => text.startsWith('istio_requests_total'))).toContain(
      'reporter="source",source_workload="istio-ingressgateway",source_canonical_service="istio-ingressgateway",source_canonical_revision="latest"',
    );
  });
});

describe('the number of series', () => {
  it('stays bounded whatever comes, and every request is counted somewhere', () => {
    const host = fc.stringMatching(/^[a-z]{1,8}$/);
    const one = fc.record({
      host,
      status: fc.integer({ min: 100, max: 599 }),
      port: fc.nat(65_535),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 200 }), (requests) => {
        const metrics = create({ maxClusters: 5, maxListeners: 5, maxSeries: 5 });
        for (const { host: name, status, port } of requests)
          metrics.charge(
            requestRecord({
              status,
              cluster: cluster(`outbound|80||${name}.default.svc.cluster.local`),
              downstreamLocal: `127.0.0.1:${port}`,
            }),
          );
        const samples = [...scrape(metrics)];
        const total = (name: string) =>
          samples.reduce(
            (sum, [text, value]) => sum + (text.startsWith(`${name}{`) ? value : 0),
            0,
          );
        expect(total('istio_requests_total')).toBe(requests.length);
        expect(total('envoy_cluster_upstream_rq_total')).toBe(requests.length);
        expect(total('envoy_http_downstream_rq_total')).toBe(requests.length);
        expect(samples.length).toBeLessThan(3000);
      }),
      { numRuns: 30 },
    );
  });

  it('says how many were counted under other', () => {
    const ports = [1, 2, 3, 4].map((port) =>
      requestRecord({ downstreamLocal: `127.0.0.1:${port}` }),
    );
    const samples = after(ports, { maxListeners: 2 });
    expect(samples.get('clover_proxy_metric_overflows_total{kind="listener"}')).toBe(2);
    expect(
      samples.get('envoy_http_downstream_rq_total{http_conn_manager_prefix="outbound_other"}'),
    ).toBe(2);
  });
});
