import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSseParser } from './sse.ts';

test('a message is its event, its joined data lines and the last id', () => {
  const parser = createSseParser();
  const messages = parser.push(': ping\n\nid: 7\nevent: tick\ndata: {"a":\ndata: 1}\n\ndata:x\n\n');
  expect(messages).toEqual([
    { event: 'tick', data: '{"a":\n1}', id: '7' },
    { event: 'message', data: 'x', id: '7' },
  ]);
  expect(parser.lastId).toBe('7');
});

test('an unfinished message is kept back', () => {
  const parser = createSseParser('3');
  expect(parser.push('data: half')).toEqual([]);
  expect(parser.push('\n')).toEqual([]);
  expect(parser.push('\n')).toEqual([{ event: 'message', data: 'half', id: '3' }]);
});

test('retry is read and a byte order mark is skipped', () => {
  const parser = createSseParser();
  parser.push('\uFEFFretry: 2500\n\n');
  expect(parser.retryMs).toBe(2500);
});

test('where the stream is cut and how lines end makes no difference', () => {
  const line = fc.stringMatching(/^[ -~äあ]{0,12}$/);
  const message = fc.record({
    event: fc.stringMatching(/^[a-z]{1,8}$/),
    lines: fc.array(line, { minLength: 1, maxLength: 3 }),
  });
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 5 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.array(fc.nat(200)),
      (messages, newline, cuts) => {
        const text = messages
          .map((m, i) =>
            [`id: ${i}`, `event: ${m.event}`, ...m.lines.map((l) => `data: ${l}`), '', ''].join(
              newline,
            ),
          )
          .join('');
        const parser = createSseParser();
        const places = [...new Set(cuts.map((c) => c % (text.length + 1)))].sort((a, b) => a - b);
        const got = [...places, text.length].flatMap((end, i) =>
          parser.push(text.slice(i === 0 ? 0 : places[i - 1], end)),
        );
        // The last CR may be half of a CRLF, so it is read with the next piece.
        got.push(...parser.push('\n'));
        expect(got).toEqual(
          messages.map((m, i) => ({ event: m.event, data: m.lines.join('\n'), id: String(i) })),
        );
      },
    ),
  );
});
