// What rules make of requests, through the real proxy with real servers behind it.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '@clover/test-support';
import { rules, service, startMesh, type Mesh } from './support/mesh.ts';

let mesh: Mesh;
beforeEach(async () => {
  mesh = await startMesh();
});
afterEach(() => mesh.close());

/** A server that tells what it saw. */
const echo = () =>
  mesh.http((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.setHeader('x-answer', 'yes');
      response.end(JSON.stringify({ method, url, headers, body }));
    });
  });

const get = (path = '/', headers: Record<string, string> = {}, method = 'GET', body = '') =>
  mesh.client().request(method, path, { host: 'web', ...headers }, body);

interface Seen {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

describe('a request', () => {
  it('reaches the service that its host names, with the headers of the proxy', async () => {
    await mesh.apply(service('web', await echo()));
    const answer = await get('/a?b=c', { 'content-length': '2' }, 'POST', 'hi');
    const seen = JSON.parse(answer.body) as Seen;
    expect(seen).toMatchObject({ method: 'POST', url: '/a?b=c', body: 'hi' });
    expect(seen.headers).toMatchObject({
      host: 'web',
      'x-forwarded-proto': 'http',
      'x-envoy-attempt-count': '1',
      'x-request-id': expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4/),
      traceparent: expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-00$/),
    });
    expect(answer.headers).toMatchObject({ 'x-answer': 'yes', server: 'clover' });
    expect(Number(answer.headers['x-envoy-upstream-service-time'])).toBeGreaterThanOrEqual(0);
    expect(mesh.records).toMatchObject([
      {
        status: 200,
        responseFlags: '',
        method: 'POST',
        bytesReceived: 2,
        attempts: 1,
        direction: 'outbound',
      },
    ]);
  });

  it('is split by weight', async () => {
    const ports = [await echo(), await echo()];
    await mesh.apply(
      service('web', ...ports) +
        rules(
          'web',
          `- route: [{ destination: { host: web, subset: v1 }, weight: 20 }, { destination: { host: web, subset: v2 }, weight: 80 }]`,
        ),
    );
    const client = mesh.client();
    for (let i = 0; i < 200; i++) await client.request('GET', '/', { host: 'web' });
    const first = mesh.records.filter((one) => one.cluster?.name.includes('|v1|')).length;
    expect(first).toBeGreaterThan(15);
    expect(first).toBeLessThan(75);
  });

  it('has its headers changed, with what format strings say', async () => {
    await mesh.apply(
      service('web', await echo()) +
        rules(
          'web',
          `
- route: [{ destination: { host: web } }]
  headers:
    request: { set: { x-path: "%REQ(:path)%", x-who: "100%% %PROTOCOL%", x-none: "%REQ(x-missing)%" }, add: { x-two: b }, remove: [x-gone] }
    response: { set: { x-answer: "%RESP(x-answer)%!" }, remove: [x-envoy-upstream-service-time] }`,
        ),
    );
    const answer = await get('/p', { 'x-two': 'a', 'x-gone': '1' });
    const { headers } = JSON.parse(answer.body) as Seen;
    expect(headers).toMatchObject({ 'x-path': '/p', 'x-who': '100% HTTP/1.1', 'x-two': 'a, b' });
    expect(Object.keys(headers)).not.toContain('x-gone');
    expect(Object.keys(headers)).not.toContain('x-none');
    expect(answer.headers['x-answer']).toBe('yes!');
    expect(answer.headers['x-envoy-upstream-service-time']).toBeUndefined();
  });

  it('is rewritten, redirected and answered directly', async () => {
    await mesh.apply(
      service('web', await echo()) +
        rules(
          'web',
          `
- match: [{ uri: { prefix: /old/ } }]
  rewrite: { uri: /new/, authority: other }
  route: [{ destination: { host: web } }]
- match: [{ uri: { prefix: /moved } }]
  redirect: { uri: /there, redirectCode: 308 }
- match: [{ uri: { prefix: /teapot } }]
  directResponse: { status: 418, body: { string: short } }`,
        ),
    );
    const seen = JSON.parse((await get('/old/x?y')).body) as Seen;
    expect(seen.url).toBe('/new/x?y');
    expect(seen.headers).toMatchObject({
      host: 'other',
      'x-envoy-original-host': 'web',
      'x-envoy-original-path': '/old/x?y',
    });
    const moved = await get('/moved?q');
    expect([moved.status, moved.headers['location']]).toEqual([308, 'http://web/there?q']);
    expect(await get('/teapot')).toMatchObject({
      status: 418,
      body: 'short',
      headers: { 'content-type': 'text/plain' },
    });
    expect(await get('/none')).toMatchObject({ status: 404, body: '' });
    expect(mesh.records.at(-1)).toMatchObject({
      responseFlags: 'NR',
      responseCodeDetails: 'route_not_found',
    });
  });

