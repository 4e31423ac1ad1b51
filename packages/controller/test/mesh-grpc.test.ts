// gRPC through the mesh: a real client at the gateway's plain HTTP/2 port, mutual TLS to real servers.

import * as grpc from '@grpc/grpc-js';
import { waitFor } from '@clover/test-support';
import type { MeshAnswer, ServicesAnswer, WorkloadJoined } from '@clover/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clover, isBuilt, startClover } from './support/clover.ts';

const MESH = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 8080, name: grpc, protocol: GRPC}, hosts: ['*']}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: echo}
spec:
  host: echo
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: echo}
spec:
  hosts: ['*']
  gateways: [edge]
  http:
  - match: [{headers: {x-beta: {exact: "yes"}}, uri: {prefix: /test.Echo/}}]
    route: [{destination: {host: echo, subset: v2, port: {number: 50051}}}]
  - route: [{destination: {host: echo, subset: v1, port: {number: 50051}}}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default}
spec: {mtls: {mode: STRICT}}
`;

/** Bytes in and out, so that no schema is needed. */
const method = (name: string, responseStream: boolean) => ({
  path: `/test.Echo/${name}`,
  requestStream: false,
  responseStream,
  requestSerialize: (value: Buffer) => value,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: (value: Buffer) => value,
  responseDeserialize: (bytes: Buffer) => bytes,
});
const ECHO = {
  say: method('Say', false),
  count: method('Count', true),
  fail: method('Fail', false),
};

async function startEcho(version: string): Promise<{ server: grpc.Server; port: number }> {
  const server = new grpc.Server();
  server.addService(ECHO, {
    say: (call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => {
      const trailers = new grpc.Metadata();
      trailers.set('x-version', version);
      done(null, Buffer.concat([Buffer.from(`${version}: `), call.request]), trailers);
    },
    count: (call: grpc.ServerWritableStream<Buffer, Buffer>) => {
      for (let number = 1; number <= 5; number++) call.write(Buffer.from(`${version} ${number}`));
      call.end();
    },
    fail: (_: unknown, done: grpc.sendUnaryData<Buffer>) =>
      done({ code: grpc.status.NOT_FOUND, details: 'no such tea' }),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { server, port };
}

describe.skipIf(!isBuilt)('gRPC in the mesh', () => {
  let clover: Clover;
  let client: grpc.Client;
  const servers: grpc.Server[] = [];
  beforeAll(async () => {
    clover = await startClover({ args: ['--no-demo', '--mesh', '--log-level=warn'] });
    for (const version of ['v1', 'v2']) {
      const { server, port } = await startEcho(version);
      servers.push(server);
      await clover.send<WorkloadJoined>('POST', '/mesh/workloads', {
        service: 'echo',
        labels: { version },
        ports: [{ port: 50051, targetPort: port, protocol: 'GRPC' }],
      });
    }
    await clover.send('POST', '/traffic/apply', MESH);
    const { gateways } = await clover.send<MeshAnswer>('GET', '/mesh');
    const { address } = gateways[0]!.listeners[0]!;
    client = new grpc.Client(address, grpc.credentials.createInsecure());
  });
  afterAll(async () => {
    client?.close();
    for (const one of servers) one.forceShutdown();
    await clover?.stop();
  });

  const call = (one: keyof typeof ECHO, metadata: Record<string, string> = {}) => {
    const { path, requestSerialize, responseDeserialize } = ECHO[one];
    const sent = new grpc.Metadata();
    for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
    return new Promise<{ text: string; trailers: grpc.Metadata }>((resolve, reject) => {
      let trailers = new grpc.Metadata();
      let text = '';
      client
        .makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          Buffer.from('tea'),
          sent,
          (error, answer) => {
            if (error) reject(error);
            else text = answer!.toString();
          },
        )
        .on('status', (status) => {
          trailers = status.metadata;
          if (status.code === grpc.status.OK) setImmediate(() => resolve({ text, trailers }));
        });
    });
  };

  it('routes calls by their metadata, trailers and all', async () => {
    const plain = await call('say');
    expect(plain.text).toBe('v1: tea');
    expect(plain.trailers.get('x-version')).toEqual(['v1']);
    expect((await call('say', { 'x-beta': 'yes' })).text).toBe('v2: tea');
  });

  it('streams answers', async () => {
    const { path, requestSerialize, responseDeserialize } = ECHO.count;
    const stream = client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      Buffer.alloc(0),
    );
    const came: string[] = [];
    for await (const one of stream) came.push(String(one));
    expect(came).toEqual(['v1 1', 'v1 2', 'v1 3', 'v1 4', 'v1 5']);
  });

  it('hands on what a server says went wrong', async () => {
    await expect(call('fail')).rejects.toMatchObject({
      code: grpc.status.NOT_FOUND,
      details: 'no such tea',
    });
  });

  it('is told in gRPC of a fault of the mesh', async () => {
    await clover.send('POST', '/traffic/faults', {
      service: 'echo',
      abortStatus: 503,
      percent: 100,
      for: '5m',
    });
    await expect(call('say')).rejects.toMatchObject({ code: grpc.status.UNAVAILABLE });
  });

  it('shows the calls in Clover', async () => {
    const echo = await waitFor('the spans', async () => {
      const { items } = await clover.send<ServicesAnswer>('GET', '/services?since=15m');
      return items.find(({ service, requests }) => service === 'echo.default' && requests >= 4);
    });
    expect(echo.versions).toEqual(['v1', 'v2']);
  });
});
