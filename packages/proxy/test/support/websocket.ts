// Web sockets for tests, by RFC 6455: a server that takes nothing but the right handshake, and the frames
// that a client sends and reads.

import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

const TEXT = 1;
const CLOSE = 8;

export interface WebSocketServer {
  readonly port: number;
  /** Of the handshakes that came. */
  readonly requests: IncomingMessage[];
  /** Connections that are open. */
  open(): number;
  /** Ends all connections without a word. */
  cut(): void;
  close(): void;
}

/** Greets, says each text back, and answers a close with a close. `/refuse` is refused with 403. */
export async function startWebSocketServer(): Promise<WebSocketServer> {
  const sockets = new Set<Duplex>();
  const requests: IncomingMessage[] = [];
  const server = createServer((_, response) => response.end('a page'));
  server.on('upgrade', (request, socket) => {
    requests.push(request);
    socket.on('error', () => {});
    const {
      upgrade,
      'sec-websocket-key': key = '',
      'sec-websocket-version': version,
    } = request.headers;
    const isSound =
      request.method === 'GET' &&
      upgrade === 'websocket' &&
      version === '13' &&
      Buffer.from(key, 'base64').length === 16;
    if (!isSound || request.url === '/refuse') {
      const status = isSound ? '403 Forbidden' : '400 Bad Request';
      socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 2\r\nx-why: asked\r\n\r\nno`);
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('end', () => socket.end());
    const accept = createHash('sha1')
      .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    socket.write(frame(TEXT, Buffer.from('hello'), false));
    readFrames(socket, (opcode, payload) => {
      if (opcode === CLOSE) socket.end(frame(CLOSE, payload, false));
      else socket.write(frame(opcode, payload, false));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    open: () => sockets.size,
    cut() {
      for (const one of sockets) one.destroy();
    },
    close() {
      for (const one of sockets) one.destroy();
      server.close().closeAllConnections();
    },
  };
}

/** A client's end of a web socket over any stream. */
export function webSocketOver(stream: Duplex) {
  const texts: string[] = [];
  let closeCode: number | undefined;
  readFrames(stream, (opcode, payload) => {
    if (opcode === CLOSE) closeCode = payload.readUInt16BE(0);
    else texts.push(payload.toString());
  });
  return {
    texts,
    closeCode: () => closeCode,
    send: (text: string) => stream.write(frame(TEXT, Buffer.from(text), true)),
    close(code: number) {
      const payload = Buffer.alloc(2);
      payload.writeUInt16BE(code);
      stream.write(frame(CLOSE, payload, true));
    },
  };
}

function frame(opcode: number, payload: Buffer, masked: boolean): Buffer {
  const { length } = payload;
  const size = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + size);
  head[0] = 0x80 | opcode;
  head[1] = (masked ? 0x80 : 0) | (size === 0 ? length : size === 2 ? 126 : 127);
  if (size === 2) head.writeUInt16BE(length, 2);
  if (size === 8) head.writeBigUInt64BE(BigInt(length), 2);
  if (!masked) return Buffer.concat([head, payload]);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i % 4]!)]);
}

function readFrames(stream: Duplex, onFrame: (opcode: number, payload: Buffer) => void): void {
  let held = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (;;) {
      if (held.length < 2) return;
      const masked = (held[1]! & 0x80) !== 0;
      const short = held[1]! & 0x7f;
      const size = short === 126 ? 2 : short === 127 ? 8 : 0;
      const start = 2 + size + (masked ? 4 : 0);
      if (held.length < start) return;
      const length =
        size === 0 ? short : size === 2 ? held.readUInt16BE(2) : Number(held.readBigUInt64BE(2));
      if (held.length < start + length) return;
      const mask = held.subarray(start - 4, start);
      const bytes = held.subarray(start, start + length);
      const payload = masked ? bytes.map((byte, i) => byte ^ mask[i % 4]!) : bytes;
      const opcode = held[0]! & 0x0f;
      held = held.subarray(start + length);
      onFrame(opcode, Buffer.from(payload));
    }
  });
}
