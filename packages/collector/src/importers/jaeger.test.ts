import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JAEGER_WARNINGS, jaegerTraceToSpans, keepLongIntegers, REFERENCE_TYPE } from './jaeger.ts';
import { createRefusals } from './refusals.ts';

function convert(trace: unknown) {
  const refusals = createRefusals();
  return { spans: jaegerTraceToSpans(trace, '/data/0', refusals), refusals: refusals.entries() };
}

const SPAN = {
  traceID: 'abc',
  spanID: '1f',
  operationName: 'GET /',
  startTime: 5,
  duration: 7,
  processID: 'p1',
};
const trace = (...spans: object[]) => ({
  traceID: 'abc',
  spans: spans.map((span) => ({ ...SPAN, ...span })),
  processes: {
    p1: { serviceName: 'web', tags: [{ key: 'hostname', type: 'string', value: 'h' }] },
  },
});
const TRACE_ID = '00000000000000000000000000000abc';

describe('jaegerTraceToSpans', () => {
  it('pads ids, scales times and joins the process', () => {
    expect(convert(trace({})).spans[0]).toMatchObject({
      traceId: TRACE_ID,
      spanId: '000000000000001f',
      parentSpanId: '',
      name: 'GET /',
      startTimeUnixNano: 5000n,
      durationNs: 7000n,
      resource: { attributes: { 'service.name': 'web', hostname: 'h' } },
    });
  });

  it('turns the tags that Jaeger writes for fields back into fields', () => {
    const [span] = convert(
      trace({
        tags: [
          { key: 'span.kind', type: 'string', value: 'server' },
          { key: 'error', type: 'bool', value: true },
          { key: 'otel.status_code', type: 'string', value: 'ERROR' },
          { key: 'otel.status_description', type: 'string', value: 'boom' },
          { key: 'otel.scope.name', type: 'string', value: 'envoy' },
          { key: 'otel.scope.version', type: 'string', value: '1.40' },
          { key: 'w3c.tracestate', type: 'string', value: 'a=b' },
          { key: 'http.status_code', type: 'int64', value: 200 },
          { key: 'ratio', type: 'float64', value: 1 },
          { key: 'bytes', type: 'binary', value: 'AQI=' },
          { key: '__proto__', type: 'string', value: 'safe' },
        ],
      }),
    ).spans;
    expect(span).toMatchObject({
      kind: 'server',
      status: { code: 'error', message: 'boom' },
      scope: { name: 'envoy', version: '1.40' },
      traceState: 'a=b',
    });
    expect(Object.entries(span!.attributes)).toEqual([
      ['http.status_code', 200n],
      ['ratio', 1],
      ['bytes', new Uint8Array([1, 2])],
      ['__proto__', 'safe'],
    ]);
  });

  it('keeps 64-bit integers that JSON.parse would round', () => {
    const text = JSON.stringify(trace({ tags: [{ key: 'n', type: 'int64', value: 0 }] })).replace(
      '"value":0',
      '"value": 9223372036854775807',
    );
    const { spans } = convert(JSON.parse(keepLongIntegers(text)));
    expect(spans[0]!.attributes.n).toBe(9223372036854775807n);
  });

  it('takes an error text as an attribute and an error flag in text as the status', () => {
    const { spans } = convert(
      trace(
        { tags: [{ key: 'error', type: 'string', value: 'true' }] },
        { tags: [{ key: 'error', type: 'string', value: 'timeout' }] },
      ),
    );
    expect(spans[0]).toMatchObject({ status: { code: 'error' }, attributes: {} });
    expect(spans[1]).toMatchObject({ status: { code: 'unset' }, attributes: { error: 'timeout' } });
  });

  it('takes the first local CHILD_OF as the parent and all others as links', () => {
    const { spans } = convert(
      trace({
        references: [
          { refType: 'FOLLOWS_FROM', traceID: 'abc', spanID: '2' },
          { refType: 'CHILD_OF', traceID: 'def', spanID: '3' },
          { refType: 'CHILD_OF', traceID: 'abc', spanID: '4' },
        ],
      }),
    );
    expect(spans[0]!.parentSpanId).toBe('0000000000000004');
    expect(spans[0]!.links.map((link) => [link.spanId, link.attributes[REFERENCE_TYPE]])).toEqual([
      ['0000000000000002', 'follows_from'],
      ['0000000000000003', 'child_of'],
    ]);
  });

  it('keeps logs as events and warnings of the source, not those of the query', () => {
    const { spans } = convert(
      trace({
        logs: [
          {
            timestamp: 6,
            fields: [
              { key: 'event', type: 'string', value: 'cr' },
              { key: 'n', type: 'int64', value: 1 },
            ],
          },
        ],
        warnings: ['clock skew adjustment disabled; not applying calculated delta of 1ms', 'odd'],
      }),
    );
    expect(spans[0]!.events).toEqual([{ timeUnixNano: 6000n, name: 'cr', attributes: { n: 1n } }]);
    expect(spans[0]!.attributes[JAEGER_WARNINGS]).toEqual(['odd']);
  });

  it('counts what cannot be a span, with its place', () => {
    const { spans, refusals } = convert(
      trace({ spanID: 'xyz' }, {}, { startTime: -1 }, { spanID: '0' }),
    );
    expect(spans).toHaveLength(1);
    expect(refusals).toEqual([
      { reason: 'the span id is not 1 to 16 hex digits', place: '/data/0/spans/0', count: 2 },
      {
        reason: 'startTime is not a whole number of microseconds',
        place: '/data/0/spans/2',
        count: 1,
      },
    ]);
  });

  it('never throws, and gives or counts every span', () => {
    const field = fc.constantFrom(
      'traceID',
      'spanID',
      'startTime',
      'duration',
      'tags',
      'logs',
      'references',
      'processID',
      'warnings',
      'operationName',
      'process',
    );
    const broken = fc
      .array(fc.tuple(field, fc.jsonValue()), { maxLength: 3 })
      .map((entries) => ({ ...SPAN, ...Object.fromEntries(entries) }));
    fc.assert(
      fc.property(fc.array(fc.oneof(broken, fc.jsonValue()), { maxLength: 5 }), (spans) => {
        const result = convert({ traceID: 'abc', spans, processes: { p1: null } });
        const refused = result.refusals.reduce((sum, { count }) => sum + count, 0);
        expect(result.spans.length + refused).toBe(spans.length);
        for (const span of result.spans) {
          expect(span.traceId).toMatch(/^[0-9a-f]{32}$/);
          expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
