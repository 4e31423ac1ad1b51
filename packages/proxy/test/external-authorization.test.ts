import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { compile, readResources } from '@clover/traffic';
import type { AuthorizationRequest, Verdict } from '../src/authorization/authorization.ts';
import type { ExtAuthzHttp } from '../src/authorization/extension-provider.ts';
import { createAuthorization } from '../src/authorization/external-authorizer.ts';
import { createClusters } from '../src/upstream/create-clusters.ts';
import { closeAll, closing, listen } from './support/tls.ts';

afterEach(closeAll);

const HOST = 'waf.sdc.svc.cluster.local';
const GATEWAY = { namespace: 'sdc', labels: { istio: 'ingressgateway' } };

function request(target = '/a?b=c'): AuthorizationRequest {
  const headers = [
    ['host', 'www.sdc.com'],
    ['user-agent', 'x'],
  ] as const;
  return {
    method: 'GET',
    path: target.split('?')[0]!,
    target,
    authority: 'www.sdc.com',
    port: 80,
    header: (name) => headers.find(([one]) => one === name)?.[1],
    headers: () => headers,
    sourceIp: '10.0.0.1',
    remoteIp: '10.0.0.1',
    principal: '',
    serverName: '',
    body: undefined,
    bodyComplete: true,
  };
}

async function authorizer(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing({
    close() {
      server.close();
      server.closeAllConnections();
    },
  });
  return (server.address() as AddressInfo).port;
}

function setUp(port: number, spec: Partial<ExtAuthzHttp> = {}, provider = 'waf') {
  const { resources, findings } = readResources([
    {
      name: 'a.yaml',
      text: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: waf, namespace: sdc}
spec: {hosts: [${HOST}], ports: [{number: 8000, name: http, protocol: HTTP, targetPort: ${port}}], resolution: STATIC, endpoints: [{address: 127.0.0.1}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: waf, namespace: sdc}
spec: {action: CUSTOM, provider: {name: ${provider}}, rules: [{to: [{operation: {notPaths: [/healthz]}}]}]}
`,
    },
  ]);
  expect(findings).toEqual([]);
  const clusters = closing(createClusters({ table: compile(resources) }));
  const authorization = createAuthorization({
    resources,
    providers: [{ name: 'waf', envoyExtAuthzHttp: { service: HOST, port: 8000, ...spec } }],
    workload: GATEWAY,
    clusters: () => clusters,
  })!;
  const cluster = clusters.get(HOST, '', 8000, 'sdc')!;
  return { authorization, cluster };
}
const ask = (one: ReturnType<typeof setUp>, asked = request()) =>
  new Promise<Verdict>((done) => void one.authorization.authorize(asked, done));

describe('createAuthorization', () => {
  it('asks the authorizer, over a connection that is kept', async () => {
    const seen: IncomingMessage[] = [];
    const ports = new Set<number | undefined>();
    const port = await authorizer((incoming, answer) => {
      seen.push(incoming);
      ports.add(incoming.socket.remotePort);
      const allowed = incoming.url !== '/waf/attack';
      answer.writeHead(allowed ? 200 : 403, { 'x-rule': '7' }).end(allowed ? '' : 'no');
    });
    const made = setUp(port, {
      pathPrefix: '/waf',
      headersToUpstreamOnAllow: ['x-rule'],
      includeRequestHeadersInCheck: ['user-agent'],
    });
    expect(await ask(made)).toEqual({
      kind: 'allow',
      requestHeaders: [['x-rule', '7']],
      responseHeaders: [],
      unchecked: false,
    });
    expect(seen[0]).toMatchObject({ method: 'GET', url: '/waf/a?b=c' });
    expect(seen[0]!.headers).toMatchObject({
      host: 'www.sdc.com',
      'user-agent': 'x',
      'content-length': '0',
    });
    expect(await ask(made, request('/attack'))).toMatchObject({
      kind: 'deny',
      status: 403,
      body: Buffer.from('no'),
    });
    expect(ports.size).toBe(1);
    expect(made.cluster.endpoints[0]!.active).toBe(0);
    expect(made.authorization.asks(request('/healthz'))).toBe(false);
    expect(made.authorization.asks(request())).toBe(true);
  });

  it('refuses, or lets through, when the authorizer is late, gone, or breaks off', async () => {
    const silent = await authorizer(() => {});
    const late = { timeout: '50ms' };
    expect(await ask(setUp(silent, late))).toMatchObject({
      kind: 'deny',
      status: 403,
      details: 'ext_authz_error',
    });
    expect(await ask(setUp(silent, { ...late, failOpen: true }))).toMatchObject({ kind: 'allow' });
    const breaking = await listen(
      (socket) =>
        void socket.once('data', () =>
          socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab'),
        ),
    );
    expect(await ask(setUp(breaking, { statusOnError: '503' }))).toMatchObject({
      kind: 'deny',
      status: 503,
    });
    const gone = await authorizer(() => {});
    closeAll();
    expect(await ask(setUp(gone))).toMatchObject({ kind: 'deny', status: 403 });
    expect(await ask(setUp(gone), request('/a\r\nb'))).toMatchObject({ kind: 'deny', status: 403 });
  });

  it('tries once more when a kept connection was closed meanwhile', async () => {
    let answers = 0;
    const port = await authorizer((_incoming, answer) => {
      answers++;
      const { socket } = answer;
      answer.end();
      setImmediate(() => socket?.destroy());
    });
    const made = setUp(port);
    for (let n = 0; n < 20; n++) expect(await ask(made)).toMatchObject({ kind: 'allow' });
    expect(answers).toBe(20);
  });

  it('says nothing after it was cancelled', async () => {
    const port = await authorizer((_incoming, answer) => void setTimeout(() => answer.end(), 20));
    const made = setUp(port);
    let told = false;
    const cancel = made.authorization.authorize(request(), () => (told = true));
    cancel();
    await ask(made);
    expect(told).toBe(false);
    expect(made.cluster.endpoints[0]!.active).toBe(0);
  });

  it('wants the body within its limit', async () => {
    const bodies: string[] = [];
    const port = await authorizer((incoming, answer) => {
      let body = '';
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
      incoming.on('end', () => {
        bodies.push(body);
        answer.end();
      });
    });
    const made = setUp(port, { includeRequestBodyInCheck: { maxRequestBytes: 5 } });
    expect(made.authorization.bodyBytes).toBe(5);
    const body = (text: string) => ({ ...request(), method: 'POST', body: Buffer.from(text) });
    expect(await ask(made, body('12345'))).toMatchObject({ kind: 'allow' });
    expect(await ask(made, body('123456'))).toMatchObject({ kind: 'deny', status: 413 });
    const partial = setUp(port, {
      includeRequestBodyInCheck: { maxRequestBytes: 5, allowPartialMessage: true },
    });
    expect(await ask(partial, body('123456'))).toMatchObject({ kind: 'allow' });
    expect(bodies).toEqual(['12345', '12345']);
  });

  it('denies all when nobody knows the provider', async () => {
    const made = setUp(1, {}, 'other');
    expect(made.authorization.asks(request('/healthz'))).toBe(true);
    expect(await ask(made)).toMatchObject({ kind: 'deny', status: 403 });
  });

  it('refuses settings that cannot be', () => {
    expect(() => setUp(1, { statusOnError: 'x' })).toThrow('statusOnError x is not a status');
  });
});
