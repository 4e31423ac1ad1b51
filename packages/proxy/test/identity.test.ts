import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { compile, readResources, type PeerMode } from '@clover/traffic';
import { openAuthority } from '../src/identity/authority.ts';
import { createClientTls } from '../src/identity/client-tls.ts';
import { createIdentities } from '../src/identity/identities.ts';
import { createInboundTls } from '../src/identity/inbound-tls.ts';
import { createTlsTerminator } from '../src/identity/tls-terminator.ts';
import { createClusters } from '../src/upstream/create-clusters.ts';
import { closeAll, closing, exchange, listen, openssl } from './support/tls.ts';

afterEach(closeAll);

const folders: string[] = [];
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'clover-identity-'));
  folders.push(made);
  return made;
}
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});

const WEB = { namespace: 'sdc', serviceAccount: 'web' };
const CLIENT = { namespace: 'sdc', serviceAccount: 'client' };

const answering = (socket: Socket, who: string) =>
  void socket.once('data', (chunk: Buffer) => socket.end(`${who}: ${chunk.toString()}`));

async function inbound(
  mode: () => PeerMode,
  options: { validMs?: number; now?: () => number } = {},
) {
  const authority = openAuthority();
  const identities = closing(createIdentities({ authority, ...options }));
  const errors: string[] = [];
  const tls = createInboundTls({
    identities,
    account: WEB,
    mode,
    alpn: ['h2', 'http/1.1'],
    onPlain: (socket) => answering(socket, 'plain'),
    onSecure: (socket, principal) =>
      answering(socket, `${principal} ${String(socket.alpnProtocol)}`),
    onError: (error) => errors.push(error.message),
    peekTimeoutMs: 300,
  });
  const port = await listen((socket) => tls.accept(socket));
  return { authority, identities, errors, port };
}

describe('openAuthority', () => {
  it('keeps its key from others, and is the same one when opened again', () => {
    const path = folder();
    const first = openAuthority({ folder: path });
    const file = join(path, 'root.pem');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(openAuthority({ folder: path }).certificatePem).toBe(first.certificatePem);
    chmodSync(file, 0o644);
    expect(() => openAuthority({ folder: path })).toThrow('others than its owner may read it');
    writeFileSync(file, 'nothing');
    chmodSync(file, 0o600);
    expect(() => openAuthority({ folder: path })).toThrow('is not usable: it is no authority');
  });

  it('issues certificates that openssl verifies', async () => {
    const path = folder();
    const authority = openAuthority();
    const issued = authority.issue('spiffe://cluster.local/ns/a/sa/b', 60_000);
    writeFileSync(join(path, 'ca.pem'), authority.certificatePem);
    writeFileSync(join(path, 'leaf.pem'), issued.certificatePem);
    const said = await openssl([
      'verify',
      '-x509_strict',
      '-purpose',
      'sslserver',
      '-CAfile',
      join(path, 'ca.pem'),
      join(path, 'leaf.pem'),
    ]);
    expect(said).toContain('leaf.pem: OK');
    const text = await openssl(['x509', '-in', join(path, 'leaf.pem'), '-noout', '-text']);
    expect(text).toContain('X509v3 Subject Alternative Name: critical');
    expect(text).toContain('URI:spiffe://cluster.local/ns/a/sa/b');
    expect(text).toContain('ecdsa-with-SHA256');
  });
});

