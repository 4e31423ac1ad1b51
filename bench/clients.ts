// Clients of every kind at a steady pace, each counted by itself: what they ask, what failed, how long it took.
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { connect } from 'node:net';

export interface Address {
  readonly address: string;
  readonly port: number;
}

export interface Tally {
  asked: number;
  failed: number;
  /** Pace that could not be kept: too many were under way. */
  skipped: number;
  readonly latenciesMs: number[];
  /** The first few reasons. */
  readonly reasons: string[];
}

export interface Crowd {
  readonly tallies: ReadonlyMap<string, Tally>;
  /** Asks so many times a second; several may be under way. */
  add(name: string, perSecond: number, ask: () => Promise<unknown>): void;
  /** Begins no more and waits for those under way. */
  stop(): Promise<void>;
}

const MOST_UNDER_WAY = 64;
const KEPT_LATENCIES = 200_000;

export function createCrowd(): Crowd {
  const tallies = new Map<string, Tally>();
  const timers: NodeJS.Timeout[] = [];
  let underWay = 0;
  return {
    tallies,
    add(name, perSecond, ask) {
      const tally: Tally = { asked: 0, failed: 0, skipped: 0, latenciesMs: [], reasons: [] };
      tallies.set(name, tally);
      let mine = 0;
      const one = () => {
        if (mine >= MOST_UNDER_WAY) {
          tally.skipped++;
          return;
        }
        const startMs = performance.now();
        mine++;
        underWay++;
        tally.asked++;
        ask()
          .catch((error: unknown) => {
            tally.failed++;
            if (tally.reasons.length < 5) tally.reasons.push(String((error as Error).message));
          })
          .finally(() => {
            mine--;
            underWay--;
            if (tally.latenciesMs.length < KEPT_LATENCIES)
              tally.latenciesMs.push(performance.now() - startMs);
          });
      };
      timers.push(setInterval(one, 1000 / perSecond));
    },
    async stop() {
      for (const one of timers) clearInterval(one);
      const until = performance.now() + 15_000;
      while (underWay > 0 && performance.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 50));
    },
  };
}

/** `share` of them took no longer. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function printTallies(tallies: ReadonlyMap<string, Tally>): void {
  for (const [name, { asked, failed, skipped, latenciesMs, reasons }] of tallies) {
    const at = (share: number) => percentile(latenciesMs, share).toFixed(1).padStart(8);
    const more = skipped > 0 ? `, ${skipped} not asked in time` : '';
    console.log(
      `  ${name.padEnd(28)} ${String(asked).padStart(8)} asked ${String(failed).padStart(6)} failed${more}; p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)} ms${reasons.length > 0 ? `  ${reasons.join(' | ').slice(0, 300)}` : ''}`,
    );
  }
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly bytes: number;
}

/** Over HTTP/1.1; rejects for anything but 200. */
export function askHttp(
  { address, port }: Address,
  options: http.RequestOptions & { readonly body?: Buffer; readonly tls?: boolean },
): Promise<HttpAnswer> {
  const { body, tls, ...rest } = options;
  return new Promise((resolve, reject) => {
    const all = { host: address, port, ...rest };
    const sent = tls
      ? https.request({
          ...all,
          rejectUnauthorized: false,
          servername: String(rest.headers && (rest.headers as Record<string, string>)['host']),
        })
      : http.request(all);
    sent.on('response', (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        if (status === 200) resolve({ status, headers, bytes });
        else reject(new Error(`${rest.path ?? '/'} ${status}`));
      });
      response.on('error', reject);
      response.on('aborted', () => reject(new Error('broken off')));
    });
    sent.setTimeout(20_000, () => sent.destroy(new Error('no answer in 20 s')));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Over one connection of HTTP/2, made again when it has gone. With `grpc` a body and trailers. */
export function http2Client({ address, port }: Address, host: string) {
  let session: http2.ClientHttp2Session | undefined;
  const ask = (path: string, grpc = false) =>
    new Promise<void>((resolve, reject) => {
      if (session === undefined || session.closed || session.destroyed) {
        session = http2.connect(`http://${address}:${port}`);
        session.on('error', () => {});
      }
      const stream = session.request({
        ':path': path,
        ':authority': host,
        ':method': grpc ? 'POST' : 'GET',
        ...(grpc && { 'content-type': 'application/grpc', te: 'trailers' }),
      });
      let status = 0;
      let grpcStatus: unknown;
      stream.on('response', (headers) => (status = Number(headers[':status'])));
      stream.on('trailers', (trailers) => (grpcStatus = trailers['grpc-status']));
      stream.on('data', () => {});
      stream.on('end', () => {
        if (status !== 200) reject(new Error(`${path} ${status}`));
        else if (grpc && grpcStatus !== '0') reject(new Error(`grpc ${String(grpcStatus)}`));
        else resolve();
      });
      stream.on('error', reject);
      stream.on('close', () => reject(new Error('closed')));
      stream.setTimeout(20_000, () => stream.close());
      if (grpc) stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
      else stream.end();
    });
  return { ask, close: () => session?.destroy() };
}

/** Sends a text over a new connection and waits until it has come back. */
export function echoOnce({ address, port }: Address, text = 'ping'): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    let back = '';
    socket.setTimeout(20_000, () => socket.destroy(new Error('no echo in 20 s')));
    socket.on('connect', () => socket.write(text));
    socket.on('data', (chunk: Buffer) => {
      back += chunk.toString();
      if (back.length >= text.length) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => (back === text ? resolve() : reject(new Error(`echo "${back}"`))));
  });
}

/** One connection that stays, echoing. */
export function echoClient({ address, port }: Address) {
  const socket = connect({ host: address, port });
  let closed: Error | undefined;
  let waiting: (() => void)[] = [];
  socket.on('data', (chunk: Buffer) => {
    for (let n = 0; n < chunk.length; n++) waiting.shift()?.();
  });
  socket.on('error', () => {});
  socket.on('close', () => (closed = new Error('the connection was cut')));
  return {
    ask: () =>
      new Promise<void>((resolve, reject) => {
        if (closed) return reject(closed);
        waiting.push(resolve);
        socket.write('x');
        return setTimeout(() => reject(new Error('no echo in 20 s')), 20_000).unref();
      }),
    close() {
      waiting = [];
      socket.destroy();
    },
  };
}

/** A WebSocket's handshake by hand, then an echo of bytes, then a good end. */
export function upgradeOnce({ address, port }: Address, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    let text = '';
    let echoed = false;
    socket.setTimeout(20_000, () => socket.destroy(new Error('no echo in 20 s')));
    socket.on('connect', () =>
      socket.write(
        `GET /socket HTTP/1.1\r\nHost: ${host}\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
      ),
    );
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      if (!text.startsWith('HTTP/1.1 101')) socket.destroy(new Error(text.slice(0, 20)));
      else if (text.endsWith('hello')) {
        echoed = true;
        socket.end();
      } else if (text.endsWith('\r\n\r\n')) socket.write('hello');
    });
    socket.on('error', reject);
    socket.on('close', () => (echoed ? resolve() : reject(new Error('no echo'))));
  });
}
