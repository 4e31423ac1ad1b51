// The proxy does what `decide` says, on random tables and requests.

import fc from 'fast-check';
import { compile, decide, readResources, type Resource } from '@clover/traffic';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLIENT, service, startMesh, type Mesh } from './support/mesh.ts';

let mesh: Mesh;
let yaml = '';
beforeAll(async () => {
  mesh = await startMesh();
  const ports = await Promise.all(
    ['v1', 'v2', 'v3'].map((name) =>
      mesh.http((request, response) =>
        response.end(`${name} ${request.url} ${request.headers.host}`),
      ),
    ),
  );
  yaml = service('web', ...ports);
});
afterAll(() => mesh.close());

const text = fc.constantFrom('a', 'b', 'ab', '/', 'v1');
const path = fc.constantFrom('/', '/a', '/a/b', '/ab', '/b?x=1', '/a/../b', '/a//b?y');
const stringMatch = fc.oneof(
  fc.record({ exact: text }),
  fc.record({ prefix: text }),
  fc.record({ regex: fc.constantFrom('a.*', '(?i)B', '[ab]+', '/.*') }),
);
const uriMatch = fc.oneof(
  fc.record({ exact: fc.constantFrom('/a', '/b', '/') }),
  fc.record({ prefix: fc.constantFrom('/a', '/b', '/') }),
  fc.record({ regex: fc.constantFrom('/a.*', '/[ab]', '.*') }),
);
const match = fc.record(
  {
    uri: uriMatch,
    headers: fc.dictionary(fc.constantFrom('x-a', 'x-b'), stringMatch, { minKeys: 1, maxKeys: 2 }),
    withoutHeaders: fc.dictionary(fc.constant('x-c'), stringMatch, { minKeys: 1, maxKeys: 1 }),
    method: fc.record({ exact: fc.constantFrom('GET', 'POST') }),
    queryParams: fc.dictionary(fc.constant('x'), fc.record({ exact: fc.constantFrom('1', '') }), {
      minKeys: 1,
      maxKeys: 1,
    }),
  },
  { requiredKeys: [] },
);
const destination = fc
  .constantFrom('v1', 'v2', 'v3', 'none')
  .map((subset) => ({ destination: { host: 'web', subset } }));
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ route: fc.tuple(destination) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      route: fc.tuple(destination),
      rewrite: fc.record({
        uri: fc.constantFrom('/new', '/'),
        authority: fc.constantFrom('other', 'web'),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      redirect: fc.record({
        uri: fc.constantFrom('/r', '/r?z'),
        redirectCode: fc.constantFrom(301, 308),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      directResponse: fc.record({
        status: fc.constantFrom(200, 418, 503),
        body: fc.constant({ string: 'direct' }),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      route: fc.tuple(destination),
      fault: fc.record({
        abort: fc.record({
          httpStatus: fc.constantFrom(404, 555),
          percentage: fc.record({ value: fc.constantFrom(0, 100) }),
        }),
      }),
    }),
  },
);
const rule = fc
  .tuple(fc.array(match, { maxLength: 2 }), action)
  .map(([blocks, what]) => ({ ...(blocks.length > 0 && { match: blocks }), ...what }));
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE'),
  path,
  headers: fc.dictionary(fc.constantFrom('x-a', 'x-b', 'x-c'), text, { maxKeys: 3 }),
});

it('the proxy and decide agree', async () => {
  const { resources: base } = readResources([{ name: 'base.yaml', text: yaml }]);
  const client = mesh.client.bind(mesh);
  await fc.assert(
    fc.asyncProperty(
      fc.array(rule, { minLength: 1, maxLength: 5 }),
      fc.array(request, { minLength: 5, maxLength: 10 }),
      async (http, requests) => {
        const virtualService = {
          apiVersion: 'networking.istio.io/v1',
          kind: 'VirtualService',
          metadata: { name: 'web', namespace: 'default' },
          spec: { hosts: ['web'], http },
        };
        const resources = [...base, virtualService as unknown as Resource];
        await mesh.plane.apply({ resources, workloads: [CLIENT], gateways: [] });
        const table = compile(resources);
        const caller = { via: 'sidecar', namespace: 'default', labels: CLIENT.labels } as const;
        const connection = client();
        for (const one of requests) {
          const headers = { host: 'web', ...one.headers };
          const { outcome, fault } = decide(table, caller, { ...one, headers, port: 80 });
          const answer = await connection.request(one.method, one.path, headers);
          if (fault?.abort) {
            expect(answer).toMatchObject({
              status: fault.abort.httpStatus,
              body: 'fault filter abort',
            });
          } else if (outcome.kind === 'forward') {
            const [to] = outcome.action.destinations;
            if (to!.missing) expect(answer.status).toBe(503);
            else
              expect(answer.body).toBe(`${to!.subset} ${outcome.path} ${to!.authority ?? 'web'}`);
          } else if (outcome.kind === 'redirect') {
            expect([answer.status, answer.headers['location']]).toEqual([
              outcome.status,
              outcome.location,
            ]);
          } else if (outcome.kind === 'directResponse') {
            expect(answer).toMatchObject({ status: outcome.status, body: outcome.body });
          } else expect([outcome.kind, answer.status]).toEqual(['notFound', 404]);
        }
        connection.close();
      },
    ),
    { numRuns: 150 },
  );
});
