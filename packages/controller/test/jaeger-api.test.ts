// Jaeger's query API: what came in goes out the same, and a real Jaeger says it the same way.

import { readFileSync } from 'node:fs';
import { createRefusals, jaegerTraceToSpans, RENAMED_ATTRIBUTES } from '@clover/collector';
import type { Span } from '@clover/model';
import { hasParts, startJaeger, titleWith, type RunningJaeger } from '@clover/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spansToOtlp } from '../src/jaeger/span-to-otlp.ts';
import { type RealApp, startRealApp } from './support/real-app.ts';

interface Tag {
  readonly key: string;
  readonly type: string;
  readonly value: unknown;
}
interface JaegerSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references?: readonly object[];
  readonly startTime: number;
  readonly duration: number;
  readonly tags: readonly Tag[];
  readonly logs: readonly object[];
  readonly processID: string;
  readonly warnings: readonly string[] | null;
}
interface Answer {
  readonly data: {
    readonly traceID: string;
    readonly spans: readonly JaegerSpan[];
    readonly processes: Readonly<Record<string, { serviceName: string; tags: Tag[] }>>;
  }[];
  readonly total: number;
  readonly errors: unknown;
}

const text = readFileSync(new URL('fixtures/istio-zipkin.json', import.meta.url), 'utf8');
const recording = JSON.parse(text) as Answer;
const fromRecording = recording.data.flatMap((trace) =>
  jaegerTraceToSpans(trace, '', createRefusals()),
);
const RECORDED_START = Math.min(
  ...recording.data.flatMap((trace) => trace.spans.map((span) => span.startTime)),
);
const RANGE = `start=${RECORDED_START - 1_000_000}&end=${RECORDED_START + 3_600_000_000}`;

/** Everything that a span can have, with names that stay as they are. */
const NOW = BigInt(Date.now()) * 1_000_000n;
const whole: Span[] = [
  {
    traceId: '0000000000000000aaaaaaaaaaaaaaaa',
    spanId: '00000000000000a1',
    parentSpanId: '',
    traceState: 'a=b',
    name: 'everything',
    kind: 'unspecified',
    startTimeUnixNano: NOW + 1234n,
    durationNs: 1999n,
    status: { code: 'error', message: 'boom' },
    attributes: {
      int: 5n,
      long: 9_007_199_254_740_993n,
      double: 1.5,
      yes: true,
      bytes: new Uint8Array([1, 2]),
      list: ['x', 2n],
      map: { k: 'v' },
      empty: '',
    },
    events: [
      { timeUnixNano: NOW, name: 'looked', attributes: { hits: 1n, where: 'cache' } },
      { timeUnixNano: NOW + 1000n, name: '', attributes: {} },
    ],
    links: [
      {
        traceId: 'c15834469b188642f1c2a2b23450a26a',
        spanId: 'bbbbbbbbbbbbbbbb',
        attributes: { 'opentracing.ref_type': 'child_of' },
      },
      {
        traceId: 'c15834469b188642f1c2a2b23450a26a',
        spanId: 'bbbbbbbbbbbbbbbc',
        traceState: 'q=1',
        attributes: { z: 'z' },
      },
    ],
    resource: { attributes: { 'service.name': 'all', 'host.cpus': 4n } },
    scope: { name: 'scope', version: '1' },
  },
  {
    traceId: '0000000000000000aaaaaaaaaaaaaaaa',
    spanId: '00000000000000a2',
    parentSpanId: '00000000000000a1',
    traceState: '',
    name: 'child',
    kind: 'server',
    startTimeUnixNano: NOW + 2000n,
    durationNs: 1000n,
    status: { code: 'ok', message: '' },
    attributes: {},
    events: [],
    links: [],
    resource: { attributes: { 'service.name': 'other' } },
    scope: { name: '', version: '' },
  },
];

