import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_HELLO_BYTES, parseClientHello } from './client-hello.ts';

const u16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
const with16 = (...parts: Buffer[]) => {
  const whole = Buffer.concat(parts);
  return Buffer.concat([u16(whole.length), whole]);
};
const with8 = (part: Buffer) => Buffer.concat([Buffer.from([part.length]), part]);

interface Hello {
  serverName?: string | undefined;
  protocols: string[];
  others: [number, Buffer][];
  sessionId: Buffer;
}

function message({ serverName, protocols, others, sessionId }: Hello): Buffer {
  const extensions = others.map(([type, content]) => Buffer.concat([u16(type), with16(content)]));
  if (serverName !== undefined) {
    const entry = Buffer.concat([Buffer.from([0]), with16(Buffer.from(serverName))]);
    extensions.splice(1, 0, Buffer.concat([u16(0), with16(with16(entry))]));
  }
  if (protocols.length > 0) {
    const list = protocols.map((one) => with8(Buffer.from(one)));
    extensions.push(Buffer.concat([u16(16), with16(with16(...list))]));
  }
  const body = Buffer.concat([
    u16(0x0303),
    Buffer.alloc(32, 7),
    with8(sessionId),
    with16(u16(0x1301)),
    with8(Buffer.from([0])),
    with16(...extensions),
  ]);
  return Buffer.concat([Buffer.from([1, 0]), u16(body.length), body]);
}

/** Cut into records at the given places. */
function records(handshake: Buffer, cuts: number[]): Buffer {
  const places = [...new Set(cuts.map((cut) => cut % handshake.length))]
    .filter((cut) => cut > 0)
    .toSorted((a, b) => a - b);
  return Buffer.concat(
    [0, ...places].map((from, index) => {
      const part = handshake.subarray(from, places[index] ?? handshake.length);
      return Buffer.concat([Buffer.from([0x16, 3, 1]), with16(part)]);
    }),
  );
}

const NAME = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]{1,10}){0,3}$/);
const HELLO = fc.record({
  serverName: fc.option(NAME, { nil: undefined }),
  protocols: fc.array(fc.constantFrom('h2', 'http/1.1', 'istio', 'istio-http/1.1'), {
    maxLength: 4,
  }),
  others: fc.array(
    fc.tuple(
      fc.integer({ min: 17, max: 65_000 }),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxLength: 6 },
  ),
  sessionId: fc.uint8Array({ maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
});

describe('parseClientHello', () => {
  it('finds name and protocols however the hello is cut into records, and waits for exactly all of it', () => {
    fc.assert(
      fc.property(
        HELLO,
        fc.array(fc.nat(), { maxLength: 6 }),
        fc.uint8Array({ maxLength: 20 }),
        (hello, cuts, more) => {
          const bytes = records(message(hello), cuts);
          const found = { kind: 'hello', serverName: hello.serverName, protocols: hello.protocols };
          expect(parseClientHello(bytes)).toEqual(found);
          expect(parseClientHello(Buffer.concat([bytes, more]))).toEqual(found);
          for (let length = 0; length < bytes.length; length++)
            expect(parseClientHello(bytes.subarray(0, length)).kind).toBe('incomplete');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('never throws and never waits for ever, whatever comes', () => {
    fc.assert(
      fc.property(
        HELLO,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 8 }),
        (hello, changes) => {
          const bytes = Buffer.from(records(message(hello), [30]));
          for (const [place, value] of changes) bytes[place % bytes.length] = value;
          expect(['incomplete', 'none', 'hello']).toContain(parseClientHello(bytes).kind);
          const filled = Buffer.concat([bytes, Buffer.alloc(MAX_HELLO_BYTES + 16 * 1024 + 10)]);
          expect(parseClientHello(filled).kind).not.toBe('incomplete');
        },
      ),
    );
  });

  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
    ['another handshake message', Buffer.from([0x16, 3, 1, 0, 4, 2, 0, 0, 0])],
    ['an empty record', Buffer.from([0x16, 3, 1, 0, 0])],
    ['a record that is too long', Buffer.from([0x16, 3, 1, 0xff, 0xff])],
    ['a message that is too long', Buffer.from([0x16, 3, 1, 0, 4, 1, 1, 0, 0])],
    [
      'a name of no length',
      records(
        message({ serverName: '', protocols: [], others: [], sessionId: Buffer.alloc(0) }),
        [],
      ),
    ],
  ])('takes %s for none', (_what, bytes) => {
    expect(parseClientHello(bytes)).toEqual({ kind: 'none' });
  });

  it('takes a name in lower case', () => {
    const bytes = records(
      message({ serverName: 'WWW.SDC.com', protocols: [], others: [], sessionId: Buffer.alloc(0) }),
      [],
    );
    expect(parseClientHello(bytes)).toMatchObject({ serverName: 'www.sdc.com' });
  });
});
