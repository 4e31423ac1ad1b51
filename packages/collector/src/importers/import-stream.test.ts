import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CloverError, type MetricBatch, type Span } from '@clover/model';
import { importStream, type ImportOptions } from './import-stream.ts';

async function importText(
  text: string | Uint8Array,
  options: Partial<ImportOptions> = {},
  size = 64,
) {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const spans: Span[] = [];
  const metrics: MetricBatch[] = [];
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const written = { spans, metrics };
  const answer = await importStream(chunks(), {
    writeSpans: async (part) => void spans.push(...part),
    writeMetrics: async (batch) => void metrics.push(batch),
    timeUnixMs: 1000,
    ...options,
  }).catch((error: unknown) => {
    throw Object.assign(error as Error, { written });
  });
  return { answer, ...written };
}

const JAEGER_TRACE = {
  traceID: 'a1',
  spans: [
    { traceID: 'a1', spanID: 'b1', startTime: 1700000000000000, duration: 5, processID: 'p' },
  ],
  processes: { p: { serviceName: 'web' } },
};
const ZIPKIN = {
  traceId: 'a1',
  id: 'b1',
  kind: 'SERVER',
  timestamp: 1700000000000000,
  localEndpoint: { serviceName: 'web' },
};
const OTLP = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'web' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: '5B8EFFF798038103D269B633813FC60C',
              spanId: 'EEE19B7EC3C1B174',
              startTimeUnixNano: '1700000000000000000',
              endTimeUnixNano: '1700000000000005000',
              kind: 'SPAN_KIND_SERVER',
              attributes: [{ key: 'n', value: { intValue: '7' } }],
            },
          ],
        },
      ],
    },
  ],
};

