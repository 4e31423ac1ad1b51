import { describe, expect, test } from 'vitest';
import type { Span, SpanBatch, StringColumnName } from '@clover/model';
import { SpanBatchBuilder } from './builder.ts';
import { BuilderFullError } from './builder-limits.ts';

const base: Span = {
  traceId: '0102030405060708090a0b0c0d0e0f10',
  spanId: '0102030405060708',
  parentSpanId: '',
  traceState: '',
  name: 'GET /',
  kind: 'server',
  startTimeUnixNano: 1_700_000_000_123_456_789n,
  durationNs: 5_000_000_000n,
  status: { code: 'unset', message: '' },
  attributes: {},
  events: [],
  links: [],
  resource: { attributes: { 'service.name': 'shop' } },
  scope: { name: '', version: '' },
};

function column(batch: SpanBatch, name: StringColumnName, row = 0): string {
  return batch.strings[batch.columns[name][row]!]!;
}

function attributes(batch: SpanBatch, row = 0): Record<string, string> {
  const { ends, keys, values } = batch.attributes;
  const found: Record<string, string> = {};
  for (let i = row === 0 ? 0 : ends[row - 1]!; i < ends[row]!; i++)
    found[batch.strings[keys[i]!]!] = batch.strings[values[i]!]!;
  return found;
}

function built(...spans: readonly Partial<Span>[]): SpanBatch {
  const builder = new SpanBatchBuilder();
  for (const span of spans)
    expect(builder.appendSpan({ ...base, ...span }, 'test')).toBeUndefined();
  return builder.finish();
}

describe('SpanBatchBuilder', () => {
  test('an empty batch has the empty string and no spans', () => {
    const batch = new SpanBatchBuilder().finish();
    expect(batch.count).toBe(0);
    expect(batch.strings[0]).toBe('');
    expect(batch.attributes.ends).toHaveLength(0);
  });

  test('keeps ids, times and names to the last digit', () => {
    const batch = built({ parentSpanId: 'ffffffffffffffff' });
    expect(Buffer.from(batch.traceIds).toString('hex')).toBe(base.traceId);
    expect(Buffer.from(batch.spanIds).toString('hex')).toBe(base.spanId);
    expect(Buffer.from(batch.parentSpanIds).toString('hex')).toBe('ffffffffffffffff');
    expect(batch.startTimesUnixNano[0]).toBe(base.startTimeUnixNano);
    expect(batch.durationsNs[0]).toBe(base.durationNs);
    expect(column(batch, 'name')).toBe('GET /');
    expect(column(batch, 'service')).toBe('shop');
    expect(column(batch, 'source')).toBe('test');
    expect(batch.kinds[0]).toBe(2);
    expect(batch.directions[0]).toBe(1);
    expect(batch.sampleWeights[0]).toBe(1);
  });

  test('the UTF-8 form holds the same strings', () => {
    const batch = built({ name: 'Grüße 🌿', attributes: { k: 'é'.repeat(200) } });
    const { bytes, ends } = batch.utf8!;
    const decoded = [...ends].map((end, i) =>
      Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], end)).toString('utf8'),
    );
    expect(decoded).toEqual(batch.strings);
    expect(column(batch, 'name')).toBe('Grüße 🌿');
  });

  test('translates old names, keeps the first of two that mean the same, and types numbers that came as text', () => {
    const batch = built({
      attributes: {
        'http.request.method': 'GET',
        'http.method': 'POST',
        'http.status_code': '404',
        'http.target': '/users/42?x=1',
        'http.flavor': '1.1',
        'net.peer.name': 'me',
        mine: 7n,
      },
    });
    expect(attributes(batch)).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': '404',
      'url.path': '/users/42',
      'url.query': 'x=1',
      'network.protocol.version': '1.1',
      'client.address': 'me',
      mine: '7',
    });
    expect(batch.httpStatusCodes[0]).toBe(404);
    expect(column(batch, 'urlTemplate')).toBe('/users/{id}');
    expect(column(batch, 'peer')).toBe('me');
    const typeOf = (key: string) => batch.attributeTypes.get(batch.strings.indexOf(key));
    expect(typeOf('http.response.status_code')).toBe(1);
    expect(typeOf('http.request.method')).toBe(0);
    expect(typeOf('mine')).toBe(1);
  });

  test('a rollback leaves the batch as it was', () => {
    const builder = new SpanBatchBuilder();
    builder.appendSpan({ ...base, attributes: { a: 'x', n: 1 } }, 'test');
    const mark = builder.mark();
    for (let i = 0; i < 9000; i++)
      builder.appendSpan(
        {
          ...base,
          name: `n${i}`,
          attributes: { [`k${i}`]: `v${i}`, 'http.url': `http://h${i}/p` },
          resource: { attributes: { 'service.name': `s${i}` } },
        },
        'test',
      );
    builder.rollback(mark);
    builder.appendSpan({ ...base, name: 'n5', attributes: { k5: 'other', a: 'x' } }, 'test');
    const batch = builder.finish();
    expect(batch.count).toBe(2);
    expect(attributes(batch, 0)).toEqual({ a: 'x', n: '1' });
    expect(attributes(batch, 1)).toEqual({ k5: 'other', a: 'x' });
    expect(column(batch, 'name', 1)).toBe('n5');
    expect(batch.resources.ends).toHaveLength(1);
    expect(new Set(batch.strings).size).toBe(batch.strings.length);
    expect([...batch.attributeTypes.keys()].map((key) => batch.strings[key]).toSorted()).toEqual([
      'a',
      'k5',
      'n',
      'service.name',
    ]);
  });

  test('can be used again after reset', () => {
    const builder = new SpanBatchBuilder();
    builder.appendSpan({ ...base, attributes: { 'http.url': 'http://a/b' } }, 'test');
    builder.reset();
    builder.appendSpan({ ...base, attributes: { 'http.url': 'http://c/d' } }, 'test');
    const batch = builder.finish();
    expect(batch.count).toBe(1);
    expect(column(batch, 'urlHost')).toBe('c');
    expect(batch.strings).not.toContain('http://a/b');
  });

  test('refuses zero ids, wrong lengths and times that no calendar has, and takes the next span', () => {
    const builder = new SpanBatchBuilder();
    const refuse = (span: Partial<Span>) => builder.appendSpan({ ...base, ...span }, 'test');
    expect(refuse({ traceId: '0'.repeat(32) })).toBe('invalid_trace_id');
    expect(refuse({ traceId: 'ab' })).toBe('invalid_trace_id');
    expect(refuse({ spanId: '0'.repeat(16) })).toBe('invalid_span_id');
    expect(refuse({ parentSpanId: 'zz' })).toBe('invalid_span_id');
    expect(refuse({ startTimeUnixNano: 0n })).toBe('invalid_time');
    expect(refuse({ startTimeUnixNano: 1n << 63n })).toBe('invalid_time');
    expect(builder.count).toBe(0);
    expect(refuse({})).toBeUndefined();
    expect(builder.count).toBe(1);
    expect(builder.finish().attributes.ends[0]).toBe(0);
  });

  test('is bounded in spans and in bytes', () => {
    const builder = new SpanBatchBuilder({ maxSpans: 1, maxStringBytes: 2000 });
    expect(() =>
      builder.appendSpan({ ...base, attributes: { a: 'x'.repeat(5000) } }, 'test'),
    ).toThrow(BuilderFullError);
    expect(builder.appendSpan(base, 'test')).toBeUndefined();
    expect(() => builder.appendSpan(base, 'test')).toThrow(BuilderFullError);
  });
});
