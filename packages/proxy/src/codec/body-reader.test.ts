import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyReader } from './body-reader.ts';
import { HEAD_LIMITS, LENGTH } from './head.ts';
import { framedChunk, lastChunk } from './write-head.ts';
import { headerList } from './header-list.ts';

/** Reads the pieces one after the other; what follows the body comes back in `rest`. */
function read(length: number, pieces: readonly Buffer[]) {
  const reader = new BodyReader(HEAD_LIMITS);
  reader.start(length);
  const chunks: Buffer[] = [];
  const sink = { onBodyChunk: (chunk: Buffer) => void chunks.push(Buffer.from(chunk)) };
  let rest = '';
  for (const piece of pieces) {
    const next = reader.read(piece, 0, piece.length, sink);
    rest += piece.toString('latin1', next);
  }
  return { reader, body: Buffer.concat(chunks).toString('latin1'), rest };
}

const cutAt = (bytes: Buffer, cuts: readonly number[]) => {
  const places = [...new Set(cuts.map((one) => one % (bytes.length + 1)))].toSorted(
    (a, b) => a - b,
  );
  return [0, ...places].map((start, i) => bytes.subarray(start, places[i] ?? bytes.length));
};

describe('the body of a message', () => {
  it('ends after its length, and what follows is left', () => {
    const { reader, body, rest } = read(5, [Buffer.from('hel'), Buffer.from('loGET /')]);
    expect({ done: reader.done, body, rest }).toEqual({ done: true, body: 'hello', rest: 'GET /' });
  });

  it('that ends with the connection is complete only then', () => {
    const { reader, body } = read(LENGTH.untilClose, [Buffer.from('abc')]);
    expect([body, reader.done, reader.finish()]).toEqual(['abc', false, true]);
  });

  it('with a length is not complete when the connection ends before', () => {
    expect(read(5, [Buffer.from('abc')]).reader.finish()).toBe(false);
  });

  it('in chunks comes out as it went in, however it is cut', () => {
    const part = fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' });
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(1000)), fc.boolean(), (parts, cuts, trailers) => {
        const wire = Buffer.concat([
          ...parts.map((one) => framedChunk(Buffer.from(one, 'latin1'))),
          Buffer.from(
            lastChunk(trailers ? headerList({ 'x-sum': '1', 'x-end': 'yes' }) : undefined),
          ),
          Buffer.from('NEXT'),
        ]);
        const { reader, body, rest } = read(LENGTH.chunked, cutAt(wire, cuts));
        expect(reader.done).toBe(true);
        expect(body).toBe(parts.join(''));
        expect(rest).toBe('NEXT');
        expect(reader.trailers?.get('x-end')).toBe(trailers ? 'yes' : undefined);
      }),
    );
  });

  it('may name extensions, which mean nothing', () => {
    expect(read(LENGTH.chunked, [Buffer.from('3;a=b;c\r\nabc\r\n0\r\n\r\n')]).body).toBe('abc');
  });

  it.each([
    ['a chunk that is longer than its size', '3\r\nabcd\r\n0\r\n\r\n'],
    ['a size that is no number', 'x\r\nabc\r\n'],
    ['no size', '\r\nabc\r\n'],
    ['a negative size', '-1\r\n'],
    ['a size beyond counting', 'fffffffffffff\r\n'],
    ['a bare line feed after the size', '3\nabc\r\n'],
    ['a bare line feed in an extension', '3;a\nb\r\nabc\r\n'],
    ['a bare line feed after the data', '3\r\nabc\n'],
    ['an endless extension', `3;${'a'.repeat(5000)}`],
    ['endless trailers', `0\r\n${'x: y\r\n'.repeat(101)}\r\n`],
    ['trailers beyond 60 KB', `0\r\nx: ${'y'.repeat(70_000)}`],
  ])('is refused with %s', (_, text) => {
    expect(() => read(LENGTH.chunked, [Buffer.from(text, 'latin1')])).toThrow();
  });
});
