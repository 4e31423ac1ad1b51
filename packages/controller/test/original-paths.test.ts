// The paths and field names of 2018.

import type { MetricBatch } from '@clover/model';
import { createRefusals, jaegerTraceToSpans } from '@clover/collector';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RealApp, startRealApp } from './support/real-app.ts';

const recording = JSON.parse(
  readFileSync(new URL('fixtures/istio-zipkin.json', import.meta.url), 'utf8'),
) as {
  data: {
    spans: { duration: number; processID: string; tags: { key: string; value: unknown }[] }[];
    processes: Record<string, { serviceName: string }>;
  }[];
};

describe("the original's paths", () => {
  let real: RealApp;
  const post = async (url: string, body: object = {}) =>
    (await real.app.inject({ method: 'POST', url, payload: body })).statusCode;
  beforeAll(async () => {
    real = await startRealApp();
    await real.write(
      recording.data.flatMap((trace) => jaegerTraceToSpans(trace, '', createRefusals())),
    );
  });
  afterAll(() => real?.close());

  it('init, start, stop, set take its files, strings for numbers and Cassandra too', async () => {
    expect(await post('/collector/init')).toBe(200);
    expect(
      await post('/collector/start', {
        sample_interval: '2',
        t_host: '127.0.0.1',
        t_port: '1',
        c_hosts: ['cassandra.clover-system'],
        c_port: '9042',
      }),
    ).toBe(200);
    expect(await real.get('/api/v1/visibility')).toMatchObject({ running: true });
    expect(await post('/collector/stop')).toBe(200);
    expect(await post('/collector/start', { sample_intervall: 2 })).toBe(400);
    const set = {
      services: [{ name: 'web_demo' }],
      metric_prefixes: [{ prefix: 'envoy_cluster_outbound_9180__' }],
      metric_suffixes: [{ suffix: '_upstream_rq_2xx' }],
      custom_metrics: [{ metric: 'envoy_tracing_zipkin_spans_sent' }],
    };
    expect(await post('/visibility/set', set)).toBe(200);
    expect(await real.get('/visibility/get/all')).toEqual(set);
    expect(await real.get('/visibility/get/services')).toEqual({ services: set.services });
  });

  it('says of the load tests that they are not built yet', async () => {
    const answer = await real.app.inject({ method: 'POST', url: '/jmeter/start', payload: {} });
    expect(answer.statusCode).toBe(501);
    expect(answer.json()).toMatchObject({
      code: 'original.not_built',
      hint: expect.stringContaining('load'),
    });
  });

  it('gives all statistics under their old names', async () => {
    const times = Array.from({ length: 120 }, (_, i) => Date.now() - (120 - i) * 1000);
    const batch: MetricBatch = {
      series: [
        {
          name: 'envoy_cluster_outbound_9180__web_demo_upstream_rq_2xx',
          labels: {},
          type: 'counter',
          unit: '',
          help: '',
        },
      ],
      seriesIndexes: new Uint32Array(times.length),
      timesUnixMs: Float64Array.from(times),
      values: Float64Array.from(times, (_, i) => i),
      source: 'test',
    };
    await real.store.writeMetrics(batch);
    const all = await real.get<Record<string, unknown>>('/visibility/get/stats/all');
    const names =
      'trace_count span_count metric_count metrics_time response_times request_urls user_agents ' +
      'status_codes op_names node_ids upstream_clusters user_agent_count request_url_count ' +
      'status_code_count node_url_count node_id_count';
    expect(Object.keys(all)).toEqual(names.split(' '));
    const spans = recording.data.flatMap((trace) => trace.spans);
    expect(all).toMatchObject({
      trace_count: recording.data.length,
      span_count: spans.length,
      metric_count: 120,
    });
    const [metric] = all['metrics_time'] as { service: string; values: number[] }[];
    expect(metric).toMatchObject({
      name: 'envoy_cluster_outbound_9180__web_demo_upstream_rq_2xx',
      service: 'web_demo',
      prefix: 'envoy_cluster_outbound_9180__',
      suffix: '_upstream_rq_2xx',
    });
    expect(metric!.values).toEqual(Array.from({ length: 100 }, (_, i) => i + 20));
    const front = recording.data
      .flatMap(({ spans: own, processes }) =>
        own.filter(
          ({ processID, tags }) =>
            processes[processID]!.serviceName === 'front.demo' &&
            tags.some(({ key, value }) => key === 'span.kind' && value === 'server'),
        ),
      )
      .map(({ duration }) => duration / 1000);
    expect(all['response_times']).toContainEqual({
      name: 'front.demo',
      min: Math.min(...front),
      avg: expect.closeTo(front.reduce((a, b) => a + b, 0) / front.length, 2),
      max: Math.max(...front),
    });
    const counts = all['status_code_count'] as Record<string, Record<string, number>>;
    const urls = all['request_url_count'] as Record<string, number>;
    for (const [url, codes] of Object.entries(counts))
      expect(Object.values(codes).reduce((a, b) => a + b, 0)).toBe(urls[url]);
    expect(await real.get('/visibility/get/stats/system?since=1m')).toMatchObject({
      span_count: 0,
    });
    const parts = await Promise.all(
      ['system', 'metrics', 'tracing'].map((part) =>
        real.get<object>(`/visibility/get/stats/${part}`),
      ),
    );
    expect(Object.assign({}, ...parts)).toEqual(all);
  });

  it('clears by GET as it did, but not for a page of another site', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    const foreign = await real.app.inject({ url: '/visibility/clear', headers });
    expect(foreign.statusCode).toBe(403);
    expect((await real.app.inject('/visibility/clear')).statusCode).toBe(200);
    expect(await real.get('/visibility/get/stats/system')).toEqual({
      trace_count: 0,
      span_count: 0,
      metric_count: 0,
    });
    expect(await post('/collector/truncate')).toBe(200);
  });
});
