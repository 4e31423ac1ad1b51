import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { compile, readResources, type Caller, type RoutingTable } from '@clover/traffic';
import { openAuthority } from '../src/identity/authority.ts';
import { createTlsTerminator } from '../src/identity/tls-terminator.ts';
import { createCredentials, type Credentials } from '../src/identity/credentials.ts';
import { createConnectionRouter } from '../src/tcp/connection-router.ts';
import { createTcpProxy, type TcpRecord } from '../src/tcp/tcp-proxy.ts';
import { createClusters } from '../src/upstream/create-clusters.ts';
import { closeAll, closing, exchange, listen } from './support/tls.ts';

afterEach(closeAll);
const folder = mkdtempSync(join(tmpdir(), 'clover-tcp-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GATEWAY: Caller = {
  via: 'gateway',
  namespace: 'default',
  labels: { istio: 'ingressgateway' },
};
const SIDECAR: Caller = { via: 'sidecar', namespace: 'default', labels: {} };

function table(text: string): RoutingTable {
  const read = readResources([{ name: 'a.yaml', text }]);
  expect(read.findings).toEqual([]);
  return compile(read.resources);
}

const service = (
  host: string,
  port: number,
  protocol: string,
  endpoints: readonly number[],
  policy = '{loadBalancer: {simple: RANDOM}}',
) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${host.replaceAll('.', '-')}}
spec:
  hosts: [${host}]
  addresses: [127.0.0.1]
  ports: [{number: ${port}, name: ${protocol.toLowerCase()}, protocol: ${protocol}}]
  resolution: STATIC
  endpoints: [${endpoints.map((one) => `{address: 127.0.0.1, ports: {${protocol.toLowerCase()}: ${one}}}`).join(', ')}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${host.replaceAll('.', '-')}}
