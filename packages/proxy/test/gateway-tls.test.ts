import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ServerTls } from '@clover/traffic';
import { openAuthority } from '../src/identity/authority.ts';
import { credentialIn, openCredential } from '../src/identity/credential.ts';
import { createCredentials } from '../src/identity/credentials.ts';
import { createGatewayTls } from '../src/identity/gateway-tls.ts';
import { createIdentities } from '../src/identity/identities.ts';
import { closeAll, closing, exchange, listen, openssl } from './support/tls.ts';

afterEach(closeAll);

const authority = openAuthority();
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clover-gateway-'));
  renew();
  const client = authority.issue('spiffe://elsewhere/client', 60_000);
  writeFileSync(join(folder, 'client.pem'), client.certificatePem + client.keyPem);
  writeFileSync(join(folder, 'ca.pem'), authority.certificatePem);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function renew() {
  mkdirSync(join(folder, 'site'), { recursive: true });
  const { certificatePem, keyPem } = authority.issue('spiffe://elsewhere/site', 60_000);
  writeFileSync(join(folder, 'site', 'tls.crt'), certificatePem);
  writeFileSync(join(folder, 'site', 'tls.key'), keyPem);
  writeFileSync(join(folder, 'site', 'ca.crt'), authority.certificatePem);
}

async function gateway(tls: ServerTls) {
  const errors: string[] = [];
  const identities = closing(createIdentities({ authority }));
  const terminator = createGatewayTls(tls, {
    credentials: createCredentials({ folder }),
    identities,
    account: { namespace: 'sdc', serviceAccount: 'gateway' },
    alpn: ['h2', 'http/1.1'],
    onSecure: (socket, principal) =>
      void socket.once('data', (chunk: Buffer) =>
        socket.end(`[${principal}] ${socket.getProtocol()} ${chunk.toString()}`),
      ),
    onError: (error) => errors.push(error.message),
  });
  const port = await listen((socket) => terminator.accept(socket));
  const dial = (...more: string[]) =>
    openssl(
      [
        's_client',
        '-connect',
        `127.0.0.1:${port}`,
        '-CAfile',
        join(folder, 'ca.pem'),
        '-verify_return_error',
        '-quiet',
        '-ign_eof',
        ...more,
      ],
      'hello\n',
    );
  return { port, dial, errors, identities };
}
const CERTIFICATE = () => ['-cert', join(folder, 'client.pem')];

it('SIMPLE asks clients for nothing', async () => {
  const { dial } = await gateway({ mode: 'SIMPLE', credentialName: 'site' });
  expect(await dial()).toContain('[] TLSv1.3 hello');
});

it('MUTUAL wants a certificate of the authority, and one of the names', async () => {
  const { dial, errors } = await gateway({ mode: 'MUTUAL', credentialName: 'site' });
  expect(await dial(...CERTIFICATE())).toContain('[spiffe://elsewhere/client] TLSv1.3 hello');
  expect(await dial()).not.toContain('hello');
  const strict = await gateway({
    mode: 'MUTUAL',
    credentialName: 'site',
    subjectAltNames: ['other'],
  });
  expect(await strict.dial(...CERTIFICATE())).not.toContain('hello');
  expect(strict.errors[0]).toContain('not other');
  expect(errors).toHaveLength(1);
});

it('OPTIONAL_MUTUAL takes clients without a certificate, not those with a wrong one', async () => {
  const { dial, port } = await gateway({ mode: 'OPTIONAL_MUTUAL', credentialName: 'site' });
  expect(await dial()).toContain('[] TLSv1.3 hello');
  expect(await dial(...CERTIFICATE())).toContain('[spiffe://elsewhere/client]');
  const stranger = openAuthority().issue('spiffe://elsewhere/client', 60_000);
  const wrong = {
    ca: authority.certificatePem,
    cert: stranger.certificatePem,
    key: stranger.keyPem,
    checkServerIdentity: () => undefined,
  };
  expect((await exchange(port, 'hello', wrong)).answer).toBe('');
});

it('ISTIO_MUTUAL shows the gateway’s own identity and wants one of the mesh', async () => {
  const { port, identities } = await gateway({ mode: 'ISTIO_MUTUAL' });
  const { context } = identities.of({ namespace: 'a', serviceAccount: 'b' });
  const { answer } = await exchange(port, 'hello', {
    secureContext: context,
    checkServerIdentity: () => undefined,
  });
  expect(answer).toBe('[spiffe://cluster.local/ns/a/sa/b] TLSv1.3 hello');
});

it('keeps to the versions that it is given', async () => {
  const { dial } = await gateway({
    mode: 'SIMPLE',
    credentialName: 'site',
    maxProtocolVersion: 'TLSV1_2',
    cipherSuites: ['ECDHE-ECDSA-AES256-GCM-SHA384'],
  });
  expect(await dial()).toContain('TLSv1.2 hello');
  expect(await dial('-tls1_3')).not.toContain('hello');
});

it('reads files again when they have changed, and passes over a change that is no good', () => {
  let nowMs = 0;
  const credential = openCredential(credentialIn(folder, 'site'), () => nowMs);
  const first = credential.read();
  expect(credential.read()).toBe(first);
  renew();
  nowMs += 1000;
  const second = credential.read();
  expect(second.cert).not.toBe(first.cert);
  writeFileSync(join(folder, 'site', 'tls.key'), 'half of a k');
  nowMs += 1000;
  expect(credential.read()).toBe(second);
  renew();
});

it('refuses files that are no good, with what is wrong', () => {
  const options = { credentials: createCredentials({ folder }), onSecure: () => {} };
  expect(() => createGatewayTls({ mode: 'SIMPLE', credentialName: 'nothing' }, options)).toThrow(
    'ENOENT',
  );
  expect(() => createGatewayTls({ mode: 'SIMPLE', credentialName: '../site' }, options)).toThrow(
    'this is not a name',
  );
  expect(() =>
    createGatewayTls(
      { mode: 'SIMPLE', serverCertificate: join(folder, 'site', 'tls.crt') },
      options,
    ),
  ).toThrow('it has no certificate and key');
});
