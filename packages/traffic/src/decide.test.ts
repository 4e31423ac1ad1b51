import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from './compile.ts';
import { decide, decideHead } from './decide.ts';
import { readResources } from './read/read-resources.ts';
import type { Caller, TrafficRequest } from './request.ts';

const SERVICES = ['a', 'b']
  .map(
    (name) => `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{port: 80, name: http}, {port: 81, name: http-two}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${name}}
spec: {host: ${name}, subsets: [{name: v1, labels: {v: "1"}}, {name: v2, labels: {v: "2"}}]}
---
`,
  )
  .join('');

/** A table of services a and b and one VirtualService for a with these rules. */
function tableOf(http: string, rest = '') {
  const text = `${SERVICES}apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: vs}
spec:
  hosts: [a]
  http:
${http.replace(/^/gm, '  ')}
${rest}`;
  const read = readResources([{ name: 'a.yaml', text }]);
  expect(read.findings.filter((one) => one.severity === 'error')).toEqual([]);
  return compile(read.resources);
}
const sidecar: Caller = { via: 'sidecar', namespace: 'default', labels: { app: 'x' } };
const get = (path: string, headers: Record<string, string> = {}): TrafficRequest => ({
  method: 'GET',
  path,
  headers: { host: 'a', ...headers },
  port: 80,
});
const TO_B = 'route: [{destination: {host: b}}]';

