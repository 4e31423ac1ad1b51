// The proxy does what `decide` says where chance has a say, given the draw: weights, faults, mirrors; and
// with header operations, delegates and HTTPRoutes, from a sidecar and through gateways.

import fc from 'fast-check';
import {
  applyHeaders,
  compile,
  decide,
  readResources,
  type Caller,
  type ForwardAction,
  type Resource,
} from '@clover/traffic';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLIENT, startMesh, type Mesh } from './support/mesh.ts';

const MANAGED = { 'gateway.networking.k8s.io/gateway-name': 'managed' };
const gatewayOf = (name: string, labels: Record<string, string>) => ({
  name,
  namespace: 'default',
  labels,
  ports: { 80: 0 },
});
const GATEWAYS = [gatewayOf('edge', { istio: 'edge' }), gatewayOf('managed', MANAGED)];

/** What the proxy draws, for all that it draws for one request. */
let draw = 0;
let mesh: Mesh;
let base: readonly Resource[] = [];
const copied: string[] = [];
beforeAll(async () => {
  mesh = await startMesh({ random: () => draw });
  const ports = await Promise.all(
    ['v1', 'v2', 'v3'].map((name) =>
      mesh.http((request, response) => {
        const { url, headers } = request;
        response.setHeader('x-up', name);
        response.end(JSON.stringify({ name, url, headers }));
      }),
    ),
  );
  const shadow = await mesh.http((request, response) => {
    copied.push(String(request.headers['x-id']));
    response.end();
  });
  const service = (name: string, list: readonly number[]) => `---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{port: 80, name: http}]}
${list
  .map(
    (port, index) => `---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: ${name}-v${index + 1}}
spec: {address: 127.0.0.1, ports: {http: ${port}}, labels: {app: ${name}, version: v${index + 1}}}
`,
  )
  .join('')}`;
  const one = (port: number, version: string) => service(version, [port]);
  const text = `${service('web', ports)}${service('shadow', [shadow])}${ports.map((port, index) => one(port, `only-v${index + 1}`)).join('')}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec:
  host: web
  trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}, {name: v3, labels: {version: v3}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec: {selector: {istio: edge}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: managed}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
`;
  const read = readResources([{ name: 'base.yaml', text }]);
  if (read.findings.length > 0) throw new Error(JSON.stringify(read.findings));
  base = read.resources;
});
afterAll(() => mesh.close());

const operations = fc.record(
  {
    set: fc.dictionary(fc.constantFrom('x-a', 'x-new'), fc.constantFrom('1', 'two', '5%%'), {
      minKeys: 1,
    }),
    add: fc.dictionary(fc.constantFrom('x-a', 'x-more'), fc.constantFrom('3', 'four'), {
      minKeys: 1,
    }),
    remove: fc.constantFrom(['x-a'], ['x-b', 'x-up']),
  },
  { requiredKeys: [] },
);
const headers = fc.record({ request: operations, response: operations }, { requiredKeys: [] });
const destination = fc.record(
  {
    destination: fc.constantFrom('v1', 'v2', 'v3', 'none').map((subset) => ({
      host: 'web.default.svc.cluster.local',
      subset,
    })),
    weight: fc.integer({ min: 0, max: 5 }).map((weight) => weight * 10),
    headers,
  },
  { requiredKeys: ['destination', 'weight'] },
);
const half = fc.constantFrom(0, 50, 100).map((value) => ({ value }));
const action = fc.record(
  {
    route: fc
      .uniqueArray(destination, {
        minLength: 1,
        maxLength: 3,
        selector: (one) => one.destination.subset,
      })
      .filter((list) => list.length === 1 || list.some((one) => one.weight > 0)),
    headers,
    fault: fc.record({ abort: fc.record({ httpStatus: fc.constant(555), percentage: half }) }),
    mirrors: fc.tuple(
      fc.record({
        destination: fc.constant({ host: 'shadow.default.svc.cluster.local' }),
        percentage: half,
      }),
    ),
    rewrite: fc.record({ uri: fc.constantFrom('/new', '/') }),
  },
  { requiredKeys: ['route'] },
);
const match = fc.record(
  {
    uri: fc.constantFrom({ prefix: '/a' }, { exact: '/b' }, { prefix: '/' }),
    headers: fc.constantFrom({ 'x-a': { exact: 'a' } }, { 'x-b': {} }),
  },
  { requiredKeys: [] },
);
const rule = fc
  .tuple(fc.array(match, { maxLength: 2 }), action)
  .map(([blocks, what]) => ({ ...(blocks.length > 0 && { match: blocks }), ...what }));
/** The last part of the rules stands in a delegate. */
const services = fc
  .tuple(fc.array(rule, { minLength: 1, maxLength: 4 }), fc.nat(3), match)
  .map(([http, handedOver, block]) => {
    const own = http.slice(0, http.length - handedOver);
    const rest = http.slice(own.length);
    const virtualService = (name: string, spec: object) => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name, namespace: 'default' },
      spec,
    });
    const root = rest.length > 0 ? [{ match: [block], delegate: { name: 'part' } }] : [];
    return [
      virtualService('web', {
        hosts: ['web'],
        gateways: ['mesh', 'edge'],
        http: [...own, ...root],
      }),
      ...(rest.length > 0 ? [virtualService('part', { http: rest })] : []),
    ];
  });
