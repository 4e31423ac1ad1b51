import {
  SpanKind as Kind,
  SpanStatusCode,
  trace,
  ROOT_CONTEXT,
  type HrTime,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Span } from '@clover/model';
import {
  hasParts,
  startJaeger,
  titleWith,
  waitFor,
  type RunningJaeger,
} from '@clover/test-support';
import { createJaegerPull, type JaegerPullOptions } from '../src/pulls/jaeger-pull.ts';
import { memoryState } from '../src/pulls/pull-state.ts';

// Whole microseconds: Jaeger's query API knows nothing finer.
const START_MS = Date.now() - 60_000;
let micros = 0;
const time = (after = 0): HrTime => {
  const total = BigInt(START_MS) * 1000n + BigInt(micros + after);
  return [Number(total / 1_000_000n), Number(total % 1_000_000n) * 1000];
};

/** Makes spans of services with the SDK; they leave when they are taken. */
function createServices() {
  const memory = new InMemorySpanExporter();
  const tracers = new Map<string, ReturnType<BasicTracerProvider['getTracer']>>();
  const tracer = (service: string) => {
    let known = tracers.get(service);
    if (known === undefined) {
      const provider = new BasicTracerProvider({
        resource: resourceFromAttributes({ 'service.name': service, 'host.name': `${service}-0` }),
        spanProcessors: [new SimpleSpanProcessor(memory)],
      });
      known = provider.getTracer('test', '1.2');
      tracers.set(service, known);
    }
    return known;
  };
  /** front calls cart, which fails in each third trace. */
  const call = (i: number) => {
    const root = tracer('front').startSpan(
      `GET /${i % 5}`,
      {
        kind: Kind.SERVER,
        startTime: time(),
        attributes: {
          'http.request.method': 'GET',
          size: 9_007_199_254_740_991,
          ratio: 0.5,
          ok: true,
          i,
        },
      },
      ROOT_CONTEXT,
    );
    root.addEvent('looked', { where: 'cache' }, time(5));
    const context = trace.setSpan(ROOT_CONTEXT, root);
    const client = tracer('front').startSpan(
      'call',
      { kind: Kind.CLIENT, startTime: time(10) },
      context,
    );
    const server = tracer('cart').startSpan(
      'add',
      { kind: Kind.SERVER, startTime: time(20), links: [{ context: root.spanContext() }] },
      trace.setSpan(ROOT_CONTEXT, client),
    );
    if (i % 3 === 0) server.setStatus({ code: SpanStatusCode.ERROR, message: 'no such item' });
    server.end(time(50));
    client.end(time(70));
    root.end(time(100));
  };
  const single = (service: string) =>
    tracer(service).startSpan('tick', { startTime: time() }, ROOT_CONTEXT).end(time(1));
  const take = () => {
    const spans = memory.getFinishedSpans();
    memory.reset();
    return spans;
  };
  return { call, single, take };
}

const nanos = ([s, n]: HrTime) => BigInt(s) * 1_000_000_000n + BigInt(n);

/** What a span must look like after its way through Jaeger. */
function expected(span: ReadableSpan) {
  return {
    traceId: span.spanContext().traceId,
    spanId: span.spanContext().spanId,
    parentSpanId: span.parentSpanContext?.spanId ?? '',
    name: span.name,
    kind: ['internal', 'server', 'client', 'producer', 'consumer'][span.kind],
    startTimeUnixNano: nanos(span.startTime),
    durationNs: nanos(span.endTime) - nanos(span.startTime),
    status: {
      code: ['unset', 'ok', 'error'][span.status.code],
      message: span.status.message ?? '',
    },
    attributes: Object.fromEntries(
      Object.entries(span.attributes).map(([key, value]) => [
        key,
        Number.isInteger(value) ? BigInt(value as number) : value,
      ]),
    ),
    events: span.events.map((event) => ({
      timeUnixNano: nanos(event.time),
      name: event.name,
      attributes: event.attributes ?? {},
    })),
    links: span.links.map((link) => `${link.context.traceId}/${link.context.spanId}`),
    service: span.resource.attributes['service.name'],
    host: span.resource.attributes['host.name'],
    scope: { name: 'test', version: '1.2' },
  };
}

function actual(span: Span) {
  const { resource, links, traceState: _, ...rest } = span;
  return {
    ...rest,
    links: links.map((link) => `${link.traceId}/${link.spanId}`),
    service: resource.attributes['service.name'],
    host: resource.attributes['host.name'],
  };
}

const byId = (a: { traceId: string; spanId: string }, b: { traceId: string; spanId: string }) =>
  a.traceId + a.spanId < b.traceId + b.spanId ? -1 : 1;

