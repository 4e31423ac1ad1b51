// An external authorizer over gRPC before a gateway, by gRPC's own server; what it is sent and what becomes of
// its answers is held to a real Envoy's.

import type { IncomingHttpHeaders } from 'node:http';
import { request as httpRequest } from 'node:http';
import { hasParts, titleWith, waitFor } from '@clover/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExtAuthzGrpc } from '../src/authorization/extension-provider.ts';
import { startEnvoy } from './support/envoy.ts';
import {
  startGrpcAuthorizer,
  type CheckAnswer,
  type Checked,
  type GrpcAuthorizer,
  type HeaderOption,
} from './support/grpc-authorizer.ts';
import { rules, service, startMesh, type Mesh } from './support/mesh.ts';

let mesh: Mesh;
let authorizer: GrpcAuthorizer;
let served: { url: string; headers: IncomingHttpHeaders; body: string }[];
let web: number;
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  mesh = await startMesh();
  served = [];
  web = await mesh.http((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      served.push({ url: request.url!, headers: request.headers, body });
      response.writeHead(200, { 'x-answer': 'web', 'x-kept': 'web' }).end('web');
    });
  });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await mesh.close();
});

type Judge = Parameters<typeof startGrpcAuthorizer>[0];

async function setUp(judge: Judge, spec: Partial<ExtAuthzGrpc> = {}, protocol = 'GRPC') {
  authorizer = await startGrpcAuthorizer(judge);
  closing.push(() => authorizer.close());
  const judgeService = service('judge', authorizer.port).replaceAll('HTTP }', `${protocol} }`);
  const edge = rules('edge', '- route: [{ destination: { host: web } }]').replace(
    'hosts: [edge]',
    'hosts: ["*"]\n  gateways: [edge]',
  );
  await mesh.apply(
    `${service('web', web)}${judgeService}${edge}---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: judge }
spec: { selector: { matchLabels: { istio: ingressgateway } }, action: CUSTOM, provider: { name: judge }, rules: [{ to: [{ operation: { notPaths: [/healthz] } }] }] }
`,
    {
      extensionProviders: [
        {
          name: 'judge',
          envoyExtAuthzGrpc: { service: 'judge.default.svc.cluster.local', port: 80, ...spec },
        },
      ],
    },
  );
}

interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

function send(
  at: { address: string; port: number },
  path: string,
  headers: Record<string, string | string[]> = {},
  body?: string,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    httpRequest({
      host: at.address,
      port: at.port,
      path,
      method: body === undefined ? 'GET' : 'POST',
      agent: false,
      headers: { host: 'www.sdc.com', ...headers },
    })
      .on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: text }),
        );
      })
      .on('error', reject)
      .end(body);
  });
}
const ask = (...rest: [path: string, headers?: Record<string, string | string[]>, body?: string]) =>
  send(mesh.port('gateway'), ...rest);

const header = (key: string, value: string, more: Partial<HeaderOption> = {}): HeaderOption => ({
  header: { key, value },
  ...more,
});
/** Each way of changing a header, on one that is there and one that is not. */
const everyWay = (prefix: string): HeaderOption[] =>
  [
    ['plain', {}],
    ['absent', { append_action: 1 }],
    ['set', { append_action: 2 }],
    ['there', { append_action: 3 }],
    ['old-append', { append: { value: true } }],
    ['old-set', { append: { value: false } }],
  ].flatMap(([name, more]) => [
    header(`${prefix}-has-${name as string}`, 'new', more as Partial<HeaderOption>),
    header(`${prefix}-new-${name as string}`, 'new', more as Partial<HeaderOption>),
  ]);
const WAYS = ['plain', 'absent', 'set', 'there', 'old-append', 'old-set'];

/** Answers by the path that is asked for. */
const ANSWERS: Readonly<Record<string, CheckAnswer | Buffer | number | undefined>> = {
  '/ok': {},
  '/ok-changes': {
    status: { code: 0 },
    ok_response: {
      headers: everyWay('x'),
      headers_to_remove: ['X-Secret', 'host', ':path'],
      response_headers_to_add: [...everyWay('y'), header('x-answer', 'more')],
    },
  },
  '/denied': { status: { code: 7 } },
  '/denied-well': {
    status: { code: 16 },
    denied_response: {
      status: { code: 401 },
      headers: [
        header('www-authenticate', 'Basic'),
        header('x-twice', 'a'),
        header('x-twice', 'b'),
      ],
      body: 'who are you? Æ',
    },
  },
  '/denied-ways': {
    status: { code: 7 },
    denied_response: { headers: [...everyWay('y'), ...everyWay('y')] },
  },
  '/denied-503': { status: { code: 7 }, denied_response: { status: { code: 503 }, body: 'shut' } },
  '/failed': 14,
  '/garbage': Buffer.from([0x0a, 0x99]),
};
const judge: Judge = ({ request: { http } }) => ANSWERS[http.path.split('?')[0]!];

