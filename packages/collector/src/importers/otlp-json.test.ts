import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { otlpResourceToSpans } from './otlp-json.ts';
import { createRefusals } from './refusals.ts';

describe('otlpResourceToSpans', () => {
  it('reads what the OpenTelemetry SDK writes', () => {
    const memory = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'web' }),
      spanProcessors: [new SimpleSpanProcessor(memory)],
    });
    const span = provider
      .getTracer('lib', '2')
      .startSpan('GET /', { kind: 1, startTime: [1700000000, 123] });
    span.setAttributes({ text: 'a', whole: 7, half: 0.5, yes: true, list: ['a', 'b'] });
    span.addEvent('looked', { n: 1 }, [1700000000, 500]);
    span.setStatus({ code: 2, message: 'boom' });
    span.end([1700000001, 123]);
    const bytes = JsonTraceSerializer.serializeRequest(memory.getFinishedSpans())!;
    const request = JSON.parse(Buffer.from(bytes).toString()) as { resourceSpans: unknown[] };
    const refusals = createRefusals();
    expect(otlpResourceToSpans(request.resourceSpans[0], '/resourceSpans/0', refusals)).toEqual([
      {
        traceId: span.spanContext().traceId,
        spanId: span.spanContext().spanId,
        parentSpanId: '',
        traceState: '',
        name: 'GET /',
        kind: 'server',
        startTimeUnixNano: 1700000000000000123n,
        durationNs: 1_000_000_000n,
        status: { code: 'error', message: 'boom' },
        attributes: { text: 'a', whole: 7n, half: 0.5, yes: true, list: ['a', 'b'] },
        events: [{ timeUnixNano: 1700000000000000500n, name: 'looked', attributes: { n: 1n } }],
        links: [],
        resource: { attributes: { 'service.name': 'web' } },
        scope: { name: 'lib', version: '2' },
      },
    ]);
    expect(refusals.total).toBe(0);
  });

  it('reads enums by name and nested values', () => {
    const spans = otlpResourceToSpans(
      {
        scopeSpans: [
          {
            spans: [
              {
                traceId: '1'.repeat(32),
                spanId: '2'.repeat(16),
                startTimeUnixNano: 5,
                kind: 'SPAN_KIND_CONSUMER',
                status: { code: 'STATUS_CODE_OK' },
                attributes: [
                  {
                    key: 'map',
                    value: { kvlistValue: { values: [{ key: 'a', value: { intValue: 1 } }] } },
                  },
                  { key: 'bytes', value: { bytesValue: 'AQI=' } },
                  { key: 'nothing' },
                ],
              },
            ],
          },
        ],
      },
      '',
      createRefusals(),
    );
    expect(spans[0]).toMatchObject({
      kind: 'consumer',
      status: { code: 'ok' },
      attributes: { map: { a: 1n }, bytes: new Uint8Array([1, 2]), nothing: '' },
    });
  });

  it('never throws, and gives or counts every span', () => {
    const span = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          traceId: fc.constantFrom('1'.repeat(32), 'x', 5),
          spanId: fc.constantFrom('2'.repeat(16), '', null),
          startTimeUnixNano: fc.constantFrom('5', 5, '-1', {}),
          attributes: fc.jsonValue(),
          events: fc.jsonValue(),
          links: fc.jsonValue(),
          status: fc.jsonValue(),
          kind: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(fc.array(span, { maxLength: 5 }), fc.jsonValue(), (spans, resource) => {
        const refusals = createRefusals();
        const found = otlpResourceToSpans({ resource, scopeSpans: [{ spans }] }, '', refusals);
        expect(found.length + refusals.total).toBe(spans.length);
      }),
      { numRuns: 500 },
    );
  });
});