const backend = fc.record({
  name: fc.constantFrom('only-v1', 'only-v2', 'nobody'),
  port: fc.constant(80),
  weight: fc.integer({ min: 0, max: 3 }),
});
const httpRoute = fc
  .array(
    fc.record(
      {
        matches: fc.tuple(
          fc.record(
            {
              path: fc.constantFrom(
                { type: 'PathPrefix', value: '/a' },
                { type: 'Exact', value: '/b' },
                { type: 'PathPrefix', value: '/' },
              ),
              method: fc.constantFrom('GET', 'POST'),
              headers: fc.constant([{ name: 'x-a', value: 'a' }]),
            },
            { requiredKeys: [] },
          ),
        ),
        backendRefs: fc
          .uniqueArray(backend, { maxLength: 3, minLength: 1, selector: (one) => one.name })
          .filter((list) => list.some((one) => one.weight > 0)),
      },
      { requiredKeys: ['backendRefs'] },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((list) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'routed', namespace: 'default' },
    spec: { parentRefs: [{ name: 'managed' }], hostnames: ['routed.com'], rules: list },
  }));
const request = fc.record({
  from: fc.constantFrom('client', 'edge', 'managed'),
  method: fc.constantFrom('GET', 'POST'),
  path: fc.constantFrom('/', '/a', '/a/b', '/ab', '/b?x=1'),
  headers: fc.dictionary(fc.constantFrom('x-a', 'x-b'), fc.constantFrom('a', 'b'), { maxKeys: 2 }),
  // Never on the border of a share.
  draw: fc.integer({ min: 0, max: 99 }).map((hundredths) => (hundredths + 0.37) / 100),
});

/** The destination whose part of 0..1 holds the draw. */
function chosen({ destinations }: ForwardAction, at: number) {
  let sum = 0;
  return destinations.find((one) => (sum += one.probability) > at + 1e-9) ?? destinations.at(-1)!;
}

it('the proxy and decide agree for any draw, from sidecars and gateways', async () => {
  let id = 0;
  const copies: string[] = [];
  await fc.assert(
    fc.asyncProperty(
      services,
      httpRoute,
      fc.array(request, { minLength: 6, maxLength: 12 }),
      async (virtualServices, route, requests) => {
        const resources = [...base, ...virtualServices, route] as unknown as Resource[];
        await mesh.plane.apply({ resources, workloads: [CLIENT], gateways: GATEWAYS });
        const table = compile(resources);
        for (const one of requests) {
          const gateway = GATEWAYS.find(({ name }) => name === one.from);
          const caller: Caller = gateway
            ? { via: 'gateway', namespace: 'default', labels: gateway.labels }
            : { via: 'sidecar', namespace: 'default', labels: CLIENT.labels };
          const connection = gateway
            ? mesh.client('gateway', `default/${gateway.name}`)
            : mesh.client();
          const sent = {
            host: one.from === 'managed' ? 'routed.com' : 'web.default.svc.cluster.local',
            'x-id': String(++id),
            ...one.headers,
          };
          ({ draw } = one);
          const { outcome, fault } = decide(table, caller, { ...one, headers: sent, port: 80 });
          const answer = await connection.request(one.method, one.path, sent);
          connection.close();
          if (fault?.abort && draw < fault.abort.probability) {
            expect(answer.status).toBe(555);
          } else if (outcome.kind === 'forward') {
            const to = chosen(outcome.action, draw);
            if (to.missing) {
              expect(answer.status).toBe(outcome.action.missingStatus);
              continue;
            }
            const seen = JSON.parse(answer.body) as {
              name: string;
              url: string;
              headers: Record<string, string>;
            };
            expect([seen.name, seen.url]).toEqual([
              // Without a subset any of the service's endpoints will do.
              to.subset || (/^only-(v\d)/.exec(to.host)?.[1] ?? seen.name),
              outcome.path,
            ]);
            const own = (all: Readonly<Record<string, unknown>>) =>
              Object.fromEntries(
                Object.entries(all).filter(([name]) =>
                  ['x-a', 'x-b', 'x-new', 'x-more', 'x-id', 'x-up'].includes(name),
                ),
              );
            // Node joins what came several times in the same way.
            expect(own(seen.headers)).toEqual(own(applyHeaders(sent, to.requestHeaders)));
            const answered = applyHeaders({ 'x-up': seen.name }, to.responseHeaders);
            expect(own(answer.headers)).toEqual(own(answered));
            for (const mirror of outcome.action.mirrors)
              if (draw < mirror.probability) copies.push(sent['x-id']);
          } else if (outcome.kind === 'directResponse') {
            expect(answer.status).toBe(outcome.status);
          } else expect([outcome.kind, answer.status]).toEqual(['notFound', 404]);
        }
      },
    ),
    { numRuns: 100 },
  );
  // Nothing is copied of what a fault aborted.
  const byNumber = (list: readonly string[]) => list.toSorted((a, b) => Number(a) - Number(b));
  await expect.poll(() => byNumber(copied)).toEqual(byNumber(copies));
  expect(copies.length).toBeGreaterThan(20);
});
