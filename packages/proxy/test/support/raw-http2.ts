// Frames of HTTP/2 by hand (RFC 9113 §4), for peers that no library would play.

import { connect, type Socket } from 'node:net';

export const FRAME = { data: 0, headers: 1, rstStream: 3, settings: 4, ping: 6, continuation: 9 };
export const END_STREAM = 1;
export const END_HEADERS = 4;
export const NONE: Buffer = Buffer.alloc(0);

export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header block of literals without index, names and values shorter than 127 bytes. */
export function block(headers: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(
    headers.map(([name, value]) => {
      const [n, v] = [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')];
      return Buffer.concat([Buffer.from([0, n.length]), n, Buffer.from([v.length]), v]);
    }),
  );
}

export const reset = (stream: number): Buffer =>
  frame(FRAME.rstStream, 0, stream, Buffer.from([0, 0, 0, 8]));

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export interface RawHttp2 {
  readonly socket: Socket;
  /** All so far. */
  readonly frames: Frame[];
  readonly closed: boolean;
  write(...frames: readonly Buffer[]): void;
}

/** A client that has said hello, with these settings' payload. */
export function rawHttp2(to: { address: string; port: number }, settings: Buffer = NONE): RawHttp2 {
  const socket = connect(to.port, to.address);
  const frames: Frame[] = [];
  let closed = false;
  let held: Buffer = NONE;
  socket.on('error', () => {});
  socket.on('close', () => (closed = true));
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (;;) {
      const length = held.length < 9 ? Infinity : held.readUIntBE(0, 3);
      if (held.length < 9 + length) return;
      frames.push({
        type: held[3]!,
        flags: held[4]!,
        stream: held.readUInt32BE(5),
        payload: Buffer.from(held.subarray(9, 9 + length)),
      });
      held = held.subarray(9 + length);
    }
  });
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  socket.write(frame(FRAME.settings, 0, 0, settings));
  return {
    socket,
    frames,
    get closed() {
      return closed;
    },
    write: (...all) => void (closed || socket.write(Buffer.concat(all))),
  };
}
