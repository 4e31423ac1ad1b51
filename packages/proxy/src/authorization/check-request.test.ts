import { describe, expect, it } from 'vitest';
import type { AuthorizationRequest } from './authorization.ts';
import { checkRequest, verdictOf } from './check-request.ts';
import { httpSettings, type ExtAuthzHttp } from './extension-provider.ts';

const settings = (more: Partial<ExtAuthzHttp> = {}) =>
  httpSettings('waf', { service: 'sdc/waf.sdc.svc.cluster.local', port: 8000, ...more });

const HEADERS = [
  ['host', 'www.sdc.com'],
  ['authorization', 'Bearer x'],
  ['x-team', 'blue'],
  ['x-team', 'red'],
  ['cookie', 'a=b'],
  ['connection', 'close'],
] as const;
const request: AuthorizationRequest = {
  method: 'POST',
  path: '/a',
  target: '/a?b=c',
  authority: 'www.sdc.com',
  port: 80,
  header: (name) => HEADERS.find(([one]) => one === name)?.[1],
  headers: () => HEADERS,
  sourceIp: '10.0.0.1',
  remoteIp: '10.0.0.1',
  principal: '',
  serverName: '',
  body: Buffer.from('0123456789'),
  bodyComplete: true,
};

describe('httpSettings', () => {
  it('has Istio’s defaults', () => {
    expect(settings()).toMatchObject({
      host: 'waf.sdc.svc.cluster.local',
      timeoutMs: 600_000,
      pathPrefix: '',
      failOpen: false,
      statusOnError: 403,
      bodyBytes: 0,
      downstreamHeadersOnDeny: undefined,
    });
  });

  it.each([
    [{ statusOnError: 'no' }, 'statusOnError no is not a status'],
    [{ port: 0 }, 'port 0 is not a port'],
    [{ pathPrefix: 'x' }, 'pathPrefix does not begin with /'],
  ])('refuses %j', (more, message) => expect(() => settings(more)).toThrow(message));
});

describe('checkRequest', () => {
  it('sends method, prefixed path, Host and Authorization, and no body', () => {
    expect(checkRequest(request, settings({ pathPrefix: '/check' }))).toEqual({
      method: 'POST',
      path: '/check/a?b=c',
      headers: { host: 'www.sdc.com', authorization: 'Bearer x', 'content-length': '0' },
      body: undefined,
    });
  });

  it('sends headers that are named, others of its own, and as much of the body as is wanted', () => {
    const asked = checkRequest(
      request,
      settings({
        includeRequestHeadersInCheck: ['X-*', 'connection'],
        includeAdditionalHeadersInCheck: { 'X-From': 'edge' },
        includeRequestBodyInCheck: { maxRequestBytes: 4 },
      }),
    );
    expect(asked.headers).toEqual({
      host: 'www.sdc.com',
      authorization: 'Bearer x',
      'x-team': 'blue,red',
      'x-from': 'edge',
      'x-envoy-auth-partial-body': 'true',
      'content-length': '4',
    });
    expect(String(asked.body)).toBe('0123');
  });
});

describe('verdictOf', () => {
  const answer = (status: number) => ({
    status,
    headers: [
      ['x-user', 'ann'],
      ['location', '/login'],
      ['set-cookie', 'a=b'],
      ['content-length', '3'],
    ] as const,
    body: Buffer.from('why'),
  });

  it('allows with 200, with the headers that are named', () => {
    expect(verdictOf(answer(200), settings())).toEqual({
      kind: 'allow',
      requestHeaders: [],
      responseHeaders: [],
      unchecked: false,
    });
    expect(
      verdictOf(
        answer(200),
        settings({
          headersToUpstreamOnAllow: ['x-*'],
          headersToDownstreamOnAllow: ['set-cookie', 'content-*'],
        }),
      ),
    ).toEqual({
      kind: 'allow',
      requestHeaders: [['x-user', 'ann']],
      responseHeaders: [['set-cookie', 'a=b']],
      unchecked: false,
    });
  });

  it('denies with the authorizer’s own answer', () => {
    expect(verdictOf(answer(302), settings())).toEqual({
      kind: 'deny',
      status: 302,
      headers: [
        ['x-user', 'ann'],
        ['location', '/login'],
        ['set-cookie', 'a=b'],
      ],
      body: Buffer.from('why'),
      details: 'ext_authz_denied',
    });
    expect(
      verdictOf(answer(401), settings({ headersToDownstreamOnDeny: ['x-user'] })),
    ).toMatchObject({
      headers: [
        ['x-user', 'ann'],
        ['location', '/login'],
      ],
    });
  });

  it('takes 5xx for a failure, and lets through or refuses as it is told', () => {
    expect(verdictOf(answer(503), settings())).toMatchObject({
      kind: 'deny',
      status: 403,
      details: 'ext_authz_error',
    });
    expect(verdictOf(answer(500), settings({ statusOnError: '503' }))).toMatchObject({
      status: 503,
    });
    expect(verdictOf(answer(500), settings({ failOpen: true })).kind).toBe('allow');
  });
});