describe('an authorizer over gRPC', () => {
  it('is asked about all of a request', async () => {
    await setUp(judge, {
      includeRequestBodyInCheck: { maxRequestBytes: 4, allowPartialMessage: true },
    });
    const answer = await ask(
      '/ok?a=b',
      { 'x-two': ['1', '2'], cookie: 'k=v', 'x-envoy-auth-partial-body': 'mine' },
      'abcdef',
    );
    expect(answer).toMatchObject({ status: 200, body: 'web' });
    expect(served).toMatchObject([{ url: '/ok?a=b', body: 'abcdef' }]);
    const [checked] = authorizer.seen;
    expect(checked).toMatchObject({
      source: { address: { socket_address: { address: '127.0.0.1' } } },
      destination: {
        address: { socket_address: { port_value: mesh.port('gateway').port } },
      },
      request: {
        http: {
          method: 'POST',
          path: '/ok?a=b',
          host: 'www.sdc.com',
          scheme: 'http',
          protocol: 'HTTP/1.1',
          body: 'abcd',
          headers: {
            ':authority': 'www.sdc.com',
            ':method': 'POST',
            ':path': '/ok?a=b',
            'x-two': '1,2',
            cookie: 'k=v',
            'x-envoy-auth-partial-body': 'true',
          },
        },
      },
      metadata: { traceparent: expect.any(String) },
    });
    expect(Math.abs(Number(checked!.request.time.seconds) - Date.now() / 1000)).toBeLessThan(60);
    // What the policy leaves out is not asked about.
    expect((await ask('/healthz')).status).toBe(200);
    expect(authorizer.seen).toHaveLength(1);
  });

  it('changes headers both ways, and nothing that makes the request what it is', async () => {
    await setUp(judge);
    const answer = await ask('/ok-changes', { 'x-has-set': 'old', 'x-secret': 's' });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-answer']).toBe('web, more');
    expect(served[0]!.headers).toMatchObject({ host: 'www.sdc.com', 'x-has-set': 'new' });
    expect(served[0]!.headers['x-secret']).toBeUndefined();
    expect(served[0]!.url).toBe('/ok-changes');
  });

  it('refuses in its own words, or with 403', async () => {
    await setUp(judge);
    expect(await ask('/denied')).toMatchObject({ status: 403, body: '' });
    const well = await ask('/denied-well', {}, 'a body');
    expect(well).toMatchObject({
      status: 401,
      body: 'who are you? Æ',
      headers: { 'www-authenticate': 'Basic', 'x-twice': 'a, b' },
    });
    expect(await ask('/denied-503')).toMatchObject({ status: 503, body: 'shut' });
    expect(served).toEqual([]);
    expect(mesh.records.findLast(({ direction }) => direction === 'gateway')).toMatchObject({
      responseFlags: 'UAEX',
      responseCodeDetails: 'ext_authz_denied',
    });
  });

  it('lets nothing pass when it fails, unless it is told to', async () => {
    await setUp(judge, { statusOnError: '502' });
    for (const path of ['/failed', '/garbage']) expect((await ask(path)).status).toBe(502);
    expect(mesh.records.at(-1)).toMatchObject({
      responseFlags: 'UAEX',
      responseCodeDetails: 'ext_authz_error',
    });
    await setUp(() => undefined, { timeout: '100ms' });
    expect((await ask('/late')).status).toBe(403);
    await setUp(judge, { failOpen: true });
    for (const path of ['/failed', '/garbage']) expect((await ask(path)).status).toBe(200);
    expect((await ask('/denied')).status).toBe(403);
    authorizer.close();
    await waitFor('nobody to answer', async () => (await ask('/denied')).status === 200);
    // A port of HTTP/1.1 has no gRPC.
    await setUp(judge, {}, 'HTTP');
    expect((await ask('/ok')).status).toBe(403);
  });

  it('gets bodies as bytes, and bad text made good', async () => {
    const body = { maxRequestBytes: 100, allowPartialMessage: true };
    await setUp(() => ({}), { includeRequestBodyInCheck: { ...body, packAsBytes: true } });
    await ask('/', {}, 'abc');
    expect(Buffer.from(authorizer.seen[0]!.request.http.raw_body, 'base64').toString()).toBe('abc');
    await setUp(() => ({}), { includeRequestBodyInCheck: body });
    const client = mesh.client('gateway');
    const answer = await client.request(
      'POST',
      '/',
      { host: 'www.sdc.com', 'content-length': '3', 'x-odd': 'a\u00ffb', 'x-word': '\u00c3\u00a9' },
      'a\u00ffb',
    );
    expect(answer.status).toBe(200);
    const { http } = authorizer.seen[0]!.request;
    expect(http.headers).toMatchObject({ 'x-odd': 'a!b', 'x-word': 'é' });
  });
});