describe('createInboundTls', () => {
  it('takes plain text and mTLS on one port when PERMISSIVE', async () => {
    const { identities, port } = await inbound(() => 'PERMISSIVE');
    expect((await exchange(port, 'hello')).answer).toBe('plain: hello');
    const { context } = identities.of(CLIENT);
    const tls = {
      secureContext: context,
      servername: 'outbound_.80_._.web',
      checkServerIdentity: () => undefined,
      ALPNProtocols: ['istio-http/1.1', 'istio', 'http/1.1'],
    };
    expect((await exchange(port, 'hello', tls)).answer).toBe(
      'spiffe://cluster.local/ns/sdc/sa/client http/1.1: hello',
    );
  });

  it('takes a silent client for plain text after a while', async () => {
    const greeting = closing(createIdentities({ authority: openAuthority() }));
    const tls = createInboundTls({
      identities: greeting,
      account: WEB,
      mode: () => 'PERMISSIVE',
      onPlain: (socket) => void socket.end('I speak first'),
      onSecure: () => {},
      peekTimeoutMs: 50,
    });
    const port = await listen((socket) => tls.accept(socket));
    expect((await exchange(port, '')).answer).toBe('I speak first');
  });

  it('takes nothing but mTLS when STRICT', async () => {
    const { port, errors, identities } = await inbound(() => 'STRICT');
    expect((await exchange(port, 'hello')).answer).not.toContain('hello');
    const ca = identities.authorityPem;
    const noOne = { ca, checkServerIdentity: () => undefined };
    expect((await exchange(port, 'hello', noOne)).answer).toBe('');
    const stranger = openAuthority().issue('spiffe://cluster.local/ns/sdc/sa/client', 60_000);
    const forged = createSecureContext({ ca, cert: stranger.certificatePem, key: stranger.keyPem });
    expect((await exchange(port, 'hello', { ...noOne, secureContext: forged })).answer).toBe('');
    expect(errors.length).toBe(3);
  });

  it('refuses certificates of its own authority that name no one of its trust domain', async () => {
    const { port, authority, identities } = await inbound(() => 'STRICT');
    const other = authority.issue('spiffe://elsewhere/ns/sdc/sa/client', 60_000);
    const secureContext = createSecureContext({
      ca: identities.authorityPem,
      cert: other.certificatePem,
      key: other.keyPem,
    });
    expect(
      (await exchange(port, 'hello', { secureContext, checkServerIdentity: () => undefined }))
        .answer,
    ).toBe('');
  });

  it('shows a new certificate to new connections and leaves the old ones alone', async () => {
    let nowMs = Date.now();
    const authority = openAuthority();
    const identities = closing(
      createIdentities({ authority, validMs: 3_600_000, now: () => nowMs }),
    );
    const tls = createInboundTls({
      identities,
      account: WEB,
      mode: () => 'STRICT',
      onPlain: () => {},
      onSecure: (socket) => void socket.on('data', (chunk: Buffer) => socket.write(chunk)),
    });
    const port = await listen((socket) => tls.accept(socket));
    const dial = () =>
      new Promise<TLSSocket>((done, fail) => {
        const socket = connect({
          host: '127.0.0.1',
          port,
          secureContext: identities.of(CLIENT).context,
          checkServerIdentity: () => undefined,
        });
        socket.once('secureConnect', () => done(socket)).once('error', fail);
      });
    const echo = (socket: TLSSocket) =>
      new Promise<string>((done) => {
        socket.once('data', (chunk: Buffer) => done(chunk.toString()));
        socket.write('still here');
      });
    const first = await dial();
    const serial = first.getPeerX509Certificate()!.serialNumber;
    nowMs += 1_900_000;
    const second = await dial();
    expect(second.getPeerX509Certificate()!.serialNumber).not.toBe(serial);
    expect(await echo(first)).toBe('still here');
    expect(await echo(second)).toBe('still here');
    first.destroy();
    second.destroy();
  });

  it('speaks with openssl s_client', async () => {
    const { identities, port } = await inbound(() => 'PERMISSIVE');
    const path = folder();
    const { certificatePem, keyPem } = identities.of(CLIENT);
    writeFileSync(join(path, 'ca.pem'), identities.authorityPem);
    writeFileSync(join(path, 'client.pem'), certificatePem + keyPem);
    const said = await openssl(
      [
        's_client',
        '-connect',
        `127.0.0.1:${port}`,
        '-CAfile',
        join(path, 'ca.pem'),
        '-cert',
        join(path, 'client.pem'),
        '-verify_return_error',
        '-alpn',
        'h2',
        '-quiet',
        '-ign_eof',
      ],
      'hello\n',
    );
    expect(said).toContain('spiffe://cluster.local/ns/sdc/sa/client h2: hello');
  });
});

