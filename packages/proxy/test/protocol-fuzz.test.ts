// Random heads, statuses, trailers and resets between HTTP/1 and HTTP/2 over real sockets: every
// request comes to an end, nothing is thrown, and nothing is left counted as under way.

import { once } from 'node:events';
import http2, { connect, type ClientHttp2Session } from 'node:http2';
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net';
import fc from 'fast-check';
import { waitFor } from '@clover/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bugCount } from '../src/bug.ts';
import { service, startMesh, type Mesh } from './support/mesh.ts';

const NAMES = [
  'age',
  'authorization',
  'content-type',
  'date',
  'etag',
  'expires',
  'from',
  'location',
  'range',
  'referer',

  'retry-after',
  'set-cookie',
  'cookie',
  'te',
  'trailer',
  'upgrade',
  'keep-alive',
  'proxy-connection',
  'http2-settings',

  'constructor',
  '__proto__',
  'tostring',
  'host',
  'via',
  'x-a',
  'X-B',
  'grpc-status',
  'x-envoy-retry-on',
  '!#$%&',
];
const header = fc.tuple(
  fc.constantFrom(...NAMES),
  fc.oneof(
    fc.constantFrom('', 'a', 'trailers', 'gzip', '0', ':', 'a, b', '\u00e9'),
    fc.string({ maxLength: 8 }).map(clean),
  ),
);
const headers = fc.array(header, { maxLength: 12 });
const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'X-ODD');
const status = fc.oneof(
  fc.constantFrom(200, 204, 205, 304, 404, 503, 599, 600, 999),
  fc.integer({ min: 200, max: 999 }),
);
const ending = fc.constantFrom('whole', 'trailers', 'reset', 'cut', 'nothing');

function clean(text: string): string {
  return text.replaceAll(/[^ -~]/g, '').trim();
}
const lines = (all: readonly (readonly [string, string])[]) =>
  all.map(([name, value]) => `${name}: ${value}\r\n`).join('');

let mesh: Mesh;
let bugs: number;
/** What the servers answer next. */
let answer: {
  status: number;
  headers: [string, string][];
  trailers: [string, string][];
  ending: string;
};
const servers: http2.Http2Server[] = [];
let client: ClientHttp2Session;

beforeAll(async () => {
  bugs = bugCount();
  mesh = await startMesh({ limits: { streamIdleTimeoutMs: 1000, delayedCloseTimeoutMs: 100 } });
  const h1 = await mesh.tcp((socket) => socket.on('data', () => answerHttp1(socket)));
  const server = http2.createServer();
  servers.push(server);
  server.on('stream', answerHttp2);
  server.on('sessionError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  await mesh.apply(
    service('one', h1) +
      service('two', (server.address() as AddressInfo).port).replaceAll(
        'protocol: HTTP }',
        'protocol: HTTP2 }',
      ),
  );
});
afterAll(async () => {
  client?.destroy();
  await mesh.close();
  for (const one of servers) one.close();
});

function answerHttp1(socket: Socket): void {
  const chunked = answer.ending === 'trailers';
  const own = answer.headers.filter(([name]) => name !== 'upgrade');
  const head = `HTTP/1.1 ${answer.status} X\r\n${lines(own)}`;
  if (answer.ending === 'reset') socket.resetAndDestroy();
  else if (answer.ending === 'cut') socket.end(`${head}Content-Length: 10\r\n\r\nabc`);
  else if (answer.ending === 'nothing') socket.end(head);
  else if (chunked)
    socket.end(
      `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n${lines(answer.trailers)}\r\n`,
    );
  else socket.end(`${head}Content-Length: 3\r\n\r\nabc`);
}

function answerHttp2(stream: http2.ServerHttp2Stream): void {
  stream.on('error', () => {});
  if (answer.ending === 'nothing') return stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
  const map = Object.fromEntries(answer.headers.filter(([name]) => name.startsWith('x')));
  stream.respond({ ...map, ':status': Math.min(answer.status, 599) }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-t': '1' }));
  if (answer.ending === 'reset') return stream.close(http2.constants.NGHTTP2_CANCEL);
  if (answer.ending === 'cut')
    stream.write('abc', () => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
  else if (stream.writable) stream.end('abc');
  return undefined;
}

async function overHttp1(
  host: string,
  verb: string,
  own: [string, string][],
  body: string,
): Promise<string> {
  const { address, port } = mesh.port('outbound');
  const socket = connectTcp(port, address);
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  const kept = own.filter(([name]) => name !== 'host' && name !== 'upgrade');
  socket.write(
    `${verb} / HTTP/1.1\r\nHost: ${host}\r\n${lines(kept)}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    'latin1',
  );
  await once(socket, 'close');
  return text;
}

async function overHttp2(
  host: string,
  verb: string,
  own: [string, string][],
  { resets }: { resets: boolean },
) {
  if (client === undefined || client.destroyed || client.closed) {
    const { address, port } = mesh.port('outbound');
    client = connect(`http://${address}:${port}`);
    client.on('error', () => {});
  }
  const map = Object.create(null) as http2.OutgoingHttpHeaders;
  for (const [name, value] of own) if (/^(x-|grpc|__|cons|etag|via)/.test(name)) map[name] = value;
  const stream = client.request(
    Object.assign(map, { ':method': verb, ':path': '/', ':authority': host }),
    { endStream: false },
  );
  let code = 0;
  stream.on('error', () => {});
  stream.on('response', (got) => (code = got[':status'] ?? 0));
  stream.resume();
  stream.end('body');
  if (resets) setImmediate(() => stream.close(http2.constants.NGHTTP2_CANCEL));
  await new Promise((resolve) => stream.once('close', resolve));
  return code;
}

describe('whatever is said between HTTP/1 and HTTP/2', () => {
  it.each(['one', 'two'])('requests to %s end, and nothing is left', async (host) => {
    await fc.assert(
      fc.asyncProperty(
        method,
        headers,
        headers,
        headers,
        status,
        ending,
        fc.boolean(),
        async (verb, own, theirs, trailers, code, how, resets) => {
          answer = { status: code, headers: theirs, trailers, ending: how };
          const text = await overHttp1(host, verb, own, verb === 'POST' ? 'body' : '');
          expect(text).toMatch(/^(HTTP\/1\.1 \d{3} |$)/);
          const two = await overHttp2(host, verb, own, { resets });
          if (!resets && how === 'whole') expect(two).toBeGreaterThanOrEqual(200);
        },
      ),
      { numRuns: 150, endOnFailure: true },
    );
    await waitFor('nothing to be under way', async () =>
      (await mesh.plane.statistics()).clusters.every(
        (one) => one.requests === 0 && one.pending === 0,
      ),
    );
    expect(bugCount()).toBe(bugs);
  });
});
