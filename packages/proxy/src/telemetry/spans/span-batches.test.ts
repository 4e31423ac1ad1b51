import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSpans, encodePartialSuccess } from '../../../test/support/otlp-decode.ts';
import { cluster, gateway, requestRecord, workload } from '../../../test/support/request-record.ts';
import type { RequestRecord } from '../../request-record.ts';
import type { TraceContext } from '../trace-context.ts';
import { createSpanBatches } from './span-batches.ts';
import { readRejectedSpans } from './partial-success.ts';
import { ByteWriter } from './byte-writer.ts';

const trace: TraceContext = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  upstreamSpanId: '00f067aa0ba902b7',
  parentSpanId: '1111111111111111',
  sampled: true,
  traceState: 'ot=th:8',
  b3: 'none',
};

function spansOf(...records: RequestRecord[]) {
  const bodies: Uint8Array[] = [];
  const batches = createSpanBatches({
    meshId: 'cluster.local',
    clusterId: 'clover',
    trustDomain: 'cluster.local',
    version: '1.2.3',
    maxBatchBytes: 1 << 20,
    exportSpans: ({ body }) => bodies.push(body),
  });
  for (const record of records) batches.add(record, record.trace ?? trace);
  batches.flush();
  return bodies.flatMap(decodeSpans);
}

describe('spans', () => {
  it('have the names, tags and kinds of a sidecar’s client span', () => {
    const [span] = spansOf(requestRecord());
    expect(span).toEqual({
      service: 'jmeter.default',
      traceId: trace.traceId,
      spanId: trace.spanId,
      parentSpanId: trace.parentSpanId,
      traceState: 'ot=th:8',
      name: 'http-lb.default.svc.cluster.local:9180/*',
      kind: 3,
      startTimeUnixNano: '1795399111900250000',
      endTimeUnixNano: '1795399111902750000',
      isError: false,
      attributes: {
        component: 'proxy',
        'istio.canonical_service': 'jmeter',
        'istio.canonical_revision': 'v1',
        'istio.mesh_id': 'cluster.local',
        'istio.cluster_id': 'clover',
        'istio.namespace': 'default',
        'clover.workload.labels': '["app=jmeter","version=v1"]',
        'clover.request.port': '9180',
        node_id: 'sidecar~127.0.0.1~jmeter-v1.default~default.svc.cluster.local',
        downstream_cluster: '-',
        zone: '',
        upstream_cluster: 'outbound|9180|v2|http-lb.default.svc.cluster.local',
        'upstream_cluster.name': 'outbound|9180|v2|http-lb.default.svc.cluster.local',
        'http.url': 'http://http-lb:9180/front?x=1',
        'http.method': 'GET',
        'http.protocol': 'HTTP/1.1',
        'http.status_code': '200',
        user_agent: 'chrome/129',
        'guid:x-request-id': 'b92b662b-478b-9c70-b65f-c131126a973e',
        request_size: '0',
        response_size: '34',
        response_flags: '-',
        'peer.address': '127.0.0.1',
        upstream_address: '127.0.0.5:19180',
      },
    });
  });

  it('are server spans on the inbound side, named after the service that is called', () => {
    const [span] = spansOf(
      requestRecord({
        direction: 'inbound',
        workload: workload('http-lb', 'v2'),
        cluster: cluster('inbound|9180||'),
      }),
    );
    expect(span).toMatchObject({
      kind: 2,
      service: 'http-lb.default',
      name: 'http-lb.default.svc.cluster.local:9180/*',
      attributes: { upstream_cluster: 'inbound|9180||', 'istio.canonical_revision': 'v2' },
    });
    expect(span?.attributes['upstream_address']).toBeUndefined();
  });

  it('are two at a gateway, the second one the upstream’s parent', () => {
    const at = { direction: 'gateway', workload: gateway } as const;
    const twoSpans = { ...trace, upstreamSpanId: '2222222222222222' };
    const spans = spansOf(requestRecord({ ...at, trace: twoSpans }));
    expect(spans.map(({ kind, spanId, parentSpanId }) => [kind, spanId, parentSpanId])).toEqual([
      [2, trace.spanId, trace.parentSpanId],
      [3, '2222222222222222', trace.spanId],
    ]);
    expect(spans[1]).toMatchObject({
      service: 'istio-ingressgateway.istio-system',
      name: 'router outbound|9180|v2|http-lb.default.svc.cluster.local egress',
      attributes: { 'peer.address': '127.0.0.5:19180' },
    });
    const own = requestRecord({
      ...at,
      trace: twoSpans,
      status: 404,
      responseFlags: 'NR',
      cluster: undefined,
      endpoint: undefined,
      attempts: 0,
    });
    expect(spansOf(own).map(({ kind, name }) => [kind, name])).toEqual([[2, 'http-lb:9180/*']]);
  });

  it('say what went wrong', () => {
    const [abort] = spansOf(
      requestRecord({ status: 451, responseFlags: 'FI', endpoint: undefined, attempts: 0 }),
    );
    expect(abort).toMatchObject({ isError: true, attributes: { response_flags: 'FI' } });
    expect(abort?.attributes['error']).toBeUndefined();
    const [gone] = spansOf(requestRecord({ status: 0, responseFlags: 'DC' }));
    expect(gone).toMatchObject({ isError: true, attributes: { error: 'true' } });
    const [grpc] = spansOf(requestRecord({ grpcStatus: 14, attempts: 3 }));
    expect(grpc?.attributes).toMatchObject({
      error: 'true',
      'grpc.status_code': '14',
      'retry.count': '2',
    });
    const [server] = spansOf(
      requestRecord({ status: 404, direction: 'inbound', cluster: cluster('inbound|80||') }),
    );
    expect(server?.isError).toBe(false);
  });

  it('keep workloads apart in one request and forget those that are silent', () => {
    const first = requestRecord();
    const spans = spansOf(first, requestRecord({ workload: workload('a') }), first);
    expect(spans.map(({ service }) => service)).toEqual([
      'jmeter.default',
      'jmeter.default',
      'a.default',
    ]);
  });

  it('hold what it takes to decide again, on the side that decides', () => {
    const evidence = {
      headers: [['x-canary', 'yes, no']],
      absent: ['x-beta', 'x-team'],
      matches: ['cookie 5f0c93d1 yes'],
    } as const;
    const [span] = spansOf(requestRecord({ evidence }));
    expect(span?.attributes).toMatchObject({
      'http.request.header.x-canary': '["yes, no"]',
      'clover.request.absent_headers': '["x-beta","x-team"]',
      'clover.request.header_matches': '["cookie 5f0c93d1 yes"]',
    });
    const [served] = spansOf(requestRecord({ direction: 'inbound' }));
    expect(Object.keys(served!.attributes).filter((name) => name.startsWith('clover.'))).toEqual(
      [],
    );
  });

  it('are well-formed for whatever a client sends', () => {
    const header = fc.string({ unit: 'binary', maxLength: 400 });
    const latin = fc.uint8Array({ maxLength: 200 }).map((b) => Buffer.from(b).toString('latin1'));
    const text = fc.oneof(header, latin);
    fc.assert(
      fc.property(text, text, text, fc.nat(4e9), fc.nat(1e6), (path, agent, id, size, ms) => {
        const [span] = spansOf(
          requestRecord({
            path,
            userAgent: agent,
            requestId: id,
            evidence: { headers: [['x-a', agent]], absent: [id], matches: [] },
            bytesSent: size,
            durationMs: ms / 1000,
          }),
        );
        expect(span?.attributes['response_size']).toBe(String(size));
        expect(span?.attributes['http.method']).toBe('GET');
        const isAscii = (value: string) => Buffer.from(value).length === value.length;
        if (isAscii(path)) expect(span?.attributes['http.url']).toBe(`http://http-lb:9180${path}`);
        if (agent !== '' && isAscii(agent)) expect(span?.attributes['user_agent']).toBe(agent);
      }),
    );
  });

  it('read header bytes as UTF-8', () => {
    const path = Buffer.from('/größe', 'utf8').toString('latin1');
    expect(spansOf(requestRecord({ path }))[0]?.attributes['http.url']).toContain('/größe');
  });
});

