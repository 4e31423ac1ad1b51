// An external authorizer in the way of requests: at gateways, and before programs that a policy selects.

import type { IncomingMessage, RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExtAuthzHttp } from '../src/authorization/extension-provider.ts';
import type { Workload } from '../src/workload.ts';
import { CLIENT, rules, service, startMesh, type Mesh } from './support/mesh.ts';

let mesh: Mesh;
beforeEach(async () => {
  mesh = await startMesh();
});
afterEach(() => mesh.close());

const SERVED: string[] = [];

/** A gateway for `www.sdc.com` with a `web` behind it, and an authorizer that answers as it is told. */
async function setUp(
  judge: RequestListener,
  spec: Partial<ExtAuthzHttp> = {},
  options: { provider?: string; rule?: string; policy?: string } = {},
): Promise<void> {
  SERVED.length = 0;
  const judgePort = await mesh.http(judge);
  const webPort = await mesh.http((request, response) => {
    SERVED.push(`${request.method} ${request.url} ${request.headers['x-user'] ?? '-'}`);
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => response.end(`web ${body}`));
  });
  const { provider = 'judge', rule = '{}' } = options;
  await mesh.apply(
    `${service('web', webPort)}${service('judge', judgePort)}${rules(
      'edge',
      '- route: [{ destination: { host: web } }]',
    ).replace('hosts: [edge]', 'hosts: [www.sdc.com]\n  gateways: [edge]')}---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }] }
${
  options.policy ??
  `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: judge }
spec: { selector: { matchLabels: { istio: ingressgateway } }, action: CUSTOM, provider: { name: ${provider} }, rules: [${rule}] }
`
}`,
    {
      extensionProviders: [
        {
          name: 'judge',
          envoyExtAuthzHttp: { service: 'judge.default.svc.cluster.local', port: 80, ...spec },
        },
      ],
    },
  );
}
const ask = (path = '/', headers: Record<string, string> = {}, body?: string) =>
  mesh.client('gateway').request(
    body === undefined ? 'GET' : 'POST',
    path,
    {
      host: 'www.sdc.com',
      ...(body !== undefined && { 'content-length': String(body.length) }),
      ...headers,
    },
    body,
  );

