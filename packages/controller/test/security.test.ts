// Who may ask and who may send: tokens, roles, TLS, names and origins, on the real process.

import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentials, Metadata, makeGenericClientConstructor } from '@grpc/grpc-js';
import { tempDir, type TempDir } from '@clover/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToken } from '../src/security/tokens.ts';
import { type Clover, isBuilt, startClover } from './support/clover.ts';
import { type RealApp, startRealApp } from './support/real-app.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const CERT = fixture('localhost.cert.pem');
const KEY = fixture('localhost.key.pem');
const SPAN = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  name: 'one',
  kind: 2,
  startTimeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
  endTimeUnixNano: String(BigInt(Date.now() + 5) * 1_000_000n),
};
const OTLP = JSON.stringify({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'sender' } }] },
      scopeSpans: [{ spans: [SPAN] }],
    },
  ],
});
const ZIPKIN = JSON.stringify([
  { traceId: 'c'.repeat(32), id: 'd'.repeat(16), name: 'z', timestamp: Date.now() * 1000 },
]);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('names and origins on loopback', () => {
  let real: RealApp;
  beforeAll(async () => {
    real = await startRealApp({ allowedHosts: ['127.0.0.1', 'localhost', '[::1]'] });
  });
  afterAll(() => real?.close());
  const status = async (headers: Record<string, string>, method: 'GET' | 'POST' = 'GET') => {
    const url = method === 'GET' ? '/api/v1/visibility' : '/api/v1/visibility/init';
    return (await real.app.inject({ method, url, headers })).statusCode;
  };

  it('answers under its own names only', async () => {
    expect(await status({ host: '127.0.0.1:9400' })).toBe(200);
    expect(await status({ host: 'LOCALHOST:1' })).toBe(200);
    expect(await status({ host: '[::1]:9400' })).toBe(200);
    expect(await status({ host: 'evil.example:9400' })).toBe(421);
    expect(await status({ host: '127.0.0.1.evil.example' })).toBe(421);
  });

  it('answers pages of its own origin and programs only', async () => {
    const host = 'localhost:9400';
    expect(await status({ host, origin: 'http://localhost:9400' })).toBe(200);
    expect(await status({ host, origin: 'http://evil.example' })).toBe(403);
    expect(await status({ host, origin: 'http://localhost:1' })).toBe(403);
    expect(await status({ host, origin: 'no url' })).toBe(403);
    expect(await status({ host, 'sec-fetch-site': 'cross-site' }, 'POST')).toBe(403);
    expect(await status({ host, origin: 'null' }, 'POST')).toBe(403);
    expect(await status({ host }, 'POST')).toBe(200);
  });

  it('sends a strict policy with every answer, errors too', async () => {
    for (const url of ['/', '/api/v1/visibility', '/api/v1/none', '/livez']) {
      const { headers } = await real.app.inject({ url, headers: { host: 'localhost' } });
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });
});

describe.skipIf(!isBuilt)('a Clover that others can reach', () => {
  let clover: Clover;
  let dir: TempDir;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    dir = await tempDir('clover-tokens-');
    const entries = [];
    for (const role of ['viewer', 'operator', 'admin'] as const) {
      const { token, entry } = await createToken(role, role);
      tokens[role] = token;
      entries.push(entry);
    }
    writeFileSync(join(dir.path, 'tokens.yaml'), JSON.stringify({ tokens: entries }));
    clover = await startClover({
      args: [
        '--host',
        '0.0.0.0',
        '--receiver-host',
        '0.0.0.0',
        '--token-file',
        join(dir.path, 'tokens.yaml'),
      ],
    });
  });
  afterAll(async () => {
    await clover?.stop();
    await dir?.remove();
  });

  it('lets a role do what it may', async () => {
    const post = { method: 'POST' };
    const cases: [string, RequestInit, Record<string, number>][] = [
      ['/api/v1/services', {}, { none: 401, viewer: 200, operator: 200, admin: 200 }],
      ['/api/services', {}, { none: 401, viewer: 200 }],
      ['/metrics', {}, { none: 401, viewer: 200 }],
      ['/api/v1/visibility/stop', post, { none: 401, viewer: 403, operator: 200 }],
      ['/api/v1/config', {}, { viewer: 403, operator: 403, admin: 200 }],
      ['/livez', {}, { none: 200 }],
      ['/readyz', {}, { none: 200 }],
      ['/version', {}, { none: 200 }],
    ];
    for (const [path, init, expected] of cases) {
      for (const [role, status] of Object.entries(expected)) {
        const headers = role === 'none' ? {} : bearer(tokens[role]!);
        const response = await clover.get(path, { ...init, headers });
        expect({ path, role, status: response.status }).toEqual({ path, role, status });
        if (status === 401)
          expect(response.headers.get('www-authenticate')).toBe('Bearer realm="clover"');
        await response.arrayBuffer();
      }
    }
  });

  it('takes the token from the cookie of the page', async () => {
    const headers = { cookie: `a=b; clover_token=${tokens['viewer']}` };
    expect((await clover.get('/api/v1/visibility', { headers })).status).toBe(200);
  });

  it('holds wrong tokens back, and right ones known before are not hindered', async () => {
    const wrong = `${tokens['viewer']!.slice(0, -1)}${tokens['viewer']!.endsWith('A') ? 'B' : 'A'}`;
    const statuses = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const one = wrong.slice(0, -3) + String(i).padStart(3, '_');
        return (await clover.get('/api/v1/visibility', { headers: bearer(one) })).status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    const { status } = await clover.get('/api/v1/visibility', {
      headers: bearer(tokens['viewer']!),
    });
    expect(status).toBe(200);
  });

  it('takes spans with an operator token only, by every receiver', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1100)); // after the wrong ones above
    const send = (url: string, body: string, token?: string) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && bearer(token)) },
        body,
      }).then(({ status }) => status);
    const otlp = `${clover.ready.otlpHttp}/v1/traces`;
    const zipkin = `${clover.ready.zipkin}/api/v2/spans`;
    expect(await send(otlp, OTLP)).toBe(401);
    expect(await send(otlp, OTLP, tokens['viewer'])).toBe(403);
    expect(await send(otlp, OTLP, tokens['operator'])).toBe(200);
    expect(await send(zipkin, ZIPKIN)).toBe(401);
    expect(await send(zipkin, ZIPKIN, tokens['viewer'])).toBe(403);
    expect(await send(zipkin, ZIPKIN, tokens['admin'])).toBe(202);
    expect(await grpcStatus(clover.ready.otlpGrpc)).toBe(16); // UNAUTHENTICATED
    expect(await grpcStatus(clover.ready.otlpGrpc, tokens['viewer'])).toBe(7); // PERMISSION_DENIED
    expect(await grpcStatus(clover.ready.otlpGrpc, tokens['operator'])).toBe(0);
    const answer = await clover.get('/api/services', { headers: bearer(tokens['viewer']!) });
    expect(((await answer.json()) as { data: string[] }).data).toContain('sender');
  });
});

