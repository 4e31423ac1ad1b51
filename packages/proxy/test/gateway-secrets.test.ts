// Certificates of gateways from Secrets of the configuration, over real TLS.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuthority } from '../src/identity/authority.ts';
import { rules, service, startMesh, type Mesh } from './support/mesh.ts';

const authority = openAuthority();
let mesh: Mesh;
let folder: string;
let agent: Agent;
let web = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clover-secrets-'));
  mesh = await startMesh({ credentials: folder });
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const port = await mesh.http((_, response) => response.end('web'));
  web =
    service('web', port) +
    rules('web', '- route: [{ destination: { host: web } }]').replace(
      'hosts: [web]',
      'hosts: ["*"]\n  gateways: [edge]',
    );
});
afterEach(async () => {
  agent.destroy();
  await mesh.close();
  rmSync(folder, { recursive: true });
});

const issued = (name: string) => authority.issue(`spiffe://test/${name}`, 1e8);
const secret = (name: string, texts: Record<string, string>) => `---
apiVersion: v1
kind: Secret
metadata: { name: ${name} }
stringData: ${JSON.stringify(texts)}
`;
const site = (name: string) => {
  const { certificatePem, keyPem } = issued(name);
  return secret('site', { 'tls.crt': certificatePem, 'tls.key': keyPem });
};
const gateway = (mode = 'SIMPLE') => `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: https, protocol: HTTPS }, hosts: ["*"], tls: { mode: ${mode}, credentialName: site } }] }
`;

/** What the gateway answers, whose certificate it showed, and over which connection. */
function ask(options: { agent?: Agent | false; cert?: string; key?: string } = {}) {
  const { address, port } = mesh.port('gateway');
  return new Promise<{ status: number; who: string; port: number }>((resolve, reject) => {
    request({
      host: address,
      port,
      agent: false,
      rejectUnauthorized: false,
      headers: { host: 'web' },
      ...options,
    })
      .on('response', (response) => {
        const socket = response.socket as TLSSocket;
        const who = socket.getPeerCertificate().subjectaltname ?? '';
        const from = socket.localPort!;
        response
          .resume()
          .on('end', () => resolve({ status: response.statusCode!, who, port: from }));
      })
      .on('error', reject)
      .end();
  });
}

describe('a Secret', () => {
  it('goes before a folder’s files, and a new one comes into use without an end of connections', async () => {
    mkdirSync(join(folder, 'site'));
    const files = issued('folder');
    writeFileSync(join(folder, 'site', 'tls.crt'), files.certificatePem);
    writeFileSync(join(folder, 'site', 'tls.key'), files.keyPem);
    await mesh.apply(web + gateway());
    expect((await ask()).who).toBe('URI:spiffe://test/folder');

    await mesh.apply(web + gateway() + site('one'));
    const first = await ask({ agent });
    expect(first).toMatchObject({ status: 200, who: 'URI:spiffe://test/one' });

    await mesh.apply(web + gateway() + site('two'));
    expect(await ask({ agent })).toEqual(first);
    expect((await ask()).who).toBe('URI:spiffe://test/two');

    // What is no good is refused, and what was in force stays.
    const { keyPem } = issued('other');
    const { certificatePem } = issued('three');
    await expect(
      mesh.apply(
        web + gateway('MUTUAL') + secret('site', { 'tls.crt': certificatePem, 'tls.key': keyPem }),
      ),
    ).rejects.toThrow();
    expect((await ask()).who).toBe('URI:spiffe://test/two');

    await mesh.apply(web + gateway());
    expect((await ask()).who).toBe('URI:spiffe://test/folder');
    expect(await ask({ agent })).toEqual(first);
  });

  it('that goes while its gateway stays is shown on, as Envoy does, and not to a gateway that comes later', async () => {
    await mesh.apply(web + gateway() + site('one'));
    await mesh.apply(web + gateway());
    expect((await ask()).who).toBe('URI:spiffe://test/one');
    // What else changes leaves it as it is.
    await mesh.apply(web + gateway() + secret('other', { cacert: authority.certificatePem }));
    expect((await ask()).who).toBe('URI:spiffe://test/one');
    await mesh.apply(web + gateway() + site('two'));
    await mesh.apply(web + gateway());
    expect((await ask()).who).toBe('URI:spiffe://test/two');

    await mesh.apply(web);
    await expect(mesh.apply(web + gateway())).rejects.toMatchObject({
      code: 'proxy.bad_credential',
    });
  });

  it('that is not there is refused before anything changes', async () => {
    await mesh.apply(web);
    await expect(mesh.apply(web + gateway())).rejects.toMatchObject({
      code: 'proxy.bad_credential',
      status: 400,
    });
    expect(mesh.plane.health().version).toBe(1);
  });

  it('named NAME-cacert says which clients are let in', async () => {
    const { certificatePem: cert, keyPem: key } = issued('client');
    const stranger = openAuthority().issue('spiffe://test/client', 1e8);
    const base = web + gateway('MUTUAL') + site('one');
    await mesh.apply(web);
    await expect(mesh.apply(base)).rejects.toMatchObject({ code: 'proxy.bad_credential' });
    await mesh.apply(base + secret('site-cacert', { cacert: authority.certificatePem }));
    expect((await ask({ cert, key })).status).toBe(200);
    await expect(ask()).rejects.toThrow();
    await expect(ask({ cert: stranger.certificatePem, key: stranger.keyPem })).rejects.toThrow();
  });
});
