// What the data plane reports, through the real collector into a real store: edges with subsets and
// versions, and nothing that the proxy answered by itself counted as lost.

import {
  createOtlpHttpReceiver,
  createPipeline,
  type Receiver,
  type SpanPipeline,
} from '@clover/collector';
import type { Scope } from '@clover/model';
import { edges, graph, lost, openStore, services } from '@clover/store';
import { tempDir, type TempDir } from '@clover/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestRecord } from '../src/request-record.ts';
import { createTelemetry, type Telemetry } from '../src/telemetry/telemetry.ts';
import {
  extractTrace,
  forkTrace,
  writeTraceHeaders,
  type TraceContext,
} from '../src/telemetry/trace-context.ts';
import { TraceHeaders } from '../src/telemetry/trace-headers.ts';
import { cluster, endpoint, gateway, requestRecord, workload } from './support/request-record.ts';

const startUnixMs = Date.now() - 60_000;
const scope: Scope = { startMs: startUnixMs - 60_000, endMs: Date.now() + 60_000, filters: [] };
const services_ = {
  jmeter: workload('jmeter'),
  lb: { v1: workload('http-lb', 'v1'), v2: workload('http-lb', 'v2') },
  ids: workload('snort-ids'),
};

let dir: TempDir;
let store: Awaited<ReturnType<typeof openStore>>;
let pipeline: SpanPipeline;
let receiver: Receiver;
let telemetry: Telemetry;

beforeAll(async () => {
  dir = await tempDir('clover-proxy-spans-');
  store = await openStore({ dataDir: dir.path });
  pipeline = createPipeline({ sink: store });
  receiver = createOtlpHttpReceiver({ port: 0, pipeline });
  await receiver.start();
  telemetry = createTelemetry({
    samplingRatio: 0.5,
    spans: { endpoint: receiver.address() },
  });
  traffic();
  await telemetry.flush(10_000);
});
afterAll(async () => {
  await telemetry?.close();
  await receiver?.close(500);
  await pipeline?.close();
  await store?.close();
  await dir?.remove();
});

const SAMPLED = 400;
let requests = 0;

/** Enough requests that some 400 of them are kept, each through a gateway or a sidecar to http-lb. */
function traffic(): void {
  for (let kept = 0; kept < SAMPLED; requests++) {
    const n = kept;
    if (n % 4 === 0) kept += throughGateway(n) ? 1 : 0;
    else if (n % 10 === 1) kept += answeredByProxy(n) ? 1 : 0;
    else kept += throughSidecar(n) ? 1 : 0;
  }
}

/** The context that the next hop takes from what this one writes. */
function incoming(from: TraceContext | undefined, twoSpans = false): TraceContext {
  const headers = new TraceHeaders();
  if (from) writeTraceHeaders(from, (name, value) => headers.offer(name, value));
  return extractTrace(headers, { sampler: telemetry.sampler, twoSpans });
}

function record(changes: Partial<RequestRecord>): void {
  telemetry.record(requestRecord({ startUnixMs: startUnixMs + requests, ...changes }));
}

function lbOf(n: number) {
  const version = n % 5 === 0 ? ('v1' as const) : ('v2' as const);
  const to = endpoint('127.0.0.5', 19180, { app: 'http-lb', version });
  return {
    version,
    cluster: cluster(`outbound|9180|${version}|http-lb.default.svc.cluster.local`),
    endpoint: to,
  };
}

function arrive(at: 'v1' | 'v2', trace: TraceContext, changes: Partial<RequestRecord> = {}): void {
  record({
    direction: 'inbound',
    workload: services_.lb[at],
    cluster: cluster('inbound|9180||'),
    trace: incoming(trace),
    durationMs: 1,
    ...changes,
  });
}

function throughGateway(n: number): boolean {
  const to = lbOf(n);
  const trace = incoming(undefined, true);
  arrive(to.version, trace);
  record({ direction: 'gateway', workload: gateway, ...to, trace });
  return trace.sampled;
}

