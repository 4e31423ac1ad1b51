import { describe, expect, it } from 'vitest';
import { createCounters } from './counters.ts';
import { parseCounts } from './demo-counts.ts';

const identity = { service: 'http-lb', version: 'v2', instance: 'http-lb-v2-0' };

describe('createCounters', () => {
  it('gives back what was counted, whatever stands in the labels', () => {
    const counters = createCounters(identity);
    const odd = { method: 'GET', path: '/', status: 200, userAgent: 'a "b" \\ {c},d="e"\nf' };
    counters.request(odd, 0.004);
    counters.request(odd, 0.004);
    counters.request({ ...odd, status: 500 }, 2);
    expect(parseCounts(counters.text())).toEqual([
      { ...identity, ...odd, count: 2 },
      { ...identity, ...odd, status: 500, count: 1 },
    ]);
  });

  it('has a cumulative histogram whose last bucket is the count', () => {
    const counters = createCounters(identity);
    for (const seconds of [0.0005, 0.004, 0.004, 60])
      counters.request({ method: 'GET', path: '/', status: 200, userAgent: '' }, seconds);
    const text = counters.text();
    expect(text).toMatch(/_bucket\{.*le="0.001"\} 1\n/);
    expect(text).toMatch(/_bucket\{.*le="0.005"\} 3\n/);
    expect(text).toMatch(/_bucket\{.*le="5"\} 3\n/);
    expect(text).toMatch(/_bucket\{.*le="\+Inf"\} 4\n/);
    expect(text).toMatch(/_duration_seconds_count\{.*\} 4\n/);
  });

  it("has the original's metric names: prefix, service with underscores, suffix", () => {
    const counters = createCounters(identity);
    counters.request({ method: 'GET', path: '/', status: 204, userAgent: '' }, 0.1);
    counters.upstream('clover-server1', '200');
    counters.upstream('clover-server1', 'refused');
    counters.upstreamActive('clover-server1', 1);
    const text = counters.text();
    const suffix = '_default_svc_cluster_local_upstream';
    expect(text).toMatch(
      new RegExp(`^envoy_cluster_inbound_9180__http_lb${suffix}_rq_2xx{.*} 1$`, 'm'),
    );
    const outbound = `^envoy_cluster_outbound_9180__clover_server1${suffix}`;
    expect(text).toMatch(new RegExp(`${outbound}_rq_2xx{.*} 1$`, 'm'));
    expect(text).toMatch(new RegExp(`${outbound}_rq_5xx{.*} 1$`, 'm'));
    expect(text).toMatch(new RegExp(`${outbound}_cx_active{.*} 1$`, 'm'));
  });
});