describe.skipIf(!hasParts('jaeger')).each(['memory', 'badger'] as const)(
  titleWith('pulling from a real Jaeger 2 that keeps its spans in %s', 'jaeger'),
  (storage) => {
    let jaeger: RunningJaeger;
    const services = createServices();

    beforeAll(async () => {
      jaeger = await startJaeger({ storage });
    });
    afterAll(() => jaeger.stop());

    async function send(to = jaeger) {
      const spans = services.take();
      const exporter = new OTLPTraceExporter({ url: `${to.otlpHttp}/v1/traces` });
      for (let at = 0; at < spans.length; at += 1000) {
        await new Promise<void>((resolve, reject) =>
          exporter.export(spans.slice(at, at + 1000), ({ code, error }) =>
            code === 0 ? resolve() : reject(error ?? new Error('export failed')),
          ),
        );
      }
      await exporter.shutdown();
      return spans;
    }

    function puller(options: Partial<JaegerPullOptions> = {}) {
      const pulled: Span[] = [];
      const pull = createJaegerPull({
        url: jaeger.query,
        intervalMs: 100,
        writeSpans: async (spans) => void pulled.push(...spans),
        ...options,
      });
      return { pull, pulled };
    }

    it('gives what was sent, whole, once, and late spans too', async () => {
      for (let i = 0; i < 300; i++, micros += 1000) services.call(i);
      const sent = await send();
      const { pull, pulled } = puller();
      const first = await pull.pullNow();
      expect(first).toMatchObject({
        state: 'up',
        completeness: 1,
        services: ['cart', 'front'],
        spans: 900,
      });
      expect(pulled.map(actual).sort(byId)).toEqual(sent.map(expected).sort(byId));

      const again = await pull.pullNow();
      expect(pulled).toHaveLength(900);
      expect(again.detail).toBe('0 new spans of 2 services');

      for (let i = 0; i < 10; i++, micros += 1000) services.call(i);
      const late = await send(); // they began a minute ago
      await pull.pullNow();
      expect(pulled).toHaveLength(900); // further back than the overlap
      const deep = puller({ deepEveryMs: 0 });
      await deep.pull.pullNow();
      expect(deep.pulled).toHaveLength(930);
      expect(late).toHaveLength(30);
      await pull.close();
    });

    it('splits windows until nothing is cut, even where many traces begin in one microsecond', async () => {
      for (let i = 0; i < 2000; i++) {
        services.single('busy');
        if (i % 40 === 39) micros++;
      }
      await send();
      const cutting = await fetch(
        `${jaeger.query}/api/traces?service=busy&limit=100&start=${(START_MS - 1000) * 1000}&end=${Date.now() * 1000}`,
      );
      const { data } = (await cutting.json()) as { data: unknown[] };
      expect(data).toHaveLength(100); // Jaeger cuts and says nothing
      const { pull, pulled } = puller({ services: ['busy'], limit: 25 });
      const status = await pull.pullNow();
      expect(new Set(pulled.map((span) => span.traceId)).size).toBe(2000);
      expect(pulled).toHaveLength(2000);
      expect(status).toMatchObject({ completeness: 1, incomplete: '' });
      expect(status.requests).toBeGreaterThan(100);
    });

    it('says when it cannot have got everything', async () => {
      const { pull } = puller({ services: ['busy'], limit: 10, highestLimit: 20 });
      const status = await pull.pullNow();
      expect(status.state).toBe('up');
      expect(status.completeness).toBeLessThan(1);
      expect(status.incomplete).toMatch(/cut 5\d answers at its limit/);
    });

    it('goes on where an earlier process stopped, and sends again what could not be written', async () => {
      const state = memoryState();
      let broken = true;
      const one = puller({
        state,
        services: ['front'],
        writeSpans: () => (broken ? Promise.reject(new Error('store is full')) : Promise.resolve()),
      });
      expect(await one.pull.pullNow()).toMatchObject({
        state: 'down',
        detail: 'store is full',
        spans: 0,
      });
      broken = false;
      const status = await one.pull.pullNow();
      expect(status).toMatchObject({ state: 'up', spans: 930 });
      await one.pull.close();
      const two = puller({ state, services: ['front'], deepEveryMs: 1e9, deepOverlapMs: 1 });
      await two.pull.pullNow();
      // Only the overlap is asked for again, and all of these spans began a minute before it.
      expect(two.pulled).toHaveLength(0);
    });

    it('takes the spelling of the original and says when a tracked service is unknown', async () => {
      const { pull, pulled } = puller({ services: ['no_such_service'] });
      expect((await pull.pullNow()).detail).toMatch(
        /none of the tracked services .*busy, cart, front/,
      );
      pull.setServices(['cart']);
      await pull.pullNow();
      expect(new Set(pulled.map((span) => span.resource.attributes['service.name']))).toEqual(
        new Set(['front', 'cart']), // whole traces
      );
    });

    it('is down while Jaeger is, and comes back by itself', async () => {
      const other = await startJaeger();
      const changes: string[] = [];
      const { pull, pulled } = puller({
        url: other.query,
        intervalMs: 50,
        maxBackoffMs: 200,
        deepEveryMs: 0,
        onChange: ({ state }) => void changes.push(state),
      });
      pull.start();
      await waitFor('up', () => pull.status().state === 'up');
      await other.stop();
      await waitFor('down', () => pull.status().state === 'down');
      expect(pull.status().detail).toMatch(
        /127\.0\.0\.1:\d+: (connection refused|other side closed|.*)/,
      );
      const revived = await startJaeger({ ports: other.ports });
      services.call(1);
      await send(revived);
      await waitFor('its spans', () => pulled.length === 3);
      expect(changes.slice(0, 3)).toEqual(['up', 'down', 'up']);
      await pull.close();
      expect(pull.status().state).toBe('off');
      await revived.stop();
    });

    it('says what is wrong with an address that is not Jaeger', async () => {
      const { pull } = puller({ url: jaeger.otlpHttp });
      expect(await pull.pullNow()).toMatchObject({
        state: 'down',
        detail: expect.stringContaining('answered 404') as string,
      });
    });
  },
);