describe('ByteWriter', () => {
  it('writes times to the nanosecond that the number holds', () => {
    fc.assert(
      fc.property(fc.nat(4_000_000_000), fc.nat(999), fc.nat(1023), (seconds, ms, part) => {
        const writer = new ByteWriter(8);
        writer.unixNano(seconds * 1000 + ms + part / 1024);
        const expected =
          BigInt(seconds * 1000 + ms) * 1_000_000n + BigInt(Math.round((part / 1024) * 1e6));
        expect(writer.view().readBigUInt64LE()).toBe(expected);
      }),
    );
  });
});

describe('readRejectedSpans', () => {
  it('finds the count in a partial success, wherever it stands', () => {
    expect(readRejectedSpans(encodePartialSuccess(3, 'no'))).toBe(3);
    expect(readRejectedSpans(encodePartialSuccess(70_000, ''))).toBe(70_000);
    expect(readRejectedSpans(Buffer.from([0x0a, 4, 0x12, 0, 0x08, 5]))).toBe(5);
    // After fields of other kinds that a later version may have.
    const fixed = [0x1d, 1, 2, 3, 4];
    expect(readRejectedSpans(Buffer.from([...fixed, 0x0a, 7, ...fixed, 0x08, 5]))).toBe(5);
  });

  it('takes anything else for none', () => {
    expect(readRejectedSpans(Buffer.alloc(0))).toBe(0);
    const below = [...Array.from({ length: 9 }, () => 0xff), 1];
    expect(readRejectedSpans(Buffer.from([0x0a, 11, 0x08, ...below]))).toBe(0);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => readRejectedSpans(bytes) >= 0),
    );
  });
});
