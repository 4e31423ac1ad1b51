import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, type DemoCount, startDemo } from '@clover/services';

interface SeenSpan {
  readonly service: string;
  readonly version: string;
  readonly kind: number;
  readonly spanId: string;
  readonly parentId: string;
  readonly status: number | undefined;
  readonly attributes: Readonly<Record<string, string | number>>;
}

// The few fields of OTLP that are looked at here, by the numbers of opentelemetry/proto/trace/v1.
const { root } = protobuf.parse(`syntax = "proto3";
  message Value { string s = 1; bool b = 2; int64 i = 3; double d = 4; }
  message Pair { string key = 1; Value value = 2; }
  message Resource { repeated Pair attributes = 1; }
  message Span { bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6; repeated Pair attributes = 9; }
  message ScopeSpans { repeated Span spans = 2; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Request { repeated ResourceSpans resource_spans = 1; }`);
const Request = root.lookupType('Request');

/** A receiver that keeps every span of every OTLP request. */
async function createReceiver(): Promise<{ url: string; spans: SeenSpan[]; server: Server }> {
  const spans: SeenSpan[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    spans.push(...decode(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, server };
}

function decode(body: Buffer): SeenSpan[] {
  interface Pair {
    key: string;
    value: { s?: string; i?: string };
  }
  const request = Request.toObject(Request.decode(body), { longs: String, bytes: Buffer }) as {
    resourceSpans: {
      resource: { attributes: Pair[] };
      scopeSpans: {
        spans: { kind: number; spanId: Buffer; parentSpanId?: Buffer; attributes: Pair[] }[];
      }[];
    }[];
  };
  const flat = (pairs: Pair[]) =>
    Object.fromEntries(pairs.map(({ key, value }) => [key, value.s ?? Number(value.i)]));
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const who = flat(resource.attributes);
    return scopeSpans.flatMap((scope) =>
      scope.spans.map((span): SeenSpan => {
        const attributes = flat(span.attributes ?? []);
        return {
          service: String(who['service.name']),
          version: String(who['service.version']),
          kind: span.kind,
          spanId: span.spanId.toString('hex'),
          parentId: span.parentSpanId?.toString('hex') ?? '',
          status: attributes['http.response.status_code'] as number | undefined,
          attributes,
        };
      }),
    );
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function tally<T>(items: readonly T[], key: (item: T) => string, count: (item: T) => number) {
  const sums: Record<string, number> = {};
  for (const item of items) sums[key(item)] = (sums[key(item)] ?? 0) + count(item);
  return sums;
}

describe('startDemo', () => {
  let receiver: Awaited<ReturnType<typeof createReceiver>>;
  let demo: Demo;
  let counts: DemoCount[];
  let servers: SeenSpan[];
  beforeAll(async () => {
    receiver = await createReceiver();
    demo = await startDemo({ otlpHttpUrl: receiver.url, rate: 200, restartEveryMs: 1600 });
    await sleep(4000);
    await demo.drain();
    counts = await demo.counters();
    servers = receiver.spans.filter(({ kind }) => kind === 2);
  });
  afterAll(async () => {
    await demo.close();
    receiver.server.close();
  });

  it('has sent a server span for each request that its services counted, and no other', () => {
    expect(counts.length).toBeGreaterThan(50);
    const key = (service: string, version: string, status: unknown, agent: unknown) =>
      `${service} ${version} ${String(status)} ${String(agent)}`;
    expect(
      tally(
        servers,
        (span) =>
          key(span.service, span.version, span.status, span.attributes['user_agent.original']),
        () => 1,
      ),
    ).toEqual(
      tally(
        counts,
        (row) => key(row.service, row.version, row.status, row.userAgent),
        (row) => row.count,
      ),
    );
  });

  it('runs the whole chain: both balancers, five servers, and the observer sees what is passed on', () => {
    const requests = tally(
      counts,
      (row) => `${row.service} ${row.version}`,
      (row) => row.count,
    );
    expect(Object.keys(requests).toSorted()).toEqual([
      'clover-server1 v1',
      'clover-server2 v1',
      'clover-server3 v1',
      'clover-server4 v1',
      'clover-server5 v1',
      'http-lb v1',
      'http-lb v2',
      'proxy-access-control v1',
      'snort-ids v1',
    ]);
    const denied = counts
      .filter((row) => row.service === 'proxy-access-control' && row.status === 403)
      .reduce((sum, row) => sum + row.count, 0);
    const passedOn = requests['proxy-access-control v1']! - denied;
    expect(requests['http-lb v1']! + requests['http-lb v2']!).toBe(passedOn);
    expect(requests['snort-ids v1']).toBe(passedOn);
    expect(requests['http-lb v1']! / passedOn).toBeCloseTo(0.8, 1);
  });

  it('joins each server span behind the front door to the client span that called it', () => {
    const clients = new Map(
      receiver.spans.filter(({ kind }) => kind === 3).map((span) => [span.spanId, span]),
    );
    for (const span of servers) {
      if (span.service === 'proxy-access-control') expect(span.parentId).toBe('');
      else expect(clients.get(span.parentId)?.attributes['server.address']).toBe(span.service);
    }
  });

  it('loses requests while a server restarts: sent, refused, and seen by nobody', () => {
    const answered = new Set(servers.map(({ parentId }) => parentId));
    const refused = receiver.spans.filter(
      (span) => span.kind === 3 && span.attributes['error.type'] === 'ECONNREFUSED',
    );
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.filter(({ spanId }) => answered.has(spanId))).toEqual([]);
    const v2 = refused.filter(({ version }) => version === 'v2');
    const resent = receiver.spans.filter(
      (span) => span.attributes['http.request.resend_count'] === 1,
    );
    expect(resent).toHaveLength(
      v2.filter((span) => !('http.request.resend_count' in span.attributes)).length,
    );
  });

  it('gives the figures that the original tracked, under its names', async () => {
    const text = await (await fetch(`${demo.adminUrls['http-lb-v1-0']}/metrics`)).text();
    expect(text).toMatch(
      /^envoy_cluster_outbound_9180__clover_server1_default_svc_cluster_local_upstream_rq_2xx\{/m,
    );
    expect(text).toMatch(/^envoy_tracing_zipkin_spans_sent\{.*\} [1-9]/m);
  });

  it('takes no change of rate from a page of another origin', async () => {
    const response = await fetch(`${demo.adminUrls['clients-v1-0']}/-/rate`, {
      method: 'POST',
      body: '9',
    });
    expect(response.status).toBe(404);
  });
});

describe('the processes of a demo', () => {
  it('end with close, and the ports are free again', async () => {
    const receiver = await createReceiver();
    const demo = await startDemo({ otlpHttpUrl: receiver.url, rate: 20 });
    const port = Number(new URL(demo.frontUrl).port);
    await demo.close();
    receiver.server.close();
    for (const pid of demo.pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(
      new Promise((resolve, reject) =>
        connect(port, '127.0.0.1', () => resolve('open')).on('error', reject),
      ),
    ).rejects.toThrow('ECONNREFUSED');
  });

  it('say when one ends unasked', async () => {
    const receiver = await createReceiver();
    const exits: string[] = [];
    const demo = await startDemo({
      otlpHttpUrl: receiver.url,
      rate: 0,
      onExit: ({ services, detail }) => exits.push(`${services.join()}: ${detail}`),
    });
    process.kill(demo.pids[2]!, 'SIGKILL');
    await expect.poll(() => exits).toEqual(['proxy-access-control-v1-0: signal SIGKILL']);
    await demo.close();
    receiver.server.close();
  });

  it('end with their parent, however it ends', async () => {
    const receiver = await createReceiver();
    const parent = spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { startDemo } from '@clover/services';
         const demo = await startDemo({ otlpHttpUrl: '${receiver.url}', rate: 20 });
         console.log(JSON.stringify(demo.pids));`,
      ],
      { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pids = JSON.parse(line.toString()) as number[];
    expect(pids.filter(isRunning)).toEqual(pids);
    parent.kill('SIGKILL');
    await expect.poll(() => pids.filter(isRunning), { timeout: 8000 }).toEqual([]);
    receiver.server.close();
  });

  it('are not left behind when the front port is taken', async () => {
    const receiver = await createReceiver();
    const taken = Number(new URL(receiver.url).port);
    await expect(startDemo({ otlpHttpUrl: receiver.url, port: taken })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    receiver.server.close();
  });
});