function throughSidecar(n: number): boolean {
  const to = lbOf(n);
  const trace = incoming(undefined);
  arrive(to.version, trace);
  record({ workload: services_.jmeter, ...to, trace });
  const copy = forkTrace(trace);
  const ids = endpoint('127.0.0.6', 80, { app: 'snort-ids' });
  record({
    direction: 'inbound',
    workload: services_.ids,
    cluster: cluster('inbound|80||'),
    trace: incoming(copy),
  });
  record({
    workload: services_.jmeter,
    cluster: cluster('outbound|80||snort-ids.default.svc.cluster.local'),
    endpoint: ids,
    trace: copy,
    mirror: true,
  });
  return trace.sampled;
}

const FLAGS = ['FI', 'UO', 'UH', 'NR'];

function answeredByProxy(n: number): boolean {
  const flag = FLAGS[Math.floor(n / 10) % FLAGS.length]!;
  const trace = incoming(undefined);
  const to = lbOf(n);
  record({
    workload: services_.jmeter,
    trace,
    status: flag === 'NR' ? 404 : 503,
    responseFlags: flag,
    attempts: 0,
    endpoint: undefined,
    cluster: flag === 'NR' ? undefined : to.cluster,
    upstreamServiceTimeMs: -1,
  });
  return trace.sampled;
}

describe('spans of the data plane in the store', () => {
  it('all arrive, none refused', async () => {
    const { spans, export: sent } = telemetry.stats();
    expect(sent).toMatchObject({ sentSpans: spans, rejectedSpans: 0, droppedSpans: 0 });
    const rows = await store.select<{ n: number }>(
      'SELECT toFloat64(count()) AS n FROM spans FINAL',
    );
    expect(rows[0]?.n).toBe(spans);
  });

  it('make an edge of client and server side, with subset, version and the weight of sampling', async () => {
    const { items } = await edges(store, scope);
    const edge = items.find(
      ({ from, to }) => from === 'jmeter.default' && to === 'http-lb.default',
    );
    expect(edge?.subsets.map(({ subset }) => subset).toSorted()).toContain('v1');
    const v2 = edge?.toVersions.find(({ version }) => version === 'v2');
    const v1 = edge?.toVersions.find(({ version }) => version === 'v1');
    expect(v2!.requests).toBeGreaterThan(v1!.requests);
    // Half of the traces were kept: each stands for two.
    const kept = await store.select<{ n: number }>(
      "SELECT toFloat64(count()) AS n FROM spans FINAL WHERE service = 'http-lb.default' AND kind = 2",
    );
    const total = items
      .filter(({ to }) => to === 'http-lb.default')
      .reduce((sum, one) => sum + one.requests - one.answeredByProxy, 0);
    expect(total).toBe(2 * kept[0]!.n);
  });

  it('show the gateway, and the mirrored copies as calls of their own', async () => {
    const { nodes, edges: arrows } = await graph(store, { ...scope });
    expect(
      nodes.find(({ service }) => service === 'istio-ingressgateway.istio-system'),
    ).toBeDefined();
    const has = (from: string, to: string) =>
      arrows.some((edge) => edge.from === from && edge.to === to);
    expect(has('istio-ingressgateway.istio-system', 'http-lb.default')).toBe(true);
    expect(has('jmeter.default', 'snort-ids.default')).toBe(true);
  });

  it('count nothing lost that the proxy answered by itself', async () => {
    const answer = await lost(store, scope);
    for (const edge of answer.items) expect(edge).toMatchObject({ lost: 0, unanswered: 0 });
    const flags = answer.items.flatMap(({ proxyFlags }) => proxyFlags.map(({ flag }) => flag));
    for (const flag of FLAGS) expect(flags).toContain(flag);
    expect(answer.orphanSpans.count).toBe(0);
  });

  it('give services their versions and namespaces', async () => {
    const { items } = await services(store, scope);
    expect(items.map(({ service }) => service)).toEqual(
      expect.arrayContaining(['http-lb.default', 'snort-ids.default']),
    );
  });
});
