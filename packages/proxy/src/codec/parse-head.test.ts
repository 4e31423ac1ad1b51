import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEAD_LIMITS, LENGTH, RequestHead, ResponseHead } from './head.ts';
import { INCOMPLETE, parseRequestHead, parseResponseHead } from './parse-head.ts';
import { ProtocolError } from './protocol-error.ts';

/** The head and how many bytes it took; undefined while it is incomplete. */
function parse(text: string): { head: RequestHead; next: number } | undefined {
  const head = new RequestHead();
  const bytes = Buffer.from(text, 'latin1');
  const next = parseRequestHead(head, bytes, 0, bytes.length, HEAD_LIMITS);
  return next === INCOMPLETE ? undefined : { head, next };
}

function refusal(text: string): number | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    return (error as ProtocolError).status;
  }
}

const get = (...lines: string[]) => ['GET / HTTP/1.1', ...lines, '', ''].join('\r\n');

describe('the head of a request', () => {
  it('is taken apart, what frames it apart from its headers', () => {
    const text =
      'POST /a?b HTTP/1.1\r\nHost: h:80\r\nX-Two: 1\r\nx-two:  2 \r\nContent-Length: 5\r\n\r\nhello';
    const { head, next } = parse(text)!;
    expect(next).toBe(text.length - 5);
    expect(head).toMatchObject({
      method: 'POST',
      target: '/a?b',
      host: 'h:80',
      bodyLength: 5,
      keepAlive: true,
    });
    expect(head.headers.names).toEqual(['x-two', 'x-two']);
    expect(head.headers.getAll('x-two')).toBe('1,2');
  });

  it.each([
    ['conflicting lengths', get('Content-Length: 5', 'Content-Length: 6'), 400],
    ['the same length twice', get('Content-Length: 5', 'Content-Length: 5'), 400],
    ['a list of lengths', get('Content-Length: 5, 5'), 400],
    ['a signed length', get('Content-Length: +5'), 400],
    ['an empty length', get('Content-Length:'), 400],
    ['a length beyond counting', get('Content-Length: 99999999999999999999'), 400],
    ['length and chunks', get('Content-Length: 5', 'Transfer-Encoding: chunked'), 400],
    ['chunks and length', get('Transfer-Encoding: chunked', 'Content-Length: 5'), 400],
    ['chunks twice', get('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'), 501],
    ['another transfer coding', get('Transfer-Encoding: gzip, chunked'), 501],
    ['a disguised transfer coding', get('Transfer-Encoding: xchunked'), 501],
    ['chunks in HTTP/1.0', 'GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['two hosts', get('Host: a', 'Host: b'), 400],
    ['a space before the colon', get('Content-Length : 5'), 400],
    ['a folded line', get('X-A: 1', ' 2'), 400],
    ['a bare line feed', 'GET / HTTP/1.1\nHost: a\n\n', 400],
    ['a bare line feed in the headers', 'GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n', 400],
    ['a bare carriage return', 'GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n', 400],
    ['a zero byte', get('X-A: a\0b'), 400],
    ['no colon', get('nonsense'), 400],
    ['an empty name', get(': x'), 400],
    ['a name with a space', get('X A: b'), 400],
    ['another protocol', 'GET / HTTP/2.0\r\n\r\n', 400],
    ['no version', 'GET /\r\nHost: a\r\n\r\n', 400],
    ['two spaces', 'GET  / HTTP/1.1\r\n\r\n', 400],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['101 headers', get(...Array.from({ length: 101 }, (_, i) => `x-${i}: y`)), 431],
    ['headers beyond 60 KB', get(`x: ${'y'.repeat(61_441)}`), 431],
    ['a line beyond 60 KB that does not end', `GET /${'y'.repeat(61_441)}`, 431],
  ])('is refused with %s', (_, text, status) => {
    expect(refusal(text)).toBe(status);
  });

  it('takes 100 headers and an empty line before it', () => {
    const lines = Array.from({ length: 100 }, (_, i) => `x-${i}: y`);
    expect(parse(`\r\n${get(...lines)}`)?.head.headers.length).toBe(100);
  });

  it('loses what Connection names, but not what the proxy vouches for', () => {
    const { head } = parse(
      get(
        'Connection: close, X-Hop, x-forwarded-for',
        'X-Hop: 1',
        'X-Forwarded-For: 2',
        'Keep-Alive: 3',
      ),
    )!;
    expect(head.headers.names).toEqual(['x-forwarded-for']);
    expect(head.keepAlive).toBe(false);
  });

  it('is the same however it is cut into pieces', () => {
    const name = fc
      .stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,12}$/)
      .filter(
        (one) =>
          !/^(connection|host|te|expect|upgrade|content-length|transfer-encoding|keep-alive|proxy-connection)$/i.test(
            one,
          ),
      );
    const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, value), { maxLength: 12 }),
        fc.stringMatching(/^\/[a-z0-9/?=&%.-]{0,30}$/),
        fc.nat(400),
        (headers, target, cut) => {
          const text = `GET ${target} HTTP/1.1\r\n${headers.map(([n, v]) => `${n}:${v}\r\n`).join('')}\r\n`;
          const whole = parse(`${text}rest`)!;
          expect(whole.next).toBe(text.length);
          expect(whole.head.target).toBe(target);
          expect(whole.head.headers.names).toEqual(headers.map(([n]) => n.toLowerCase()));
          expect(whole.head.headers.values).toEqual(headers.map(([, v]) => v));
          if (cut < text.length) expect(parse(text.slice(0, cut))).toBeUndefined();
        },
      ),
    );
  });

  it('is never taken when a slow reading by the grammar refuses it, and read alike when it is', () => {
    const piece = fc.constantFrom(
      'GET',
      'POST',
      ' ',
      '  ',
      '/',
      '/a',
      ' HTTP/1.1',
      ' HTTP/1.0',
      '\r\n',
      '\n',
      '\r',
      '\r\n\r\n',
      'Host: a',
      'Content-Length: 3',
      'Content-Length:3',
      'content-length : 3',
      'Transfer-Encoding: chunked',
      'Transfer-Encoding: identity',
      'X-A: b',
      'X-A:\tb ',
      ':',
      '\0',
      ' folded',
      'é',
      'Connection: close',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), fc.boolean(), (pieces, start) => {
        const text = (start ? 'GET /x HTTP/1.1\r\n' : '') + pieces.join('');
        let mine: ReturnType<typeof parse>;
        try {
          mine = parse(text);
        } catch {
          return;
        }
        if (mine === undefined) return;
        expect(slowReading(text.slice(0, mine.next))).toEqual({
          method: mine.head.method,
          target: mine.head.target,
          bodyLength: mine.head.bodyLength,
        });
      }),
      { numRuns: 2000 },
    );
  });
});