describe('an external authorizer at a gateway', () => {
  it('lets pass what it allows, with its headers for the server and for the client', async () => {
    const seen: IncomingMessage[] = [];
    await setUp(
      (request, response) => {
        seen.push(request);
        response.writeHead(200, { 'x-user': 'ada', 'x-seen': 'yes', 'x-other': 'no' }).end();
      },
      {
        pathPrefix: '/check',
        includeRequestHeadersInCheck: ['cookie'],
        headersToUpstreamOnAllow: ['x-user'],
        headersToDownstreamOnAllow: ['x-seen'],
      },
    );
    const answer = await ask('/a?b=c', { cookie: 'k=v', 'x-user': 'mallory' });
    expect(answer).toMatchObject({ status: 200, body: 'web ', headers: { 'x-seen': 'yes' } });
    expect(answer.headers['x-other']).toBeUndefined();
    expect(seen[0]).toMatchObject({ method: 'GET', url: '/check/a?b=c' });
    expect(seen[0]!.headers).toMatchObject({ host: 'www.sdc.com', cookie: 'k=v' });
    expect(SERVED).toEqual(['GET /a?b=c ada']);
  });

  it('gives its refusal to the client, and the server sees nothing', async () => {
    await setUp((_, response) => response.writeHead(401, { 'x-why': 'no key' }).end('go away'), {
      headersToDownstreamOnDeny: ['x-why'],
    });
    expect(await ask()).toMatchObject({
      status: 401,
      body: 'go away',
      headers: { 'x-why': 'no key' },
    });
    expect(await ask('/', {}, 'payload')).toMatchObject({ status: 401 });
    expect(SERVED).toEqual([]);
    expect(mesh.records[0]).toMatchObject({
      status: 401,
      responseFlags: 'UAEX',
      responseCodeDetails: 'ext_authz_denied',
    });
  });

  it('lets nothing pass when it fails, unless it is told to', async () => {
    await setUp((request) => void request.socket.destroy(), { statusOnError: '503' });
    expect((await ask()).status).toBe(503);
    expect(SERVED).toEqual([]);
    expect(mesh.records.at(-1)).toMatchObject({
      responseFlags: 'UAEX',
      responseCodeDetails: 'ext_authz_error',
    });
    await setUp(() => {}, { timeout: '50ms', failOpen: true });
    expect(await ask()).toMatchObject({ status: 200 });
    await setUp((_, response) => response.writeHead(500).end(), {});
    expect((await ask()).status).toBe(403);
  });

  it('denies all where a policy names a provider that there is not', async () => {
    await setUp((_, response) => response.end(), {}, { provider: 'nobody' });
    expect((await ask()).status).toBe(403);
    expect(SERVED).toEqual([]);
  });

  it('is asked about what the rules are about, and about nothing that has no route', async () => {
    let asked = 0;
    await setUp(
      (_, response) => {
        asked++;
        response.writeHead(403).end();
      },
      {},
      { rule: '{ to: [{ operation: { paths: ["/admin*"] } }] }' },
    );
    expect((await ask('/')).status).toBe(200);
    expect((await ask('/admin/x?y')).status).toBe(403);
    expect(asked).toBe(1);
    const client = mesh.client('gateway');
    expect((await client.request('GET', '/admin', { host: 'elsewhere' })).status).toBe(404);
    expect(asked).toBe(1);
  });

  it('sees the body up to its limit; a longer one is 413', async () => {
    const bodies: string[] = [];
    await setUp(
      (request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          bodies.push(body);
          response.writeHead(body.includes('attack') ? 403 : 200).end();
        });
      },
      { includeRequestBodyInCheck: { maxRequestBytes: 100_000 } },
    );
    const long = 'x'.repeat(90_000);
    expect(await ask('/', {}, long)).toMatchObject({ status: 200, body: `web ${long}` });
    expect((await ask('/', {}, 'an attack')).status).toBe(403);
    expect((await ask('/', {}, 'x'.repeat(100_001))).status).toBe(413);
    expect((await ask('/')).status).toBe(200);
    expect(bodies).toEqual([long, 'an attack', '']);
    expect(SERVED).toHaveLength(2);
  });

  it('counts what became of its answers, and says nothing to a client that has gone', async () => {
    let arrived = () => {};
    const waiting = new Promise<void>((resolve) => (arrived = resolve));
    await setUp(() => arrived());
    const client = mesh.client('gateway');
    void client.request('GET', '/', { host: 'www.sdc.com' }).catch(() => undefined);
    await waiting;
    client.close();
    await expect.poll(() => mesh.records.at(-1)?.responseFlags).toBe('DC');
    const { clusters } = await mesh.plane.statistics();
    await expect
      .poll(async () => (await mesh.plane.statistics()).clusters.map((one) => one.requests))
      .toEqual(clusters.map(() => 0));
  });
});

describe('an external authorizer before a program', () => {
  it('is asked when the policy selects the workload, and not about what it calls itself', async () => {
    const judgePort = await mesh.http((request, response) =>
      response.writeHead(request.url === '/no' ? 403 : 200).end(),
    );
    const webPort = await mesh.http((_, response) => response.end('web'));
    const web: Workload = {
      ...CLIENT,
      name: 'web',
      service: 'web',
      labels: { app: 'web' },
      ports: { 80: webPort },
    };
    await mesh.apply(
      `${service('web', webPort)}${service('judge', judgePort)}---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: judge }
spec: { selector: { matchLabels: { app: web } }, action: CUSTOM, provider: { name: judge }, rules: [{}] }
`,
      {
        workloads: [CLIENT, web],
        extensionProviders: [
          {
            name: 'judge',
            envoyExtAuthzHttp: { service: 'judge.default.svc.cluster.local', port: 80 },
          },
        ],
      },
    );
    const client = mesh.client();
    expect((await client.request('GET', '/no', { host: 'web' })).status).toBe(403);
    expect(await client.request('GET', '/yes', { host: 'web' })).toMatchObject({ body: 'web' });
    expect((await client.request('GET', '/no', { host: 'judge' })).status).toBe(403);
    const own = mesh.client('outbound', 'default/web');
    expect((await own.request('GET', '/no', { host: 'judge' })).status).toBe(403);
  });
});
