// Span metrics and service-graph metrics against what was sent.

import type { Span } from '@clover/model';
import { createSpanWriter } from '@clover/collector';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSpanTap } from '../src/process/span-tap.ts';
import { createServiceGraphMetrics } from '../src/span-metrics/service-graph.ts';
import { createSpanMetrics } from '../src/span-metrics/span-metrics.ts';
import { createPipeline } from '@clover/collector';
import { type RealApp, startRealApp } from './support/real-app.ts';

const MS = 1_000_000n;
let nextId = 1;
const id = (length: number) => (nextId++).toString(16).padStart(length, '0');

/** A call of `back` by `front`: two spans. */
function call(startMs: number, durationMs: number, failed = false): Span[] {
  const traceId = id(32);
  const base = {
    traceId,
    traceState: '',
    name: 'GET /',
    startTimeUnixNano: BigInt(startMs) * MS,
    durationNs: BigInt(durationMs) * MS,
    status: { code: failed ? ('error' as const) : ('unset' as const), message: '' },
    attributes: {},
    events: [],
    links: [],
    scope: { name: '', version: '' },
  };
  const client = id(16);
  return [
    {
      ...base,
      spanId: client,
      parentSpanId: '',
      kind: 'client',
      resource: { attributes: { 'service.name': 'front' } },
    },
    {
      ...base,
      spanId: id(16),
      parentSpanId: client,
      kind: 'server',
      resource: { attributes: { 'service.name': 'back' } },
    },
  ];
}

function samples(text: string): Map<string, number> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
  );
}

describe('metrics of spans', () => {
  let real: RealApp;
  beforeAll(async () => {
    real = await startRealApp();
  });
  afterAll(() => real?.close());

  function tapped(maxSeries: number) {
    const metrics = createSpanMetrics(maxSeries);
    const pipeline = createPipeline({ sink: createSpanTap(real.store, real.events, metrics) });
    return { metrics, pipeline, write: createSpanWriter(pipeline, 'test') };
  }

  it('counts calls and durations per service, name, kind and status', async () => {
    const { metrics, pipeline, write } = tapped(100);
    const now = Date.now();
    await write([...call(now, 1), ...call(now, 3), ...call(now, 100, true)]);
    await write(call(now - 3_600_000, 1)); // history
    const found = samples(metrics.text());
    const labels = (status: string) =>
      `service="back",span_name="GET /",span_kind="SPAN_KIND_SERVER",status_code="STATUS_CODE_${status}"`;
    expect(found.get(`traces_spanmetrics_calls_total{${labels('UNSET')}}`)).toBe(2);
    expect(found.get(`traces_spanmetrics_calls_total{${labels('ERROR')}}`)).toBe(1);
    const bucket = (le: string) =>
      found.get(`traces_spanmetrics_latency_bucket{${labels('UNSET')},le="${le}"}`);
    expect([bucket('0.002'), bucket('0.004'), bucket('+Inf')]).toEqual([1, 2, 2]);
    expect(found.get(`traces_spanmetrics_latency_sum{${labels('UNSET')}}`)).toBeCloseTo(0.004);
    expect(found.get(`traces_spanmetrics_latency_count{${labels('UNSET')}}`)).toBe(2);
    expect(found.get('clover_spanmetrics_late_spans_total')).toBe(2);
    await pipeline.close();
  });

  it('sums what is beyond the bound as "other", and loses nothing', async () => {
    const { metrics, pipeline, write } = tapped(5);
    const now = Date.now();
    for (let i = 0; i < 20; i++)
      await write(call(now, 1).map((span) => ({ ...span, name: `n${i}` })));
    const calls = [...samples(metrics.text())].filter(([name]) => name.includes('calls_total'));
    expect(calls).toHaveLength(6);
    expect(calls.reduce((sum, [, value]) => sum + value, 0)).toBe(40);
    expect(calls.at(-1)![0]).toContain('service="other"');
    await pipeline.close();
  });

  it('counts calls between services once, and never goes backwards', async () => {
    const start = Date.now() - 7_200_000;
    await real.store.clear(['spans']);
    let now = start + 60_000;
    const graph = createServiceGraphMetrics({
      store: real.store,
      maxSeries: 100,
      startMs: start,
      nowMs: () => now,
      waitMs: 30_000,
      onError: (error) => {
        throw error;
      },
    });
    const look = async () => {
      now += 11_000;
      return samples(await graph.text());
    };
    const edge = 'client="front",server="back",connection_type=""';
    const total = async () =>
      (await look()).get(`traces_service_graph_request_total{${edge}}`) ?? 0;
    const spans = [...call(start, 50), ...call(start, 150), ...call(start, 250, true)];
    await real.write(spans);
    await real.write(spans); // delivered again
    const first = await look();
    expect(first.get(`traces_service_graph_request_total{${edge}}`)).toBe(3);
    expect(first.get(`traces_service_graph_request_failed_total{${edge}}`)).toBe(1);
    const server = (le: string) =>
      first.get(`traces_service_graph_request_server_seconds_bucket{${edge},le="${le}"}`);
    expect([server('0.1'), server('0.2'), server('0.4'), server('+Inf')]).toEqual([1, 2, 3, 3]);
    expect(first.get(`traces_service_graph_request_server_seconds_sum{${edge}}`)).toBeCloseTo(0.45);
    await real.write(call(start + 1000, 1));
    expect(await total()).toBe(4);
    now += 30 * 60_000; // the first minutes are closed
    expect(await total()).toBe(4);
    await real.write(call(now - 60_000, 1));
    expect(await total()).toBe(5);
    await real.store.clear(['spans']);
    expect(await total()).toBe(5);
    await real.write(call(now - 60_000, 1));
    expect(await total()).toBe(6);
  });
});
