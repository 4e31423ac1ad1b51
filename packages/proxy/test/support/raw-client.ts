// A client that sends just the bytes it is told and reads answers with node's own parser elsewhere
// kept out: what a header says is what was sent.

import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case, several values joined by `, `. */
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** One connection kept alive, one request at a time; connects again when the other side closed. */
export class RawClient {
  readonly #address: string;
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(address: string, port: number) {
    this.#address = address;
    this.#port = port;
  }

  request(
    method: string,
    path: string,
    headers: Record<string, string>,
    body = '',
  ): Promise<RawAnswer> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return this.send(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`, method);
  }

  send(text: string, method = 'GET'): Promise<RawAnswer> {
    const socket = (this.#socket ??= this.#connect());
    return new Promise((resolve, reject) => {
      let bytes = Buffer.alloc(0);
      const finish = (answer: RawAnswer | Error) => {
        socket.off('data', onData);
        socket.off('close', onClose);
        socket.off('error', onError);
        if (answer instanceof Error) {
          this.#socket = undefined;
          reject(answer);
        } else resolve(answer);
      };
      const onData = (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        const answer = parseAnswer(bytes, method, false);
        if (answer !== undefined) finish(answer);
      };
      const onError = (error: Error) => finish(error);
      const onClose = () =>
        finish(
          parseAnswer(bytes, method, true) ?? new Error(`closed after ${bytes.toString('latin1')}`),
        );
      socket.on('data', onData);
      socket.once('close', onClose);
      socket.once('error', onError);
      socket.write(text, 'latin1');
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #connect(): Socket {
    const socket = connect({ host: this.#address, port: this.#port, noDelay: true });
    socket.on('error', () => {});
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    return socket;
  }
}

/** The first final answer in the bytes; undefined while it is not complete. */
export function parseAnswer(bytes: Buffer, method: string, ended: boolean): RawAnswer | undefined {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(first.split(' ')[1]);
  if (status === 100) return parseAnswer(bytes.subarray(end + 4), method, ended);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const rest = text.slice(end + 4);
  if (method === 'HEAD' || status === 204 || status === 304 || status === 101)
    return { status, headers, body: status === 101 ? rest : '' };
  if (headers['transfer-encoding'] === 'chunked') {
    const body = unchunk(rest);
    return body === undefined ? undefined : { status, headers, body };
  }
  const length = headers['content-length'];
  if (length === undefined) return ended ? { status, headers, body: rest } : undefined;
  return rest.length >= Number(length)
    ? { status, headers, body: rest.slice(0, Number(length)) }
    : undefined;
}

function unchunk(text: string): string | undefined {
  let body = '';
  let at = 0;
  for (;;) {
    const end = text.indexOf('\r\n', at);
    if (end === -1) return undefined;
    const size = Number.parseInt(text.slice(at, end), 16);
    if (size === 0)
      return text.includes('\r\n\r\n', end) || text.endsWith('\r\n\r\n') ? body : undefined;
    if (text.length < end + 2 + size + 2) return undefined;
    body += text.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
}