describe("Jaeger's query API", () => {
  let real: RealApp;
  beforeAll(async () => {
    real = await startRealApp();
    await real.write([...fromRecording, ...whole]);
  });
  afterAll(() => real?.close());

  it('gives every span of an export back: ids, times, references, logs, processes, tags', async () => {
    const answer = await real.get<Answer>(
      `/api/traces?${recording.data.map(({ traceID }) => `traceID=${traceID}`).join('&')}`,
    );
    expect(answer.errors).toBeNull();
    expect(byId(answer).map(comparable)).toEqual(byId(recording).map(comparable));
  });

  it('finds by service, operation, tags, duration and time as asked', async () => {
    const ids = async (query: string) =>
      (await real.get<Answer>(`/api/traces?${query}`)).data
        .map(({ traceID }) => traceID)
        .toSorted();
    const expected = (match: (span: JaegerSpan, service: string) => boolean) =>
      recording.data
        .filter(({ spans, processes }) =>
          spans.some((span) => match(span, processes[span.processID]!.serviceName)),
        )
        .map(({ traceID }) => traceID)
        .toSorted();
    const tag = (span: JaegerSpan, key: string) => span.tags.find((one) => one.key === key)?.value;
    const service = 'front.demo';
    const of = (match: (span: JaegerSpan) => boolean) =>
      expected((span, name) => name === service && match(span));

    expect(await ids(`service=${service}&${RANGE}`)).toEqual(of(() => true));
    expect(
      await ids(`service=${service}&${RANGE}&operation=${encodeURIComponent('web:80/*')}`),
    ).toEqual(of((span) => span.operationName === 'web:80/*'));
    for (const [key, value] of [
      ['http.method', 'GET'],
      ['http.status_code', '200'],
      ['span.kind', 'client'],
      ['user_agent', 'Go-http-client/1.1'],
      ['istio.mesh_id', 'cluster.local'],
      ['http.method', 'POST'],
    ] as const) {
      const tags = encodeURIComponent(JSON.stringify({ [key]: value }));
      const tagged = { key, ids: of((span) => tag(span, key) === value) };
      expect({ key, ids: await ids(`service=${service}&${RANGE}&tags=${tags}`) }).toEqual(tagged);
      expect({ key, ids: await ids(`service=${service}&${RANGE}&tag=${key}:${value}`) }).toEqual(
        tagged,
      );
    }
    expect(await ids(`service=${service}&${RANGE}&minDuration=500us&maxDuration=1s`)).toEqual(
      of((span) => span.duration >= 500 && span.duration <= 1e6),
    );
    expect(
      await ids(`service=all&lookback=1h&tags=${encodeURIComponent('{"error":"true"}')}`),
    ).toEqual(['aaaaaaaaaaaaaaaa']);
    expect(await ids(`service=all&end=${RECORDED_START}`)).toEqual([]);
    expect(await ids(`service=${service}&${RANGE}&limit=1`)).toHaveLength(1);
  });

  it('answers what it cannot do in the form of Jaeger', async () => {
    const cases: [string, number, RegExp][] = [
      ['/api/traces', 400, /parameter 'service' is required/],
      ['/api/traces?service=a&start=x', 400, /'start'/],
      ['/api/traces?service=a&limit=x', 400, /'limit'/],
      ['/api/traces?service=a&limit=0', 400, /'limit'/],
      ['/api/traces?service=a&tags=x', 400, /malformed 'tags'/],
      ['/api/traces?service=a&tag=x', 400, /malformed 'tag'/],
      ['/api/traces?service=a&minDuration=x', 400, /invalid duration/],
      ['/api/traces?service=a&minDuration=2s&maxDuration=1s', 400, /should be greater/],
      ['/api/traces/zz', 400, /not a trace id/],
      ['/api/traces/ffffffffffffffff', 404, /trace not found/],
      ['/api/operations', 400, /parameter 'service' is required/],
    ];
    for (const [url, status, message] of cases) {
      const response = await real.app.inject(url);
      expect({ url, status: response.statusCode }).toEqual({ url, status });
      const body = response.json<{ data: unknown; errors: { code: number; msg: string }[] }>();
      expect(body.data).toBeNull();
      expect(body.errors[0]).toMatchObject({ code: status, msg: expect.stringMatching(message) });
    }
    const v3: [string, number][] = [
      ['/api/v3/traces', 400],
      ['/api/v3/traces/zz', 400],
      ['/api/v3/traces/ffffffffffffffff', 404],
      ['/api/v3/traces?query.start_time_min=x&query.start_time_max=y', 400],
    ];
    for (const [url, status] of v3) {
      const response = await real.app.inject(url);
      expect({ url, status: response.statusCode }).toEqual({ url, status });
      expect(response.json()).toMatchObject({ error: { httpCode: status } });
    }
  });

  describe.skipIf(!hasParts('jaeger'))(titleWith('beside a real Jaeger', 'jaeger'), () => {
    let jaeger: RunningJaeger;
    beforeAll(async () => {
      jaeger = await startJaeger();
      const response = await fetch(`${jaeger.otlpHttp}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(spansToOtlp([...fromRecording, ...whole])),
      });
      if (!response.ok) throw new Error(await response.text());
    });
    afterAll(() => jaeger?.stop());
    const both = async (url: string) => {
      const theirs = await fetch(jaeger.query + url);
      const ours = await real.app.inject(url);
      return {
        theirs: (await theirs.json()) as never,
        ours: ours.json<never>(),
        statuses: [ours.statusCode, theirs.status],
      };
    };
    const TO = new Date(Date.now() + 60_000).toISOString();
    const V3 = `query.start_time_min=2020-01-01T00:00:00Z&query.start_time_max=${TO}&query.num_traces=50`;

    it.each([
      '/api/services',
      '/api/services/front.demo/operations',
      '/api/operations?service=front.demo',
      '/api/operations?service=front.demo&spanKind=server',
      '/api/v3/services',
      '/api/v3/operations?service=front.demo',
      '/api/traces?service=nobody',
      '/api/traces?traceID=ffffffffffffffff',
    ])('answers the same to %s', async (url) => {
      const { ours, theirs, statuses } = await both(url);
      expect(statuses).toEqual([200, 200]);
      expect(sorted(ours)).toEqual(sorted(theirs));
    });

    it('knows the same calls between services', async () => {
      // Jaeger counts pairs of spans, within a service too; Clover counts calls, those that nobody
      // saw arrive too.
      const { ours, theirs } = await both(
        `/api/dependencies?endTs=${Date.now() + 60_000}&lookback=315360000000`,
      );
      const calls = (answer: { data: { parent: string; child: string }[] }) =>
        answer.data
          .filter(({ parent, child }) => parent !== child)
          .map(({ parent, child }) => `${parent} > ${child}`)
          .toSorted();
      expect(calls(ours)).toEqual(calls(theirs));
    });

    it('gives the same trace, field by field', async () => {
      const { ours, theirs } = await both('/api/traces/aaaaaaaaaaaaaaaa');
      const [mine, his] = [ours, theirs] as unknown as [Answer, Answer];
      expect(byId(mine)).toEqual(byId(his));
      expect(sorted({ ...mine, data: null })).toEqual(sorted({ ...his, data: null }));
    });

    it('gives the same OTLP, attribute by attribute', async () => {
      const { ours, theirs } = await both('/api/v3/traces/aaaaaaaaaaaaaaaa');
      expect(sorted(ours)).toEqual(sorted(theirs));
    });

    it('finds the same traces by v3', async () => {
      for (const query of ['query.service_name=front.demo', 'query.service_name=client.demo']) {
        const { ours, theirs } = await both(`/api/v3/traces?${query}&${V3}`);
        expect(otlpIds(ours)).toEqual(otlpIds(theirs));
      }
    });
  });
});

const otlpIds = (answer: unknown): string[] =>
  [...JSON.stringify(answer).matchAll(/"spanId":"(\w+)","(?:traceState|parent|name)/g)]
    .map(([, id]) => id!)
    .toSorted();

/** Spans with their process in place of its number, in the order of their ids. */
function byId(answer: Answer) {
  return answer.data
    .flatMap(({ spans, processes }) =>
      spans.map(({ processID, ...span }) => ({ ...span, process: processes[processID]! })),
    )
    .map((span) => ({
      ...span,
      references: span.references ?? [],
      warnings: span.warnings?.filter((one) => !one.includes('clock skew')) ?? [],
      logs: sorted(span.logs),
    }))
    .toSorted((a, b) => (a.traceID + a.spanID + kind(a) < b.traceID + b.spanID + kind(b) ? -1 : 1));
}

const kind = (span: { readonly tags: readonly Tag[] }) =>
  String(span.tags.find(({ key }) => key === 'span.kind')?.value);

/** Clover keeps attributes under OpenTelemetry's stable names; some of their values change with it. */
const REWRITTEN = new Set(['http.protocol', 'peer.address', 'http.host']);
function comparable(span: ReturnType<typeof byId>[number]) {
  const rewritten = (key: string) => {
    const name = RENAMED_ATTRIBUTES[key];
    return typeof name === 'string' ? name : key;
  };
  const changed = new Set([...REWRITTEN].map(rewritten));
  const tags = span.tags
    .map(({ key, value }) => ({ key: rewritten(key), value: String(value) }))
    .filter(({ key }) => !changed.has(key) && !key.endsWith('.port'));
  return { ...span, tags: new Map(tags.map(({ key, value }) => [key, value])) };
}

/** Lists in one order, as neither promises any. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(sorted).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, one]): [string, unknown] => [key, sorted(one)])
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
  return value;
}
