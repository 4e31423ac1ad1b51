// The client against a real HTTP server.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import {
  CloverError,
  createClient,
  type ConnectionState,
  type ReceivedEvent,
} from '../src/index.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(
  handle: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => handle(request, response, Buffer.concat(parts)));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const failure = (call: Promise<unknown>): Promise<CloverError> =>
  call.then(
    () => {
      throw new Error('did not fail');
    },
    (error: CloverError) => error,
  );

test('the path, the repeated parameters and the token go out as the API wants them', async () => {
  const seen: string[] = [];
  const baseUrl = await serve((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.end('{"items":[]}');
  });
  const client = createClient({ baseUrl: `${baseUrl}/`, token: () => 'secret' });
  await client.services({ since: '5m', filter: ['version=v1', 'duration>250ms'] });
  await client.trace('00ff');
  await client.visibilityStart({ sample_interval: 2, t_host: 'jaeger' });
  expect(seen).toEqual([
    'GET /api/v1/services?since=5m&filter=version%3Dv1&filter=duration%3E250ms Bearer secret',
    'GET /api/v1/traces/00ff Bearer secret',
    'POST /api/v1/visibility/start Bearer secret',
  ]);
});

test('a problem document becomes a CloverError with all that it says', async () => {
  const baseUrl = await serve((_request, response) => {
    response.writeHead(400, { 'content-type': 'application/problem+json' });
    response.end(
      JSON.stringify({
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        code: 'filter.bad_filter',
        detail: '"x" is not a filter',
        hint: 'write key=value',
        issues: [{ at: '/filter/0', message: 'no operator' }],
      }),
    );
  });
  const error = await failure(createClient({ baseUrl }).services());
  expect(error).toBeInstanceOf(CloverError);
  expect(error).toMatchObject({
    code: 'filter.bad_filter',
    message: '"x" is not a filter',
    hint: 'write key=value',
    status: 400,
    issues: [{ at: '/filter/0', message: 'no operator' }],
  });
});

test('an error of another program in between is said with its status and words', async () => {
  const baseUrl = await serve((_request, response) =>
    response.writeHead(502).end('<h1>Bad\n gateway</h1>'),
  );
  const error = await failure(createClient({ baseUrl }).services());
  expect(error).toMatchObject({ code: 'client.http_status', status: 502 });
  expect(error.message).toMatch(/answered 502: <h1>Bad gateway<\/h1>$/);
});

test('no server, no JSON, no address and no answer in time are each a clear error', async () => {
  const gone = await serve(() => {});
  servers[0]!.close();
  servers[0]!.closeAllConnections();
  const refused = await failure(createClient({ baseUrl: gone }).system());
  expect(refused.message).toBe(`cannot reach ${gone} (connection refused)`);
  expect(refused.code).toBe('client.unreachable');

  const html = await serve((_request, response) => response.end('<html>'));
  expect((await failure(createClient({ baseUrl: html }).system())).code).toBe('client.bad_answer');

  expect(() => createClient({ baseUrl: 'localhost:9400' })).toThrow(/not an address/);

  const silent = await serve(() => {});
  const late = await failure(createClient({ baseUrl: silent, timeoutMs: 50 }).system());
  expect(late.code).toBe('client.timeout');
});

test('an abort by the caller keeps its own reason', async () => {
  const baseUrl = await serve(() => {});
  const abort = new AbortController();
  const call = createClient({ baseUrl }).graph({}, { signal: abort.signal });
  abort.abort(new Error('page left'));
  await expect(call).rejects.toThrow('page left');
});

test('an import sends bytes or a stream as they are', async () => {
  const bodies: Buffer[] = [];
  const baseUrl = await serve((request, response, body) => {
    bodies.push(body);
    expect(request.url).toBe('/api/v1/import?name=a.json.gz');
    response.end('{"spans":1}');
  });
  const client = createClient({ baseUrl });
  const bytes = new Uint8Array(gzipSync('[]'));
  await client.import(bytes, { name: 'a.json.gz' });
  await client.import(new Blob([bytes]).stream(), { name: 'a.json.gz' });
  expect(bodies.map((body) => body.equals(bytes))).toEqual([true, true]);
});

test('events go on after the last one seen when the connection breaks', async () => {
  const asked: (string | undefined)[] = [];
  const baseUrl = await serve((request, response) => {
    asked.push(request.headers['last-event-id'] as string | undefined);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const first = asked.length * 2 - 1;
    for (const id of [first, first + 1]) {
      response.write(`id: ${id}\nevent: service\ndata: {"type":"service","service":"s${id}"}\n\n`);
    }
    response.write(': ping\n\n');
    setTimeout(() => response.destroy(), 20);
  });
  const states: ConnectionState[] = [];
  const abort = new AbortController();
  const got: ReceivedEvent[] = [];
  const events = createClient({ baseUrl }).events({
    signal: abort.signal,
    firstPauseMs: 5,
    onState: (state) => states.push(state),
  });
  for await (const event of events) {
    got.push(event);
    if (got.length === 4) abort.abort();
  }
  expect(got.map((event) => event.id)).toEqual(['1', '2', '3', '4']);
  expect(got[3]).toEqual({ type: 'service', service: 's4', id: '4' });
  expect(asked.slice(0, 2)).toEqual([undefined, '2']);
  expect(states.slice(0, 4)).toEqual(['connecting', 'open', 'waiting', 'connecting']);
});

test('a silent connection is given up and a refusal for good is thrown', async () => {
  let calls = 0;
  const baseUrl = await serve((_request, response) => {
    calls += 1;
    if (calls > 1) return void response.writeHead(401).end();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
  });
  const events = createClient({ baseUrl }).events({ silenceMs: 30, firstPauseMs: 5 });
  const error = await failure(events.next());
  expect(error).toMatchObject({ code: 'client.http_status', status: 401, hint: 'give a token' });
});