describe('importStream', () => {
  it.each([
    ['jaeger', 'an API answer', JSON.stringify({ data: [JAEGER_TRACE], total: 0, errors: null })],
    ['jaeger', 'a single trace', JSON.stringify(JAEGER_TRACE, null, 2)],
    ['jaeger', 'an array of traces', JSON.stringify([JAEGER_TRACE])],
    ['zipkin', 'an array of spans', JSON.stringify([ZIPKIN])],
    ['zipkin', 'an array of traces', JSON.stringify([[ZIPKIN]])],
    ['zipkin', 'JSON lines', `${JSON.stringify(ZIPKIN)}\n`],
    ['otlp', 'one document', JSON.stringify(OTLP, null, 1)],
    ['otlp', 'JSON lines', `${JSON.stringify(OTLP)}\n{"resourceSpans":[]}\n`],
    ['otlp', "Jaeger's API v3", JSON.stringify({ result: OTLP })],
  ])('finds out that it is %s: %s, plain or gzipped', async (format, _, text) => {
    for (const bytes of [Buffer.from(text), gzipSync(text), Buffer.from(`\ufeff \n${text}`)]) {
      const { answer, spans } = await importText(bytes);
      expect(answer).toEqual({
        format,
        spans: 1,
        traces: 1,
        services: ['web'],
        points: 0,
        refused: [],
        firstTime: '2023-11-14T22:13:20.000Z',
        lastTime: '2023-11-14T22:13:20.000Z',
      });
      expect(spans[0]!.resource.attributes['service.name']).toBe('web');
    }
  });

  it('reads Prometheus text and OpenMetrics with their own units of time', async () => {
    const text = await importText('# TYPE a counter\na{b="c"} 1\na 2 5000\n');
    expect([...text.metrics[0]!.timesUnixMs]).toEqual([1000, 5000]);
    const open = await importText('# TYPE a counter\na_total{b="c"} 1 5\n# EOF\n');
    expect([...open.metrics[0]!.timesUnixMs]).toEqual([5000]);
    expect(open.answer).toMatchObject({ format: 'prometheus', points: 1, spans: 0 });
  });

  it('reads OTLP metrics beside spans', async () => {
    const metric = {
      name: 'q',
      unit: 's',
      gauge: { dataPoints: [{ timeUnixNano: '5000000', asDouble: 1.5 }] },
    };
    const { metrics, answer } = await importText(
      `${JSON.stringify(OTLP)}\n${JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] })}`,
    );
    expect(answer).toMatchObject({ spans: 1, points: 1 });
    expect(metrics[0]!.series[0]!.name).toBe('q_seconds');
  });

  it('writes nothing when the file is broken at its end', async () => {
    const text = `{"data":[${JSON.stringify(JAEGER_TRACE)},{"traceID"`;
    const failure = await importText(text).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CloverError);
    expect(failure).toMatchObject({ code: 'import.bad_json', status: 400, written: { spans: [] } });
    expect((failure as CloverError).message).toContain('/data/1');
  });

  it.each([
    ['', 'import.empty'],
    [' \n', 'import.empty'],
    ['{"hello":1}', 'import.unknown_format'],
    ['[1]', 'import.unknown_format'],
    ['hello world again', 'import.unknown_format'],
    ['a 1\nhello world again', 'metrics.bad_exposition'],
    ['[2026-01-01T00:00:00.000Z] "GET /x HTTP/1.1" 200 - via_upstream', 'import.access_log'],
    ['10.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 5', 'import.access_log'],
    ['{"start_time":"2026-01-01T00:00:00Z","response_code":200}', 'import.access_log'],
    ['[{"name":"\\"GET / HTTP/1.1\\""}]', 'import.unknown_format'],
    [gzipSync('a 1\n').subarray(0, 15), 'import.bad_gzip'],
  ])('says what is wrong with %j', async (text, code) => {
    await expect(importText(text)).rejects.toMatchObject({ code });
  });

  it('refuses a file of another form than the one it was told', async () => {
    await expect(importText(JSON.stringify([ZIPKIN]), { format: 'jaeger' })).rejects.toThrow(
      'this is not jaeger JSON',
    );
  });

  it('refuses what unpacks to more than the limit', async () => {
    await expect(importText(gzipSync('a 1\n'.repeat(10_000)), { maxBytes: 1000 })).rejects.toThrow(
      'more than 1000 bytes',
    );
  });

  it('counts spans that cannot be spans, with the first place', async () => {
    const { answer } = await importText(JSON.stringify([ZIPKIN, { ...ZIPKIN, id: 'zz' }]));
    expect(answer.spans).toBe(1);
    expect(answer.refused).toEqual([
      { reason: 'the span id is not 1 to 16 hex digits, first at /1', count: 1 },
    ]);
  });

  it('reads a file too large to keep twice, from a temporary file', async () => {
    const line = JSON.stringify(ZIPKIN);
    async function* many() {
      for (let i = 0; i < 60; i++) yield Buffer.from(`${line}\n`.repeat(1000));
      yield Buffer.alloc(16 * 2 ** 20, 0x20);
    }
    let spans = 0;
    const phases = new Set<string>();
    const answer = await importStream(many(), {
      writeSpans: async (part) => void (spans += part.length),
      writeMetrics: async () => undefined,
      onProgress: ({ phase }) => phases.add(phase),
    });
    expect(spans).toBe(60_000);
    expect(answer).toMatchObject({ spans: 60_000, traces: 1 });
    expect([...phases]).toEqual(['reading', 'checking', 'storing']);
  });

  it('either takes a damaged file whole or throws its own error and writes nothing', async () => {
    const files = [
      JSON.stringify({ data: [JAEGER_TRACE, JAEGER_TRACE] }),
      JSON.stringify([ZIPKIN, ZIPKIN]),
      JSON.stringify(OTLP),
      '# TYPE a counter\na{b="c"} 1\na 2 5000\n',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.nat(),
        fc.nat(),
        fc.uint8Array({ maxLength: 3 }),
        fc.boolean(),
        async (file, from, length, insert, zipped) => {
          const bytes = zipped ? gzipSync(file) : Buffer.from(file);
          const at = from % bytes.length;
          const damaged = Buffer.concat([
            bytes.subarray(0, at),
            insert,
            bytes.subarray(at + (length % 4)),
          ]);
          try {
            const { answer, spans, metrics } = await importText(damaged);
            expect(answer.spans).toBe(spans.length);
            expect(answer.points).toBe(
              metrics.reduce((sum, batch) => sum + batch.values.length, 0),
            );
          } catch (error) {
            expect(error).toBeInstanceOf(CloverError);
            expect(error).toMatchObject({ written: { spans: [], metrics: [] } });
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