/** RFC 9112 by regular expressions, a line at a time. Undefined: not a request. */
function slowReading(text: string) {
  const lines = text.replace(/^(\r\n)+/, '').split('\r\n');
  if (lines.length < 3 || lines.at(-1) !== '' || lines.at(-2) !== '') return undefined;
  // oxlint-disable-next-line no-control-regex -- as below
  const request = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^\0-\x20\x7f]+) HTTP\/1\.[01]$/.exec(lines[0]!);
  if (!request) return undefined;
  const lengths: string[] = [];
  const codings: string[] = [];
  for (const line of lines.slice(1, -2)) {
    // oxlint-disable-next-line no-control-regex -- which bytes are allowed is what this is about
    const header = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\0-\x08\x0a-\x1f\x7f]*)$/.exec(line);
    if (!header) return undefined;
    if (header[1]!.toLowerCase() === 'content-length') lengths.push(header[2]!.trim());
    if (header[1]!.toLowerCase() === 'transfer-encoding') codings.push(header[2]!.trim());
  }
  if (lengths.length + codings.length > 1) return undefined;
  const bodyLength = codings.length === 1 ? LENGTH.chunked : Number(lengths[0] ?? 0);
  return { method: request[1], target: request[2], bodyLength };
}

describe('the head of a response', () => {
  const parseAnswer = (text: string, method = 'GET') => {
    const head = new ResponseHead();
    const bytes = Buffer.from(text, 'latin1');
    const next = parseResponseHead(head, bytes, 0, bytes.length, { limits: HEAD_LIMITS, method });
    return next === INCOMPLETE ? undefined : head;
  };

  it('says where its body ends', () => {
    expect(parseAnswer('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n')?.bodyLength).toBe(3);
    expect(parseAnswer('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')?.bodyLength).toBe(
      LENGTH.chunked,
    );
    expect(parseAnswer('HTTP/1.1 200\r\n\r\n')?.bodyLength).toBe(LENGTH.untilClose);
    expect(parseAnswer('HTTP/1.1 204 No\r\n\r\n')?.bodyLength).toBe(0);
    expect(parseAnswer('HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n')).toMatchObject({
      bodyLength: 0,
      declaredLength: 9,
    });
    expect(parseAnswer('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', 'HEAD')).toMatchObject({
      bodyLength: 0,
      declaredLength: 9,
    });
  });

  it.each([
    'garbage\r\n\r\n',
    'SSH-2.0-OpenSSH_9.2\r\n',
    'HTTP/2 200\r\nA: b\r\n\r\n',
    'HTTP/1.1 2x0 OK\r\n\r\n',
    'HTTP/1.1 099 No\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
    'HTTP/1.1 200 OK\nA: b\n\n',
  ])('is refused when it is %j', (text) => {
    expect(() => parseAnswer(text)).toThrow(ProtocolError);
  });

  it('is waited for as long as it may still become one', () => {
    const text = 'HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n';
    for (let i = 0; i < text.length; i++) expect(parseAnswer(text.slice(0, i))).toBeUndefined();
  });
});