spec: {host: ${host}, trafficPolicy: ${policy}}
`;

async function proxy(
  text: string,
  caller: Caller,
  port: number,
  options: { credentials?: Credentials } = {},
) {
  const made = table(text);
  const clusters = closing(createClusters({ table: made }));
  const records: TcpRecord[] = [];
  const tcp = closing(
    createTcpProxy({
      clusters: () => clusters,
      clientNamespace: 'default',
      onEnd: (record) => records.push(record),
    }),
  );
  const router = createConnectionRouter({
    table: () => made,
    caller,
    port,
    tcp,
    onHttp: (socket, principal) =>
      void socket.once('data', () => socket.end(`HTTP [${principal}]`)),
    tls: options,
    peekTimeoutMs: 200,
  });
  const listening = await listen((socket) => router.accept(socket));
  const ended = (count: number) =>
    vi.waitFor(() => expect(records.length).toBeGreaterThanOrEqual(count), 3000);
  return { port: listening, records, ended, clusters, tcp, router };
}

const echo = (socket: Socket) => void socket.pipe(socket);
const saying = (text: string) => (socket: Socket) =>
  void socket.once('data', () => socket.end(text));

function dial(port: number): Promise<Socket> {
  return new Promise((done, fail) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    socket.once('connect', () => done(socket)).once('error', fail);
  });
}

/** Says nothing until the other side ends. */
async function ending(port: number): Promise<void> {
  const socket = await dial(port);
  socket.resume();
  await once(socket, 'end');
  socket.destroy();
}

describe('a connection by its port', () => {
  it('is passed on both ways, with halves that end by themselves, and told of at its end', async () => {
    const program = await listen((socket) => {
      let all = '';
      socket.on('data', (chunk: Buffer) => (all += chunk.toString()));
      socket.on('end', () => socket.end(`got ${all}`));
    });
    const { port, records, ended } = await proxy(
      service('db.test', 3306, 'TCP', [program]),
      SIDECAR,
      3306,
    );
    const socket = await dial(port);
    socket.end('all of it');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toBe('got all of it');
    await ended(1);
    expect(records[0]).toMatchObject({
      bytesReceived: 9,
      bytesSent: 13,
      responseFlags: '',
      endpoint: { key: `127.0.0.1:${program}` },
      cluster: { name: 'outbound|3306||db.test', connections: 0 },
    });
    expect(records[0]!.endpoint!.active).toBe(0);
  });

  it('moves many bytes unchanged and no faster than they are taken', async () => {
    const program = await listen(echo);
    const { port, tcp } = await proxy(service('db.test', 3306, 'TCP', [program]), SIDECAR, 3306);
    const socket = await dial(port);
    // Nothing is read at first: what is written must come to a halt at what the kernel's sockets hold, which
    // may grow to 32 MiB each.
    socket.pause();
    const block = Buffer.alloc(64 * 1024, 'x');
    let written = 0;
    let stuck = false;
    while (!stuck && written < 256 * 1024 * 1024) {
      written += block.length;
      if (socket.write(block)) continue;
      const drained = once(socket, 'drain').then(() => true);
      const late = new Promise<boolean>((done) => setTimeout(() => done(false), 300));
      stuck = !(await Promise.race([drained, late]));
    }
    expect(stuck).toBe(true);
    let read = 0;
    const all = new Promise<void>((done) => {
      socket.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read === written) done();
      });
    });
    socket.resume();
    await all;
    expect(read).toBe(written);
    expect(tcp.active).toBe(1);
    socket.destroy();
  });

  it('is closed with the flag of what went wrong', async () => {
    const gone = await listen(() => {});
    closeAll();
    const { port, records, ended } = await proxy(
      service('db.test', 3306, 'TCP', [gone]),
      SIDECAR,
      3306,
    );
    await exchange(port, 'x');
    await ended(1);
    const none = await proxy(service('db.test', 3306, 'TCP', []), SIDECAR, 3306);
    await exchange(none.port, 'x');
    await none.ended(1);
    expect([records[0]!.responseFlags, none.records[0]!.responseFlags]).toEqual(['UF,URX', 'UH']);
  });

  it('keeps to maxConnections', async () => {
    const program = await listen(echo);
    const policy = '{connectionPool: {tcp: {maxConnections: 1}}}';
    const { port, records, ended } = await proxy(
      service('db.test', 3306, 'TCP', [program], policy),
      SIDECAR,
      3306,
    );
    const first = await dial(port);
    first.write('x');
    await once(first, 'data');
    await exchange(port, 'x');
    await ended(1);
    expect(records[0]).toMatchObject({ responseFlags: 'UO', details: 'overflow' });
    first.destroy();
    await ended(2);
    const third = await dial(port);
    third.write('x');
    expect(String(await once(third, 'data'))).toBe('x');
    third.destroy();
  });

  it('ends when nothing moves for too long, or when its time is up', async () => {
    const program = await listen(echo);
    const idle = await proxy(
      service('db.test', 3306, 'TCP', [program], '{connectionPool: {tcp: {idleTimeout: 100ms}}}'),
      SIDECAR,
      3306,
    );
    await ending(idle.port);
    await idle.ended(1);
    expect(idle.records[0]).toMatchObject({ responseFlags: '', details: 'idle_timeout' });
    const long = await proxy(
      service(
        'db.test',
        3306,
        'TCP',
        [program],
        '{connectionPool: {tcp: {maxConnectionDuration: 100ms}}}',
      ),
      SIDECAR,
      3306,
    );
    await ending(long.port);
    await long.ended(1);
    expect(long.records[0]).toMatchObject({ responseFlags: 'DT' });
  });

  it('leaves nothing behind whatever clients and programs do', async () => {
    let turn = 0;
    const program = await listen((socket) => {
      const act = turn++ % 5;
      if (act === 0) socket.resetAndDestroy();
      else if (act === 1) socket.resume().end('bye');
      else if (act === 2) socket.once('readable', () => socket.destroy()); // data, or the end
      else echo(socket);
    });
    const { port, records, ended, tcp, clusters } = await proxy(
      service('db.test', 3306, 'TCP', [program]),
      SIDECAR,
      3306,
    );
    const clients = Array.from({ length: 100 }, async (_, index) => {
      const socket = await dial(port);
      socket.on('error', () => {}).resume();
      if (index % 4 !== 0) socket.write(Buffer.alloc(index * 1000));
      if (index % 3 === 0) socket.end();
      else if (index % 3 === 1) setTimeout(() => socket.resetAndDestroy(), index % 7);
      else setTimeout(() => socket.destroy(), 20 + (index % 5));
    });
    await Promise.all(clients);
    await ended(100);
    expect(records).toHaveLength(100);
    const cluster = clusters.get('db.test', '', 3306, 'default')!;
    await vi.waitFor(() =>
      expect([tcp.active, cluster.connections, cluster.endpoints[0]!.active]).toEqual([0, 0, 0]),
    );
  });

  it('does not wait for a program that takes no more once its client is gone', async () => {
    const program = await listen(() => {});
    const policy = '{connectionPool: {tcp: {idleTimeout: 200ms}}}';
    const { port, ended, clusters } = await proxy(
      service('db.test', 3306, 'TCP', [program], policy),
      SIDECAR,
      3306,
    );
    const socket = await dial(port);
    socket.write(Buffer.alloc(16 * 1024 * 1024));
    const cluster = clusters.get('db.test', '', 3306, 'default')!;
    await vi.waitFor(() => expect(cluster.connections).toBe(1));
    socket.destroy();
    await ended(1);
    await vi.waitFor(() => expect(cluster.connections).toBe(0), 5000);
  });

  it('tells outlier detection of connections that cannot be made', async () => {
    const gone = await listen(() => {});
    closeAll();
    const program = await listen(saying('here'));
    const policy =
      '{loadBalancer: {simple: ROUND_ROBIN}, outlierDetection: {consecutive5xxErrors: 1, maxEjectionPercent: 50}}';
    const { port } = await proxy(
      service('db.test', 3306, 'TCP', [gone, program], policy),
      SIDECAR,
      3306,
    );
    const answers: string[] = [];
    for (let n = 0; n < 6; n++) answers.push((await exchange(port, 'x')).answer);
    expect(answers.filter((one) => one === '').length).toBeLessThanOrEqual(1);
  });
});

describe('a connection by its server name', () => {
  const authority = openAuthority();
  const issued = authority.issue('spiffe://elsewhere/site', 600_000);
  const material = { cert: issued.certificatePem, key: issued.keyPem };
  mkdirSync(join(folder, 'site'));
  writeFileSync(join(folder, 'site', 'tls.crt'), issued.certificatePem);
  writeFileSync(join(folder, 'site', 'tls.key'), issued.keyPem);

  const secure = (text: string) => {
    const terminator = createTlsTerminator({
      material: () => material,
      clients: 'unasked',
      onSecure: (socket) => void socket.once('data', () => socket.end(text)),
    });
    return listen((socket) => terminator.accept(socket));
  };
  const tls = (servername: string) => ({
    servername,
    ca: authority.certificatePem,
    checkServerIdentity: () => undefined,
  });

  async function gateway() {
    const [one, two, plain] = [
      await secure('one'),
      await secure('two'),
      await listen(saying('plain')),
    ];
    return proxy(
      [
        service('one.test', 443, 'TLS', [one]),
        service('two.test', 443, 'TLS', [two]),
        service('plain.test', 90, 'TCP', [plain]),
        `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: tls, protocol: TLS}, hosts: [one.test, two.test], tls: {mode: PASSTHROUGH}}
  - {port: {number: 443, name: end, protocol: TLS}, hosts: [plain.test], tls: {mode: SIMPLE, credentialName: site}}
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [web.test], tls: {mode: SIMPLE, credentialName: site}}
`,
        `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge}
