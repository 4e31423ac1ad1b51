// Certificates that a DestinationRule's `credentialName` names for clients, over real TLS: what is missing
// refuses the change, or else the connection, and never widens whom a client trusts.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuthority } from '../src/identity/authority.ts';
import { service, startMesh, type Mesh } from './support/mesh.ts';

const authority = openAuthority();
const issued = (name: string) => authority.issue(`spiffe://test/${name}`, 1e8);
const client = issued('client');
const pair = { 'tls.crt': client.certificatePem, 'tls.key': client.keyPem };
const ca = { 'ca.crt': authority.certificatePem };
const NO_AUTHORITY = 'it has no authority to check the destination by';
const refused = { code: 'proxy.bad_credential', status: 400 };

let mesh: Mesh;
let folder: string;
let server: Server;
let port: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clover-client-secrets-'));
  mesh = await startMesh({ credentials: folder });
  const { certificatePem: cert, keyPem: key } = issued('server');
  const trust = { requestCert: true, rejectUnauthorized: false, ca: authority.certificatePem };
  server = createServer({ cert, key, ...trust }, (request, response) => {
    const peer = (request.socket as TLSSocket).getPeerCertificate();
    response.writeHead(200, { connection: 'close' }).end(peer.subjectaltname ?? 'nobody');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  await mesh.close();
  server.close().closeAllConnections();
  rmSync(folder, { recursive: true });
});

const secret = (texts: Record<string, string>, name = 'pay') => `---
apiVersion: v1
kind: Secret
metadata: { name: ${name} }
stringData: ${JSON.stringify(texts)}
`;
const pay = (mode: string, more = "subjectAltNames: ['spiffe://test/server']") =>
  service('pay', port).replace(
    'trafficPolicy: {',
    `trafficPolicy: { tls: { mode: ${mode}, credentialName: pay, ${more} },`,
  );
const ask = async () => {
  const connection = mesh.client();
  const { status, body } = await connection.request('GET', '/', { host: 'pay' });
  connection.close();
  return `${status} ${body}`;
};

describe('a DestinationRule’s credentialName', () => {
  it('gives clients the authority of SIMPLE and the certificate of MUTUAL', async () => {
    await mesh.apply(pay('SIMPLE') + secret(ca));
    expect(await ask()).toBe('200 nobody');
    await mesh.apply(pay('SIMPLE') + secret({ cacert: authority.certificatePem }, 'pay-cacert'));
    expect(await ask()).toBe('200 nobody');
    await mesh.apply(pay('MUTUAL') + secret({ ...pair, ...ca }));
    expect(await ask()).toBe('200 URI:spiffe://test/client');
    await mesh.apply(pay('MUTUAL', 'insecureSkipVerify: true') + secret(pair));
    expect(await ask()).toBe('200 URI:spiffe://test/client');
    const stranger = openAuthority().certificatePem;
    await mesh.apply(pay('SIMPLE') + secret({ 'ca.crt': stranger }));
    expect(await ask()).toContain('503 ');
  });

  it('that leads nowhere or to too little is refused, and what was in force stays', async () => {
    await mesh.apply(service('web', port));
    await expect(mesh.apply(pay('SIMPLE'))).rejects.toMatchObject(refused);
    await expect(mesh.apply(pay('SIMPLE') + secret(pair))).rejects.toThrow(NO_AUTHORITY);
    await expect(mesh.apply(pay('MUTUAL') + secret(pair))).rejects.toThrow(NO_AUTHORITY);
    await expect(mesh.apply(pay('MUTUAL') + secret(ca))).rejects.toMatchObject(refused);
    expect(mesh.plane.health().version).toBe(1);

    await mesh.apply(pay('SIMPLE') + secret({ ...pair, ...ca }));
    // A renewal that loses its authority would have others trusted.
    await expect(mesh.apply(pay('SIMPLE') + secret(pair))).rejects.toThrow(NO_AUTHORITY);
    expect(await ask()).toBe('200 nobody');
  });

  it('of another namespace’s clients is no fault of those who see the rule too', async () => {
    await mesh.apply(service('web', port));
    const gateways = secret(ca).replace('name: pay', 'name: pay, namespace: istio-system');
    await mesh.apply(pay('SIMPLE') + gateways);
    expect(await ask()).toMatch(/^503 .*the credential pay is not usable/);
  });

  it('stays good when its Secret is forced away, though nobody went by it before', async () => {
    await mesh.apply(pay('MUTUAL') + secret({ ...pair, ...ca }));
    await mesh.apply(pay('MUTUAL'));
    expect(await ask()).toBe('200 URI:spiffe://test/client');
  });

  it('lets nothing through after a start with too little, until the rest is there', async () => {
    await mesh.apply(pay('SIMPLE') + secret(pair));
    expect(await ask()).toMatch(new RegExp(`^503 .*TLS_error: .*${NO_AUTHORITY}`));
    await mesh.apply(pay('SIMPLE') + secret({ ...pair, ...ca }));
    expect(await ask()).toBe('200 nobody');
  });

  it('finds an authority that is added to the folder', async () => {
    mkdirSync(join(folder, 'pay'));
    await mesh.apply(pay('SIMPLE'));
    expect(await ask()).toContain(NO_AUTHORITY);
    writeFileSync(join(folder, 'pay', 'ca.crt'), authority.certificatePem);
    expect(await ask()).toBe('200 nobody');
  });
});
