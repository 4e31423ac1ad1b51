import { describe, expect, it } from 'vitest';
import { isTracked, trackedMetricNames } from './tracked-metrics.ts';

describe('trackedMetricNames', () => {
  it('joins prefix, service and suffix as the original did, then adds custom names', () => {
    const names = trackedMetricNames({
      services: ['proxy-access-control', 'proxy-access-control.default', 'web.demo'],
      prefixes: ['envoy_cluster_outbound_9180__'],
      suffixes: ['_default_svc_cluster_local_upstream_rq_2xx'],
      customMetrics: ['envoy_tracing_zipkin_spans_sent'],
    }).map(({ name }) => name);
    expect(names).toEqual([
      'envoy_cluster_outbound_9180__proxy_access_control_default_svc_cluster_local_upstream_rq_2xx',
      'envoy_cluster_outbound_9180__web_demo_default_svc_cluster_local_upstream_rq_2xx',
      'envoy_tracing_zipkin_spans_sent',
    ]);
  });

  it('does not say a namespace twice, where services have Istio’s names', () => {
    const names = trackedMetricNames({
      services: ['http-lb.default', 'web.demo'],
      prefixes: ['p_'],
      suffixes: ['_default_svc_rq'],
      customMetrics: [],
    }).map(({ name }) => name);
    expect(names).toEqual(['p_http_lb_default_svc_rq', 'p_web_demo_default_svc_rq']);
  });
});

describe('isTracked', () => {
  it('takes the spellings of the original', () => {
    expect(isTracked('proxy-access-control', ['proxy_access_control'])).toBe(true);
    expect(isTracked('proxy-access-control.default', ['proxy_access_control'])).toBe(true);
    expect(isTracked('http-lb', ['proxy_access_control'])).toBe(false);
    expect(isTracked('http-lb', [])).toBe(true);
  });
  it('takes a mesh’s names of services in the usual namespace', () => {
    for (const name of [
      'http_lb',
      'http-lb',
      'http-lb.default',
      'http-lb.default.svc.cluster.local',
    ])
      for (const service of ['http-lb', 'http-lb.default'])
        expect([name, service, isTracked(service, [name])]).toEqual([name, service, true]);
    expect(isTracked('http-lb.shop', ['http-lb'])).toBe(true);
    expect(isTracked('http-lb.shop', ['http-lb.default'])).toBe(false);
    expect(isTracked('http-lb.shop', ['http-lb.bank'])).toBe(false);
  });
});