describe('createClientTls', () => {
  const resources = (account: string, policy: string, endpoint = '') => {
    const read = readResources([
      {
        name: 'a.yaml',
        text: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web, namespace: sdc}
spec:
  hosts: [web.sdc.svc.cluster.local]
  location: MESH_INTERNAL
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: STATIC
  endpoints: [{address: 127.0.0.1, serviceAccount: '${account}'}${endpoint}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: sdc}
spec: {host: web.sdc.svc.cluster.local, trafficPolicy: ${policy}}
`,
      },
    ]);
    expect(read.findings).toEqual([]);
    return compile(read.resources);
  };
  const clusterOf = (
    table: ReturnType<typeof resources>,
    clientTls: ReturnType<typeof createClientTls>,
  ) =>
    closing(createClusters({ table, clientTls })).get('web.sdc.svc.cluster.local', '', 80, 'sdc')!;

  it('makes mTLS by itself to endpoints of the mesh, and plain text to others', async () => {
    const { identities, port } = await inbound(() => 'PERMISSIVE');
    const cluster = clusterOf(
      resources('web', '{loadBalancer: {simple: RANDOM}}', ', {address: 127.0.0.2}'),
      createClientTls({ account: CLIENT, identities }),
    );
    const [mesh, plain] = cluster.endpoints;
    expect(cluster.tls!.connectionOptions(plain!)).toBeUndefined();
    const options = cluster.tls!.connectionOptions(mesh!)!;
    expect(options.servername).toBe('outbound_.80_._.web.sdc.svc.cluster.local');
    expect((await exchange(port, 'hello', options)).answer).toContain('sa/client http/1.1: hello');
  });

  it('refuses a server that is someone else', async () => {
    const { identities, port } = await inbound(() => 'PERMISSIVE');
    const clientTls = createClientTls({ account: CLIENT, identities });
    const wrong = clusterOf(resources('other', '{loadBalancer: {simple: RANDOM}}'), clientTls);
    const { answer, error } = await exchange(
      port,
      'hello',
      wrong.tls!.connectionOptions(wrong.endpoints[0]!)!,
    );
    expect(answer).toBe('');
    expect(error).toContain(
      'the peer is spiffe://cluster.local/ns/sdc/sa/web, not spiffe://cluster.local/ns/sdc/sa/other',
    );
  });

  it('has no TLS with DISABLE, without identities, or where the destination forbids it', () => {
    const identities = closing(createIdentities({ authority: openAuthority() }));
    const clientTls = createClientTls({ account: CLIENT, identities });
    expect(clusterOf(resources('web', '{tls: {mode: DISABLE}}'), clientTls).tls).toBeUndefined();
    expect(
      clusterOf(
        resources('web', '{loadBalancer: {simple: RANDOM}}'),
        createClientTls({ account: CLIENT }),
      ).tls,
    ).toBeUndefined();
    const plainOnly = createClientTls({ account: CLIENT, identities, plainOnly: () => true });
    expect(
      clusterOf(resources('web', '{loadBalancer: {simple: RANDOM}}'), plainOnly).tls,
    ).toBeUndefined();
  });

  it('speaks SIMPLE and MUTUAL TLS with certificates from files, and checks names', async () => {
    const path = folder();
    const authority = openAuthority();
    const server = authority.issue('spiffe://elsewhere/server', 60_000);
    const client = authority.issue('spiffe://elsewhere/client', 60_000);
    writeFileSync(join(path, 'ca.pem'), authority.certificatePem);
    writeFileSync(join(path, 'cert.pem'), client.certificatePem);
    writeFileSync(join(path, 'key.pem'), client.keyPem);
    const material = {
      cert: server.certificatePem,
      key: server.keyPem,
      ca: authority.certificatePem,
    };
    const terminator = createTlsTerminator({
      material: () => material,
      clients: 'optional',
      onSecure: (socket) =>
        answering(socket, socket.getPeerX509Certificate()?.subjectAltName ?? 'nobody'),
    });
    const port = await listen((socket) => terminator.accept(socket));
    const clientTls = createClientTls({ account: CLIENT });
    const call = (tls: string) => {
      const cluster = clusterOf(resources('', `{tls: ${tls}}`), clientTls);
      return exchange(port, 'hello', cluster.tls!.connectionOptions(cluster.endpoints[0]!)!);
    };
    const ca = `caCertificates: ${join(path, 'ca.pem')}`;
    expect(
      (await call(`{mode: SIMPLE, ${ca}, subjectAltNames: ['spiffe://elsewhere/server']}`)).answer,
    ).toBe('nobody: hello');
    const files = `clientCertificate: ${join(path, 'cert.pem')}, privateKey: ${join(path, 'key.pem')}`;
    expect((await call(`{mode: MUTUAL, ${ca}, ${files}, sni: x.test}`)).answer).toBe(
      'URI:spiffe://elsewhere/client: hello',
    );
    expect((await call(`{mode: SIMPLE, ${ca}, subjectAltNames: [other]}`)).error).toContain(
      'is for spiffe://elsewhere/server, not other',
    );
    expect((await call(`{mode: SIMPLE, ${ca}}`)).error).toContain('altnames');
    expect((await call('{mode: SIMPLE}')).error).toContain('self-signed');
    expect((await call('{mode: SIMPLE, insecureSkipVerify: true}')).answer).toBe('nobody: hello');
    await expect(async () => call('{mode: SIMPLE, caCertificates: /nowhere}')).rejects.toThrow(
      'ENOENT',
    );
    expect(readFileSync(join(path, 'key.pem'), 'utf8')).toContain('PRIVATE KEY');
  });
});