spec:
  hosts: [one.test, two.test, plain.test]
  gateways: [edge]
  tls:
  - match: [{sniHosts: [one.test]}]
    route: [{destination: {host: one.test}}]
  - match: [{sniHosts: [two.test]}]
    route: [{destination: {host: two.test}, weight: 50}, {destination: {host: one.test}, weight: 50}]
  tcp:
  - match: [{port: 443}]
    route: [{destination: {host: plain.test}}]
`,
        `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web.test]
  gateways: [edge]
  http: [{route: [{destination: {host: plain.test}}]}]
`,
      ].join('---'),
      GATEWAY,
      443,
      { credentials: createCredentials({ folder }) },
    );
  }

  it('goes on undecrypted to where its name says, by weight', async () => {
    const { port, records } = await gateway();
    expect((await exchange(port, 'x', tls('one.test'))).answer).toBe('one');
    const answers = new Set<string>();
    for (let n = 0; n < 30 && answers.size < 2; n++)
      answers.add((await exchange(port, 'x', tls('two.test'))).answer);
    expect([...answers].toSorted((a, b) => a.localeCompare(b))).toEqual(['one', 'two']);
    expect(records[0]).toMatchObject({ serverName: 'one.test', responseFlags: '' });
  });

  it('is found by a hello that comes byte by byte', async () => {
    const { port } = await gateway();
    const slow = await listen((socket) => {
      const onward = connect({ host: '127.0.0.1', port });
      onward.setNoDelay(true);
      onward.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        for (let at = 0; at < chunk.length; at += 50) onward.write(chunk.subarray(at, at + 50));
      });
      onward.pipe(socket);
    });
    expect((await exchange(slow, 'x', tls('one.test'))).answer).toBe('one');
  });

  it('ends its TLS here and goes on as plain bytes, or as HTTP', async () => {
    const { port } = await gateway();
    expect((await exchange(port, 'x', tls('plain.test'))).answer).toBe('plain');
    expect((await exchange(port, 'x', tls('web.test'))).answer).toBe('HTTP []');
  });

  it('is refused with an unknown name, without TLS, or when it says nothing', async () => {
    const { port, records, ended } = await gateway();
    expect((await exchange(port, 'x', tls('other.test'))).answer).toBe('');
    expect((await exchange(port, 'GET / HTTP/1.1\r\n\r\n')).answer).toBe('');
    await ending(port);
    await ended(3);
    expect(records.map((one) => one.responseFlags)).toEqual(['NR', 'NR', 'NR']);
  });

  it('keeps a client that breaks off its hello from holding anything', async () => {
    const { port, tcp } = await gateway();
    for (const finish of ['end', 'destroy', 'resetAndDestroy'] as const) {
      const socket = await dial(port);
      socket.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1]));
      socket[finish]();
      if (finish === 'end') await once(socket.resume(), 'close');
    }
    const next = connectTls({ host: '127.0.0.1', port, ...tls('one.test') });
    await once(next, 'secureConnect');
    expect(tcp.active).toBe(1);
    next.destroy();
  });
});
