// HTTP/2 on either side, and gRPC's trailers through it.

import { once } from 'node:events';
import http2, {
  connect,
  constants,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLIENT, rules, service, startMesh, type Mesh } from './support/mesh.ts';

let mesh: Mesh;
const sessions: ClientHttp2Session[] = [];
const servers: http2.Http2Server[] = [];
beforeEach(async () => {
  mesh = await startMesh();
});
afterEach(async () => {
  for (const one of sessions.splice(0)) one.destroy();
  await mesh.close();
  for (const one of servers.splice(0)) one.close();
});

/** A server that answers like a gRPC method: the body back, its status in trailers. */
async function grpcServer(status = '0'): Promise<number> {
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'x-te': headers.te },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () =>
        stream.sendTrailers({ 'grpc-status': status, 'grpc-message': 'said' }),
      );
      stream.end(Buffer.concat(chunks));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

function dial(): ClientHttp2Session {
  const { address, port } = mesh.port('outbound');
  const session = connect(`http://${address}:${port}`);
  sessions.push(session);
  return session;
}

async function call(
  session: ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body?: string,
) {
  const stream = session.request(
    { ':authority': 'web', ...headers },
    { endStream: body === undefined },
  );
  if (body !== undefined) stream.end(body);
  let trailers: IncomingHttpHeaders = {};
  stream.on('trailers', (got) => (trailers = got));
  const answered = once(stream, 'response') as Promise<
    [IncomingHttpHeaders & { ':status': number }]
  >;
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [answer] = await answered;
  if (!stream.readableEnded) await once(stream, 'end');
  return {
    status: answer[':status'],
    headers: answer,
    body: Buffer.concat(chunks).toString(),
    trailers,
  };
}

const grpc = (yaml: string) => yaml.replaceAll('protocol: HTTP }', 'protocol: GRPC }');

describe('a client with prior knowledge of HTTP/2', () => {
  it('reaches servers with HTTP/1.1', async () => {
    const port = await mesh.http((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => response.end(`${request.method} ${request.headers.host} ${body}`));
    });
    await mesh.apply(service('web', port));
    const session = dial();
    const answers = await Promise.all([
      call(session, { ':method': 'POST', ':path': '/a' }, 'one'),
      call(session, { ':path': '/b' }),
    ]);
    expect(answers.map((one) => one.body)).toEqual(['POST web one', 'GET web ']);
    expect(answers[0].headers['server']).toBe('clover');
    expect(mesh.records.map((one) => [one.protocol, one.status])).toEqual([
      ['HTTP/2', 200],
      ['HTTP/2', 200],
    ]);
  });

  it('calls gRPC, trailers and all', async () => {
    await mesh.apply(grpc(service('web', await grpcServer('5'))));
    const answer = await call(
      dial(),
      { ':method': 'POST', ':path': '/p.S/M', 'content-type': 'application/grpc', te: 'trailers' },
      'message',
    );
    expect(answer).toMatchObject({
      status: 200,
      body: 'message',
      trailers: { 'grpc-status': '5', 'grpc-message': 'said' },
    });
    expect(answer.headers['x-te']).toBe('trailers');
    expect(mesh.records).toMatchObject([{ grpcStatus: 5, status: 200, responseFlags: '' }]);
  });

  it('reaches a program of the mesh that speaks nothing else', async () => {
    const port = await grpcServer();
    const program = { ...CLIENT, name: 'web', service: 'web', ports: { 80: port } };
    await mesh.apply(grpc(service('web', port)), { workloads: [CLIENT, program] });
    const answer = await call(
      dial(),
      { ':method': 'POST', ':path': '/p.S/M', 'content-type': 'application/grpc', te: 'trailers' },
      'message',
    );
    expect(answer).toMatchObject({ status: 200, trailers: { 'grpc-status': '0' } });
    expect(mesh.records.map((one) => one.direction).toSorted()).toEqual(['inbound', 'outbound']);
  });

  it('is told in gRPC when nobody is there', async () => {
    await mesh.apply(grpc(service('web', 1)));
    const answer = await call(
      dial(),
      { ':method': 'POST', ':path': '/p.S/M', 'content-type': 'application/grpc' },
      'x',
    );
    expect(answer).toMatchObject({ status: 200, headers: { 'grpc-status': '14' } });
  });

  it('shares one connection to the server among its calls', async () => {
    await mesh.apply(grpc(service('web', await grpcServer())));
    const session = dial();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        call(session, { ':method': 'POST', ':path': '/' }, `n${i}`),
      ),
    );
    expect(answers.map((one) => one.body)).toEqual(Array.from({ length: 50 }, (_, i) => `n${i}`));
    expect((await mesh.plane.statistics()).clusters).toMatchObject([
      { connections: 1, requests: 0 },
    ]);
  });

  it('that gives up takes its request with it', async () => {
    const server = http2.createServer();
    const seen = new Promise<number>((resolve) => {
      server.on('stream', (stream) => {
        stream.on('error', () => {});
        stream.on('close', () => resolve(stream.rstCode));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    servers.push(server);
    await mesh.apply(grpc(service('web', (server.address() as AddressInfo).port)));
    const arrived = once(server, 'stream');
    const stream = dial().request({ ':authority': 'web' });
    stream.on('error', () => {});
    await arrived;
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await seen).toBe(constants.NGHTTP2_CANCEL);
    expect(mesh.records).toMatchObject([{ responseFlags: 'DC', status: 0 }]);
  });

  it('streams a body that is larger than any window', async () => {
    await mesh.apply(grpc(service('web', await grpcServer())));
    const body = 'x'.repeat(5_000_000);
    expect((await call(dial(), { ':method': 'POST', ':path': '/' }, body)).body.length).toBe(
      body.length,
    );
  });
});

describe('a client with HTTP/1.1', () => {
  it('reaches servers with HTTP/2, which its rules may make fail', async () => {
    await mesh.apply(
      grpc(
        service('web', await grpcServer()) +
          rules(
            'web',
            `
- match: [{ uri: { exact: /abort } }]
  fault: { abort: { httpStatus: 503, percentage: { value: 100 } } }
  route: [{ destination: { host: web } }]
- route: [{ destination: { host: web } }]`,
          ),
      ),
    );
    const client = mesh.client();
    const answer = await client.request('POST', '/', { host: 'web', 'content-length': '2' }, 'hi');
    expect(answer).toMatchObject({ status: 200, body: 'hi' });
    expect(await client.request('GET', '/abort', { host: 'web' })).toMatchObject({ status: 503 });
  });
});