describe.skipIf(!hasParts('envoy'))(titleWith('beside a real Envoy', 'envoy'), () => {
  it('sends the same and makes the same of each answer', async () => {
    await setUp(judge, {
      includeRequestBodyInCheck: { maxRequestBytes: 4, allowPartialMessage: true },
    });
    const clover = authorizer;
    const other = await startGrpcAuthorizer(judge);
    closing.push(() => other.close());
    const envoy = await startEnvoy({
      routes: { '/judge': { port: other.port, http2: true }, '/': { port: web } },
      jsonFormat: {},
      filters: [
        {
          name: 'envoy.filters.http.ext_authz',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz',
            transport_api_version: 'V3',
            grpc_service: {
              envoy_grpc: {
                cluster_name: 'outbound|80||judge.default.svc.cluster.local',
                authority: 'judge.default.svc.cluster.local',
              },
              timeout: '5s',
            },
            with_request_body: { max_request_bytes: 4, allow_partial_message: true },
          },
        },
      ],
    });
    closing.push(() => envoy.stop());
    const ways = Object.fromEntries(WAYS.map((way) => [`x-has-${way}`, 'old']));
    const asked: [string, Record<string, string | string[]>, string | undefined][] = [
      ['/ok?q=1', { 'x-two': ['1', '2'], 'user-agent': 'test' }, undefined],
      ['/ok', { 'content-length': '6' }, 'abcdef'],
      ['/ok-changes', { ...ways, 'x-secret': 's' }, undefined],
      ['/denied', {}, undefined],
      ['/denied-well', {}, undefined],
      ['/denied-ways', {}, undefined],
      ['/denied-503', {}, undefined],
      ['/failed', {}, undefined],
      ['/garbage', {}, undefined],
    ];
    for (const [path, headers, body] of asked) {
      served.length = 0;
      const ours = await send(mesh.port('gateway'), path, headers, body);
      const [oursServed] = served.splice(0);
      const theirs = await send({ address: '127.0.0.1', port: envoy.port }, path, headers, body);
      const [theirsServed] = served.splice(0);
      expect([path, comparable(ours)]).toEqual([path, comparable(theirs)]);
      expect([path, namedX(oursServed?.headers)]).toEqual([path, namedX(theirsServed?.headers)]);
      expect(checkedOf(clover.seen.at(-1)!)).toEqual(checkedOf(other.seen.at(-1)!));
    }
  });
});

/** Envoy 1.40 forgets headers of a refusal that have the old flag `append`; Clover sends them. */
const FORGOTTEN = /-old-append$/;
const namedX = (headers: IncomingHttpHeaders | undefined) =>
  headers &&
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^[xy]-(has|new|answer|kept|secret)/.test(name)),
  );
const withoutForgotten = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(
    Object.entries(namedX(headers) ?? {}).filter(([name]) => !FORGOTTEN.test(name)),
  );
const comparable = ({ status, headers, body }: Answered) => ({
  status,
  body,
  headers: {
    ...(status === 403 ? withoutForgotten(headers) : namedX(headers)),
    auth: headers['www-authenticate'],
    twice: headers['x-twice'],
  },
});

/** Without what is each proxy's own. */
function checkedOf({ request: { http } }: Checked) {
  const { method, path, host, scheme, protocol, body, raw_body, headers } = http;
  const kept = Object.entries(headers).filter(([name]) =>
    /^(:|x-two|x-has|x-secret|user-agent|x-envoy-auth)/.test(name),
  );
  return {
    method,
    path,
    host,
    scheme,
    protocol,
    body,
    raw_body,
    headers: Object.fromEntries(kept),
  };
}