describe.skipIf(!isBuilt)('what it refuses to start with', () => {
  const failing = (...args: string[]) =>
    startClover({ args }).then(
      async (clover) => {
        await clover.stop();
        return 'it started';
      },
      (error: Error) => error.message,
    );

  it('is an open door without tokens, half of TLS, or files that are no PEM', async () => {
    expect(await failing('--host', '0.0.0.0')).toMatch(
      /ended with 2[^]*there are no tokens[^]*clover token/,
    );
    expect(await failing('--receiver-host', '0.0.0.0')).toMatch(
      /ended with 2[^]*lets others send spans[^]*--anonymous-ingest/,
    );
    expect(await failing('--tls-cert', CERT)).toMatch(
      /ended with 2[^]*both --tls-cert and --tls-key/,
    );
    expect(await failing('--tls-cert', KEY, '--tls-key', KEY)).toMatch(
      /ended with 2[^]*no certificate/,
    );
    expect(await failing('--tls-cert', '/none', '--tls-key', KEY)).toMatch(
      /ended with 2[^]*--tls-cert \/none cannot be read/,
    );
  });
});

describe.skipIf(!isBuilt)('over TLS', () => {
  let clover: Clover;
  beforeAll(async () => {
    clover = await startClover({
      args: [
        `--tls-cert=${CERT}`,
        `--tls-key=${KEY}`,
        '--receiver-host=0.0.0.0',
        '--anonymous-ingest',
      ],
    });
  });
  afterAll(() => clover?.stop());

  it('serves the API and the receivers, and nothing in plain', async () => {
    expect(clover.ready.controller).toMatch(/^https:/);
    expect(clover.ready.otlpHttp).toMatch(/^https:/);
    expect(await secure('GET', `${clover.ready.controller}/livez`)).toBe(200);
    expect(await secure('POST', `${local(clover.ready.otlpHttp)}/v1/traces`, OTLP)).toBe(200);
    expect(await secure('POST', `${local(clover.ready.zipkin)}/api/v2/spans`, ZIPKIN)).toBe(202);
    expect(await grpcStatus(local(clover.ready.otlpGrpc), undefined, readFileSync(CERT))).toBe(0);
    const plain = clover.ready.controller.replace('https:', 'http:');
    await expect(fetch(`${plain}/livez`)).rejects.toThrow();
  });
});

const local = (address: string) => address.replace('0.0.0.0', 'localhost');

function secure(method: string, url: string, body?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method, ca: readFileSync(CERT), headers: { 'content-type': 'application/json' } },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends one empty OTLP request; gives gRPC's status. */
async function grpcStatus(address: string, token?: string, ca?: Buffer): Promise<number> {
  const same = (bytes: Buffer) => bytes;
  const Client = makeGenericClientConstructor(
    {
      export: {
        path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    'TraceService',
  );
  const client = new Client(address, ca ? credentials.createSsl(ca) : credentials.createInsecure());
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  const send = client['export']!.bind(client) as (
    body: Buffer,
    metadata: Metadata,
    done: (error: { code: number } | null) => void,
  ) => void;
  const code = await new Promise<number>((resolve) =>
    send(Buffer.alloc(0), metadata, (error) => resolve(error?.code ?? 0)),
  );
  client.close();
  return code;
}
