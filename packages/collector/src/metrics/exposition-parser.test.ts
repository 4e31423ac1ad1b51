import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CloverError } from '@clover/model';
import { createExpositionParser, parseValue, type ExpositionOptions } from './exposition-parser.ts';
import { createMetricBatchBuilder } from './metric-batch-builder.ts';

function parse(text: string, options: Partial<ExpositionOptions> = {}) {
  const builder = createMetricBatchBuilder('test');
  const parser = createExpositionParser(builder, { format: 'text', timeUnixMs: 1000, ...options });
  parser.push(text);
  parser.end();
  const batch = builder.take();
  return Array.from(batch.values, (value, i) => ({
    ...batch.series[batch.seriesIndexes[i]!]!,
    timeMs: batch.timesUnixMs[i],
    value,
  }));
}

describe('the Prometheus text format', () => {
  it('reads names, labels, escapes, times and metadata', () => {
    const rows = parse(`# HELP http_requests_total All \\\\ requests.\\nReally.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200",} 1027 1395066363000
http_requests_total { path = "C:\\\\D \\"x\\" {}\\n" } 3e2\t
# a comment
#also one

metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045
# TYPE rpc summary
rpc{quantile="0.5"} NaN
rpc_sum 1.7560473e+07
rpc_count 2693`);
    expect(rows).toHaveLength(7);
    expect(rows[0]).toEqual({
      name: 'http_requests_total',
      labels: { method: 'post', code: '200' },
      type: 'counter',
      unit: '',
      help: 'All \\ requests.\nReally.',
      timeMs: 1395066363000,
      value: 1027,
    });
    expect(rows[1]).toMatchObject({ labels: { path: 'C:\\D "x" {}\n' }, value: 300, timeMs: 1000 });
    expect(rows[2]).toMatchObject({ type: 'unknown', value: 12.47 });
    expect(rows[3]).toMatchObject({ value: Number.POSITIVE_INFINITY, timeMs: -3982045 });
    expect(rows.slice(4).map((row) => row.type)).toEqual(['summary', 'summary', 'summary']);
  });

  it.each([
    ['foo', /line 1: a value was expected/],
    ['ok 1\n1foo 2', /line 2: .* does not start with a metric name/],
    ['foo{a="b} 1', /line 1: the labels do not end/],
    ['foo{a="b",a="c"} 1', /label a stands twice/],
    ['foo{a=b} 1', /not in quotes/],
    ['foo{"a.b"="c"} 1', /UTF-8 names/],
    ['foo 1x', /"1x" is not a number/],
    ['foo 0x10', /not a number/],
    ['foo 1 2.5', /not a time/],
    ['foo 1 2 3', /stands after the sample/],
    ['# TYPE foo thing', /"thing" is not a metric type/],
    ['# TYPE', /names no metric/],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it('stops at the sample limit', () => {
    expect(() => parse('a 1\nb 2\nc 3\n', { maxSamples: 2 })).toThrow(
      'line 3: more than 2 samples',
    );
  });
});

describe('OpenMetrics', () => {
  const open = (text: string) => parse(text, { format: 'openmetrics' });

  it('reads counters, units, times in seconds and leaves exemplars out', () => {
    const rows = open(`# TYPE rpc_seconds histogram
# UNIT rpc_seconds seconds
# HELP rpc_seconds How "long".
rpc_seconds_bucket{le="0.1"} 8 1520879607.789 # {trace_id="K} O"} 0.067 1520879607.5
rpc_seconds_count 8
# TYPE jobs counter
jobs_total 4
jobs_created 1.5e9
# EOF
`);
    expect(rows[0]).toMatchObject({ type: 'histogram', unit: 'seconds', help: 'How "long".' });
    expect(rows[0]!.timeMs).toBeCloseTo(1520879607789);
    expect(rows.map((row) => row.type)).toEqual(['histogram', 'histogram', 'counter', 'counter']);
  });

  it.each([
    ['a 1\n', /without # EOF/],
    ['a 1\n# EOF\nb 2\n', /line 3: nothing may follow/],
    ['a  1\n# EOF\n', /the value is missing/],
    ['a 1\n\n# EOF\n', /line 2: an empty line/],
    ['# hello\n# EOF\n', /line 1: only # HELP/],
    ['a{b="c",} 1\n# EOF\n', /comma after the last/],
    ['a 1 # {b="c"} \n# EOF\n', /exemplar/],
  ])('is strict about %j', (text, message) => {
    expect(() => open(text)).toThrow(message);
  });
});

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,12}$/);
const labelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
const sample = fc.record({
  name,
  labels: fc.dictionary(labelName, fc.string({ unit: 'binary' }), { maxKeys: 4 }),
  value: fc.double().map((value) => value + 0), // -0 is written as 0
  timeMs: fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined }),
});

function write(
  samples: readonly {
    name: string;
    labels: Record<string, string>;
    value: number;
    timeMs: number | undefined;
  }[],
) {
  const escape = (text: string) =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  const number = (value: number) =>
    Number.isFinite(value)
      ? String(value)
      : Number.isNaN(value)
        ? 'NaN'
        : value > 0
          ? '+Inf'
          : '-Inf';
  return samples
    .map(
      (s) =>
        `${s.name}{${Object.entries(s.labels)
          .map(([k, v]) => `${k}="${escape(v)}"`)
          .join(',')}} ${number(s.value)}${s.timeMs === undefined ? '' : ` ${s.timeMs}`}\n`,
    )
    .join('');
}

describe('properties', () => {
  it('gives back what was written, whatever the chunks', () => {
    fc.assert(
      fc.property(
        fc.array(sample, { maxLength: 20 }),
        fc.integer({ min: 1, max: 40 }),
        (samples, size) => {
          const builder = createMetricBatchBuilder('test');
          const parser = createExpositionParser(builder, { format: 'text', timeUnixMs: 7 });
          const text = write(samples);
          for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
          parser.end();
          const batch = builder.take();
          expect(batch.values).toHaveLength(samples.length);
          samples.forEach((given, i) => {
            const series = batch.series[batch.seriesIndexes[i]!]!;
            expect(series.name).toBe(given.name);
            expect({ ...series.labels }).toEqual({ ...given.labels });
            expect(batch.timesUnixMs[i]).toBe(given.timeMs ?? 7);
            expect(batch.values[i]).toEqual(given.value);
          });
        },
      ),
    );
  });

  it('never throws anything but its own error on any text', () => {
    const near = fc.array(
      fc.constantFrom(
        'a',
        '{',
        '}',
        '"',
        '=',
        ',',
        ' ',
        '\n',
        '\\',
        '1',
        '#',
        'NaN',
        '# TYPE a ',
        '# EOF',
        '\t',
        'é',
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          near.map((parts) => parts.join('')),
        ),
        fc.constantFrom('text', 'openmetrics'),
        (text, format) => {
          try {
            parse(text, { format: format as 'text' });
          } catch (error) {
            expect(error).toBeInstanceOf(CloverError);
            expect((error as CloverError).message).toMatch(/^line \d+: |# EOF/);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('takes every number that JavaScript writes', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(parseValue(String(value))).toBe(value + 0);
      }),
    );
  });
});