  it('is delayed and aborted by faults', async () => {
    await mesh.apply(
      service('web', await echo()) +
        rules(
          'web',
          `
- match: [{ uri: { exact: /slow } }]
  fault: { delay: { fixedDelay: 30ms, percentage: { value: 100 } } }
  route: [{ destination: { host: web } }]
- fault: { abort: { httpStatus: 555, percentage: { value: 100 } } }
  route: [{ destination: { host: web } }]`,
        ),
    );
    expect((await get('/slow')).status).toBe(200);
    expect(mesh.records.at(-1)).toMatchObject({ responseFlags: 'DI' });
    expect(mesh.records.at(-1)!.durationMs).toBeGreaterThanOrEqual(29);
    expect(await get('/')).toMatchObject({ status: 555, body: 'fault filter abort' });
    expect(mesh.records.at(-1)).toMatchObject({
      responseFlags: 'FI',
      responseCodeDetails: 'fault_filter_abort',
      attempts: 0,
    });
  });

  it('is told in gRPC what went wrong when it speaks it', async () => {
    await mesh.apply(
      service('web', await echo()) +
        rules(
          'web',
          `
- fault: { abort: { grpcStatus: UNAVAILABLE, percentage: { value: 100 } } }
  route: [{ destination: { host: web } }]`,
        ),
    );
    const answer = await get('/pkg.Service/Method', { 'content-type': 'application/grpc' }, 'POST');
    expect(answer).toMatchObject({
      status: 200,
      body: '',
      headers: {
        'content-type': 'application/grpc',
        'grpc-status': '14',
        'grpc-message': 'fault filter abort',
      },
    });
    expect(await get('/')).toMatchObject({ status: 503 });
  });

  it('is answered 504 when the upstream takes too long, by the rule or by its own word', async () => {
    const hanging = await mesh.http(() => {});
    await mesh.apply(
      service('web', hanging) +
        rules(
          'web',
          `
- match: [{ uri: { exact: /rule } }]
  timeout: 0.05s
  route: [{ destination: { host: web } }]
- route: [{ destination: { host: web } }]`,
        ),
    );
    expect(await get('/rule')).toMatchObject({ status: 504, body: 'upstream request timeout' });
    expect(mesh.records.at(-1)).toMatchObject({
      responseFlags: 'UT',
      responseCodeDetails: 'response_timeout',
    });
    expect(await get('/own', { 'x-envoy-upstream-rq-timeout-ms': '40' })).toMatchObject({
      status: 504,
    });
  });

  it('is tried again at another host when one cannot be reached', async () => {
    const gone = await mesh.tcp(() => {});
    await mesh.apply(service('web', 1, await echo(), 1));
    const client = mesh.client();
    for (let i = 0; i < 6; i++)
      expect((await client.request('GET', '/', { host: 'web' })).status).toBe(200);
    expect(mesh.records.some((one) => one.attempts === 2)).toBe(true);
    expect(gone).toBeGreaterThan(0);
  });

