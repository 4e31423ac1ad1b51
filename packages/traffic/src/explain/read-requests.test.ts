import { describe, expect, it } from 'vitest';
import { requestsOfLine } from './read-requests.ts';

const one = (line: string) => {
  const read = requestsOfLine(line);
  if (typeof read === 'string') throw new Error(read);
  return read;
};

describe('a line of a request file', () => {
  it('is a request of the own form, with header names in lower case', () => {
    expect(
      one(
        '{"via":"gateway","method":"GET","path":"/a","headers":{"Host":"x","X-A":["1","2"]},"answer":{"status":404}}',
      ),
    ).toEqual({
      requests: [
        {
          via: 'gateway',
          method: 'GET',
          path: '/a',
          headers: { host: 'x', 'x-a': '1,2' },
          answer: { status: 404 },
          whole: true,
        },
      ],
      passedOver: 0,
    });
    expect(one('{"cases":[{"method":"GET","path":"/","headers":{}}]}').requests).toHaveLength(1);
    expect(one('').requests).toEqual([]);
  });

  it('is an entry of an access log, text or JSON, with what was recorded', () => {
    const entry =
      '[2026-01-01T00:00:00Z] "GET /a?b=1 HTTP/2" 503 UF upstream_reset - "-" 0 77 2 - "-" "curl/8" "id-1" "shop:80" "10.0.0.1:80" outbound|80|v1|web.demo.svc.cluster.local - 10.0.0.9:80 10.0.0.8:1 - default';
    const json = JSON.stringify({
      method: 'GET',
      path: '/a?b=1',
      authority: 'shop:80',
      user_agent: 'curl/8',
      request_id: 'id-1',
      response_code: 503,
      upstream_cluster: 'outbound|80|v1|web.demo.svc.cluster.local;',
      downstream_local_address: '10.0.0.9:80',
    });
    expect(one(entry)).toEqual(one(json));
    expect(one(entry).requests[0]).toMatchObject({
      path: '/a?b=1',
      headers: { host: 'shop:80', 'user-agent': 'curl/8' },
      port: 80,
      whole: false,
      answer: { status: 503, destination: { host: 'web.demo.svc.cluster.local', subset: 'v1' } },
    });
    const envoy =
      '[2026-01-01T00:00:00Z] "GET / HTTP/1.1" 200 - 0 1 2 1 "-" "-" "-" "shop" "10.0.0.1:80"';
    expect(one(envoy).requests[0]).toMatchObject({
      headers: { host: 'shop' },
      answer: { status: 200 },
    });
    expect(one(entry.replace('outbound|80|v1|web.demo.svc.cluster.local', 'inbound|80||'))).toEqual(
      {
        requests: [],
        passedOver: 1,
      },
    );
  });

  it('is a document of spans, of which those of proxies that decide count', () => {
    const attributes = (values: Record<string, string>) =>
      Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
    const span = (kind: number, more: Record<string, string>) => ({
      traceId: 'aa',
      kind,
      attributes: attributes({ 'http.method': 'GET', 'http.url': 'https://web:81/a?b', ...more }),
    });
    const read = one(
      JSON.stringify({
        resourceSpans: [
          {
            resource: { attributes: attributes({ 'service.name': 'front.demo' }) },
            scopeSpans: [
              {
                spans: [
                  span(3, {
                    upstream_cluster: 'outbound|81|v2|web.demo.svc.cluster.local',
                    'istio.canonical_revision': 'v1',
                    'http.request.header.x_user': 'ann',
                  }),
                  span(2, { upstream_cluster: 'inbound|80||' }),
                  span(2, { node_id: 'router~1~gw~x' }),
                ],
              },
            ],
          },
        ],
      }),
    );
    expect(read.passedOver).toBe(1);
    expect(read.requests).toMatchObject([
      {
        via: 'sidecar',
        scheme: 'https',
        path: '/a?b',
        headers: { host: 'web:81', 'x-user': 'ann' },
        labels: { app: 'front', version: 'v1' },
        namespace: 'demo',
        port: 81,
        traceId: 'aa',
      },
      { via: 'gateway' },
    ]);
  });

  it('says what it is not', () => {
    expect(requestsOfLine('{"method":"GET"}')).toBe('a request has method and path');
    expect(requestsOfLine('hello')).toBe("neither JSON nor Envoy's access log");
    expect(requestsOfLine('{x')).toMatch(/^not JSON: /);
    expect(requestsOfLine('[{"method":"GET","path":"/","headers":{}},3]')).toBe(
      'a request is an object',
    );
  });
});