describe('decide', () => {
  it('sends a destination without port to the port that the caller used', () => {
    const table = tableOf(`- ${TO_B}`);
    const { outcome } = decide(table, sidecar, { ...get('/'), port: 81 });
    expect(outcome).toMatchObject({ action: { destinations: [{ port: 81, missing: undefined }] } });
  });

  it('finds rules of exact paths among many as it would one by one', () => {
    const paths = ['/', '/a', '/b', '/c', '/d', '/e', '/f/g'];
    const rule = fc.record({
      path: fc.constantFrom(...paths),
      kind: fc.constantFrom('exact', 'prefix'),
      header: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(rule, { minLength: 4, maxLength: 12 }), (rules) => {
        const http = rules
          .map(
            ({ path, kind, header }) =>
              `- match: [{uri: {${kind}: ${path}}${header ? ', headers: {x: {exact: y}}' : ''}}]\n  ${TO_B}`,
          )
          .join('\n');
        const table = tableOf(http);
        for (const path of [...paths, '/f', '/zz']) {
          for (const x of ['y', 'n']) {
            const first = rules.findIndex(
              (one) =>
                (one.kind === 'exact' ? path === one.path : path.startsWith(one.path)) &&
                (!one.header || x === 'y'),
            );
            const { rule: taken } = decide(table, sidecar, get(path, { x }));
            expect(taken?.ruleIndex ?? -1).toBe(first);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('needs no more of a request than its head', () => {
    const table = tableOf(`- match: [{headers: {x-user: {exact: jason}}}]\n  ${TO_B}`);
    const asked: string[] = [];
    const decision = decideHead(table.view(sidecar, 80), {
      method: 'GET',
      path: '/',
      authority: 'A:80',
      scheme: 'http',
      header: (name) => (asked.push(name), name === 'x-user' ? 'jason' : undefined),
    });
    expect(decision.rule).toMatchObject({ virtualService: 'default/vs', ruleIndex: 0 });
    expect(asked[0]).toBe('x-user');
  });

  it('redirects: replaces the matched prefix, the whole path, port, scheme and authority', () => {
    const location = (redirect: string) => {
      const table = tableOf(`- match: [{uri: {prefix: /old}}]\n  redirect: ${redirect}`);
      const { outcome } = decide(table, sidecar, get('/old/x?q=1'));
      return outcome.kind === 'redirect' ? `${outcome.status} ${outcome.location}` : outcome.kind;
    };
    expect(location('{prefixRewrite: /new}')).toBe('301 http://a/new/x?q=1');
    expect(location('{uri: /new}')).toBe('301 http://a/new?q=1');
    expect(location('{authority: c.com, redirectCode: 308}')).toBe('308 http://c.com/old/x?q=1');
    expect(location('{scheme: https, port: 8443}')).toBe('301 https://a:8443/old/x?q=1');
    expect(location('{scheme: https, derivePort: FROM_REQUEST_PORT}')).toBe(
      '301 https://a:80/old/x?q=1',
    );
  });

  it('lets a caller inside the mesh choose its timeout by x-envoy-upstream-rq-timeout-ms', () => {
    const table = tableOf(`- timeout: 3s\n  ${TO_B}`);
    const timeout = (headers: Record<string, string>) => {
      const { outcome } = decide(table, sidecar, get('/', headers));
      return outcome.kind === 'forward' ? outcome.timeoutMs : undefined;
    };
    expect(timeout({})).toBe(3000);
    expect(timeout({ 'x-envoy-upstream-rq-timeout-ms': '250' })).toBe(250);
    expect(timeout({ 'x-envoy-upstream-rq-timeout-ms': 'soon' })).toBe(3000);
    const grpc = { 'content-type': 'application/grpc' };
    expect(timeout({ ...grpc, 'grpc-timeout': '100m' })).toBe(100);
    expect(timeout({ ...grpc, 'grpc-timeout': '1H' })).toBe(3000);
    expect(timeout({ 'grpc-timeout': '100m' })).toBe(3000);
  });

  describe('corsPolicy', () => {
    const cors = (extra = '') =>
      tableOf(
        `- corsPolicy: {allowOrigins: [{exact: "https://a.com"}, {regex: "https://.*[.]b[.]com"}], allowMethods: [GET, PUT], allowHeaders: [x-a], exposeHeaders: [x-b], maxAge: 90s, allowCredentials: true${extra}}\n  ${TO_B}`,
      );
    const preflight = (origin: string): TrafficRequest => ({
      ...get('/', { origin, 'access-control-request-method': 'PUT' }),
      method: 'OPTIONS',
    });

    it('answers a preflight of an allowed origin itself', () => {
      expect(decide(cors(), sidecar, preflight('https://x.b.com'))).toMatchObject({
        outcome: { kind: 'preflight' },
        cors: {
          'access-control-allow-origin': 'https://x.b.com',
          'access-control-allow-methods': 'GET,PUT',
          'access-control-allow-headers': 'x-a',
          'access-control-max-age': '90',
          'access-control-allow-credentials': 'true',
        },
      });
    });

    it('forwards the preflight of another origin, unless unmatchedPreflights is IGNORE', () => {
      const other = preflight('https://c.com');
      expect(decide(cors(), sidecar, other)).toMatchObject({
        outcome: { kind: 'forward' },
        cors: undefined,
      });
      expect(decide(cors(', unmatchedPreflights: IGNORE'), sidecar, other)).toMatchObject({
        outcome: { kind: 'preflight' },
        cors: {},
      });
    });

    it('marks the answers to requests of allowed origins', () => {
      expect(decide(cors(), sidecar, get('/', { origin: 'https://a.com' }))).toMatchObject({
        outcome: { kind: 'forward' },
        cors: {
          'access-control-allow-origin': 'https://a.com',
          'access-control-allow-credentials': 'true',
          'access-control-expose-headers': 'x-b',
        },
      });
      expect(decide(cors(), sidecar, get('/', { origin: 'https://c.com' })).cors).toBeUndefined();
      expect(decide(cors(), sidecar, get('/')).cors).toBeUndefined();
    });
  });

  describe('Sidecar', () => {
    const sidecarResource = (spec: string, namespace = 'default') =>
      `---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s, namespace: ${namespace}}\nspec: ${spec}\n`;
    const elsewhere = { ...get('/'), headers: { host: 'nobody.com' } };
    const kind = (rest: string) =>
      decide(tableOf(`- ${TO_B}`, rest), sidecar, elsewhere).outcome.kind;

    it('outboundTrafficPolicy says what becomes of unknown hosts', () => {
      expect(kind('')).toBe('passthrough');
      expect(kind(sidecarResource('{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}'))).toBe(
        'blocked',
      );
      expect(kind(sidecarResource('{outboundTrafficPolicy: {}}'))).toBe('blocked');
      expect(kind(sidecarResource('{outboundTrafficPolicy: {mode: ALLOW_ANY}}'))).toBe(
        'passthrough',
      );
    });

    it('counts for the workloads that it selects, else for its namespace, else for the mesh', () => {
      const blocking = '{outboundTrafficPolicy: {mode: REGISTRY_ONLY}';
      expect(kind(sidecarResource(`${blocking}, workloadSelector: {labels: {app: x}}}`))).toBe(
        'blocked',
      );
      expect(kind(sidecarResource(`${blocking}, workloadSelector: {labels: {app: y}}}`))).toBe(
        'passthrough',
      );
      expect(kind(sidecarResource(`${blocking}}`, 'istio-system'))).toBe('blocked');
      expect(kind(sidecarResource(`${blocking}}`, 'other'))).toBe('passthrough');
    });

    it('egress hosts say what a workload knows', () => {
      const table = tableOf(
        `- ${TO_B}`,
        sidecarResource('{egress: [{hosts: ["./b.default.svc.cluster.local"]}]}'),
      );
      expect(decide(table, sidecar, get('/')).outcome.kind).toBe('passthrough');
      const toB = { ...get('/'), headers: { host: 'b' } };
      expect(decide(table, sidecar, toB).outcome.kind).toBe('forward');
    });
  });
});