  it('is tried again on an answer that the rule names, with its body', async () => {
    let calls = 0;
    const flaky = await mesh.http((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        response.statusCode = ++calls < 3 ? 503 : 200;
        response.end(`${request.headers['x-envoy-attempt-count']} ${body}`);
      });
    });
    await mesh.apply(
      service('web', flaky) +
        rules(
          'web',
          `
- retries: { attempts: 2, retryOn: "5xx", perTryTimeout: 2s }
  route: [{ destination: { host: web } }]`,
        ),
    );
    expect(await get('/', { 'content-length': '4' }, 'POST', 'body')).toMatchObject({
      status: 200,
      body: '3 body',
    });
    calls = -10;
    expect(await get('/')).toMatchObject({ status: 503 });
    expect(mesh.records.at(-1)).toMatchObject({ responseFlags: 'URX', attempts: 3 });
  });

  it('is copied to mirrors, whose answers nobody sees', async () => {
    const copies: { url: string; body: string; host: string }[] = [];
    const shadow = await mesh.http((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        copies.push({ url: request.url ?? '', body, host: request.headers.host ?? '' });
        response.statusCode = 500;
        response.end('nobody sees this');
      });
    });
    await mesh.apply(
      service('web', await echo()) +
        service('shadow', shadow) +
        rules(
          'web',
          `
- mirror: { host: shadow }
  mirrorPercentage: { value: 100 }
  rewrite: { uri: /re }
  route: [{ destination: { host: web } }]`,
        ),
    );
    expect((await get('/x', { 'content-length': '3' }, 'POST', 'abc')).status).toBe(200);
    expect((await get('/y')).status).toBe(200);
    await waitFor('two copies', () => copies.length === 2);
    expect(copies.map((one) => one.body).toSorted()).toEqual(['', 'abc']);
    expect(copies[0]).toMatchObject({ url: '/rex', host: 'web' });
    const mirrored = await waitFor('their records', () => {
      const found = mesh.records.filter((one) => one.mirror);
      return found.length === 2 && found;
    });
    expect(mirrored[0]).toMatchObject({
      status: 500,
      cluster: { name: 'outbound|80||shadow.default.svc.cluster.local' },
    });
    const original = mesh.records.find((one) => !one.mirror);
    expect(mirrored[0]!.trace?.traceId).toBe(original?.trace?.traceId);
    expect(mirrored[0]!.trace?.spanId).not.toBe(original?.trace?.spanId);
  });

  it('from another origin is answered as the rule allows', async () => {
    await mesh.apply(
      service('web', await echo()) +
        rules(
          'web',
          `
- corsPolicy: { allowOrigins: [{ exact: "http://good" }], allowMethods: [GET, PUT], allowHeaders: [x-a], maxAge: 24h, allowCredentials: true, exposeHeaders: [x-b] }
  route: [{ destination: { host: web } }]`,
        ),
    );
    const preflight = await get(
      '/',
      { origin: 'http://good', 'access-control-request-method': 'PUT' },
      'OPTIONS',
    );
    expect(preflight).toMatchObject({
      status: 200,
      body: '',
      headers: {
        'access-control-allow-origin': 'http://good',
        'access-control-allow-methods': 'GET,PUT',
        'access-control-allow-headers': 'x-a',
        'access-control-max-age': '86400',
        'access-control-allow-credentials': 'true',
      },
    });
    const allowed = await get('/', { origin: 'http://good' });
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': 'http://good',
      'access-control-expose-headers': 'x-b',
    });
    expect(
      (await get('/', { origin: 'http://bad' })).headers['access-control-allow-origin'],
    ).toBeUndefined();
  });

  it('beyond the limits of the connection pool is refused at once', async () => {
    const waiting: (() => void)[] = [];
    const slow = await mesh.http((_, response) => void waiting.push(() => response.end('done')));
    await mesh.apply(
      service('web', slow).replace(
        'trafficPolicy: {',
        'trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } },',
      ),
    );
    const first = get('/1');
    await waitFor('the first', () => waiting.length === 1);
    const second = get('/2');
    await waitFor('the second to wait', async () => {
      const { clusters } = await mesh.plane.statistics();
      return clusters.some((one) => one.pending === 1);
    });
    const third = await get('/3');
    expect(third).toMatchObject({ status: 503, headers: { 'x-envoy-overloaded': 'true' } });
    expect(third.body).toBe(
      'upstream connect error or disconnect/reset before headers. reset reason: overflow',
    );
    expect(mesh.records.at(-1)).toMatchObject({ responseFlags: 'UO', overflow: 'request' });
    waiting.shift()!();
    expect((await first).body).toBe('done');
    await waitFor('the second', () => waiting.length === 1);
    waiting.shift()!();
    expect((await second).body).toBe('done');
  });

  it('to a host that nobody declared is passed on, or blocked', async () => {
    const port = await echo();
    await mesh.apply(service('web', port));
    const direct = await get('/', { host: `127.0.0.1:${port}` });
    expect((JSON.parse(direct.body) as Seen).headers['host']).toBe(`127.0.0.1:${port}`);
    expect(mesh.records.at(-1)?.cluster?.name).toBe('PassthroughCluster');
    expect(await get('/', { host: 'nowhere.test' })).toMatchObject({
      status: 503,
      body: 'no healthy upstream',
    });
    const own = mesh.port('outbound');
    expect(await get('/', { host: `${own.address}:${own.port}` })).toMatchObject({ status: 503 });
    await mesh.apply(service('web', port), { mesh: { outboundTrafficPolicy: 'REGISTRY_ONLY' } });
    expect(await get('/', { host: 'nowhere.test' })).toMatchObject({ status: 502, body: '' });
  });

  it('in absolute form, to the port for HTTP_PROXY, goes where its target says', async () => {
    await mesh.apply(service('web', await echo()));
    const client = mesh.client('proxy');
    const seen = JSON.parse(
      (await client.request('GET', 'http://web/a?b', { host: 'ignored' })).body,
    ) as Seen;
    expect([seen.url, seen.headers['host']]).toEqual(['/a?b', 'web']);
  });

  it('is sent on in one piece, whatever characters its rule has', async () => {
    const seen: string[] = [];
    const port = await mesh.tcp((socket) =>
      socket.on('data', (head: Buffer) => {
        seen.push(head.toString('latin1'));
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      }),
    );
    await mesh.apply(
      service('web', port) +
        rules(
          'web',
          `
- match: [{ uri: { prefix: /go } }]
  redirect: { uri: "/\u010aX-Evil: 1" }
- rewrite: { uri: "/a b\u010a\u00e9" }
  headers: { request: { set: { x-word: "\u010aX-Evil: 1\u00e9", "x evil": "1", "x-evil: 1\u010a": "1" } } }
  route: [{ destination: { host: web } }]`,
        ),
    );
    expect((await get('/x')).status).toBe(200);
    expect(seen[0]).toMatch(/^GET \/a%20b%C4%8A%C3%A9x HTTP\/1\.1\r\n/);
    expect(seen[0]).toContain('x-word: \u00c4\u008aX-Evil: 1\u00c3\u00a9\r\n');
    const redirect = await get('/go');
    expect(redirect.status).toBe(301);
    for (const text of [seen[0]!, Object.keys(redirect.headers).join('\n')])
      expect(text).not.toMatch(/^x-?.?evil/im);
  });

  it('at a gateway gets its client noted, and strangers hosts get 404', async () => {
    const gateway = `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gw }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: edge }
spec: { hosts: [shop.test], gateways: [gw], http: [{ route: [{ destination: { host: web } }] }] }
`;
    await mesh.apply(service('web', await echo()) + gateway);
    const client = mesh.client('gateway');
    const seen = JSON.parse(
      (await client.request('GET', '/', { host: 'shop.test', 'x-forwarded-proto': 'https' })).body,
    ) as Seen;
    expect(seen.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-envoy-external-address': '127.0.0.1',
    });
    expect((await client.request('GET', '/', { host: 'other.test' })).status).toBe(404);
    expect(mesh.records[0]).toMatchObject({ direction: 'gateway' });
  });

  it('passes the listeners of both workloads, which know each other', async () => {
    const port = await echo();
    const server = {
      name: 'web-v1',
      namespace: 'default',
      service: 'web',
      labels: { app: 'web', version: 'v1' },
      serviceAccount: 'web',
      address: '127.0.0.1',
      ports: { 80: port },
    };
    const client = {
      name: 'client',
      namespace: 'default',
      service: 'client',
      labels: { app: 'client', version: 'v7' },
      serviceAccount: 'default',
      address: '127.0.0.1',
      ports: {},
    };
    await mesh.apply(service('web', port), { workloads: [client, server] });
    expect((await get('/two')).status).toBe(200);
    expect(
      mesh.records.map((one) => [one.direction, one.cluster?.name, one.peer?.service]),
    ).toEqual([
      ['inbound', 'inbound|80||', 'client'],
      ['outbound', 'outbound|80||web.default.svc.cluster.local', undefined],
    ]);
    expect(mesh.records[0]?.trace?.traceId).toBe(mesh.records[1]?.trace?.traceId);
    expect(mesh.records[0]?.trace?.parentSpanId).toBe(mesh.records[1]?.trace?.spanId);
  });
});
