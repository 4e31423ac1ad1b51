// What comes first when a rule says several things: the destination by weight, then the endpoint by hash;
// a delay, then an abort, after which nothing else happens to a request.

import { waitFor } from '@clover/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rules, service, startMesh, type Mesh } from './support/mesh.ts';

let mesh: Mesh;
beforeEach(async () => {
  mesh = await startMesh();
});
afterEach(() => mesh.close());

const named = (name: string) => mesh.http((_, response) => response.end(name));

describe('a consistent hash', () => {
  it('picks an endpoint within the destination that the weights have chosen', async () => {
    const endpoints = await Promise.all(
      ['v1', 'v1', 'v1', 'v2', 'v2', 'v2'].map(async (version, n) => ({
        version,
        port: await named(`${version} ${n}`),
      })),
    );
    await mesh.apply(
      `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: web }
spec:
  hosts: [web.default.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints:
${endpoints.map(({ version, port }) => `    - { address: 127.0.0.1, ports: { http: ${port} }, labels: { version: ${version} } }`).join('\n')}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web }
spec:
  host: web
  trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: x-user } } }
  subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
` +
        rules(
          'web',
          `
- route:
    - { destination: { host: web, subset: v1 }, weight: 50 }
    - { destination: { host: web, subset: v2 }, weight: 50 }`,
        ),
    );
    const client = mesh.client();
    const all = new Set<string>();
    for (const user of ['ann', 'bob', 'cleo', 'dan', 'eve']) {
      const met = new Set<string>();
      for (let n = 0; n < 40; n++)
        met.add((await client.request('GET', '/', { host: 'web', 'x-user': user })).body);
      // The hash does not choose the version, and within each version it is one endpoint.
      expect([...met].map((one) => one.slice(0, 2)).toSorted()).toEqual(['v1', 'v2']);
      for (const one of met) all.add(one);
    }
    expect(all.size).toBeGreaterThan(2);
  });
});

describe('a fault', () => {
  it('delays, then aborts; what is aborted is neither sent, nor mirrored, nor held against an endpoint', async () => {
    const seen: string[] = [];
    const copies: string[] = [];
    const web = await mesh.http((request, response) => {
      seen.push(request.url!);
      response.end('web');
    });
    const shadow = await mesh.http((request, response) => {
      copies.push(request.url!);
      response.end();
    });
    const mirrored =
      'mirror: { host: shadow }, mirrorPercentage: { value: 100 }, route: [{ destination: { host: web } }]';
    await mesh.apply(
      service('web', web).replace(
        'trafficPolicy: {',
        'trafficPolicy: { outlierDetection: { consecutive5xxErrors: 1, interval: 60s, baseEjectionTime: 30s, maxEjectionPercent: 100 },',
      ) +
        service('shadow', shadow) +
        rules(
          'web',
          `
- { match: [{ uri: { prefix: /aborted } }], fault: { delay: { fixedDelay: 60ms, percentage: { value: 100 } }, abort: { httpStatus: 503, percentage: { value: 100 } } }, ${mirrored} }
- { ${mirrored} }`,
        ),
    );
    const client = mesh.client();
    for (let n = 0; n < 3; n++)
      expect(await client.request('GET', `/aborted/${n}`, { host: 'web' })).toMatchObject({
        status: 503,
        body: 'fault filter abort',
      });
    expect(mesh.records).toHaveLength(3);
    for (const one of mesh.records) {
      expect(one.durationMs).toBeGreaterThanOrEqual(59);
      expect(one).toMatchObject({ attempts: 0, responseFlags: 'DI,FI' });
    }
    const found = (await mesh.plane.statistics()).clusters.flatMap((one) => one.endpoints);
    expect(found.map((one) => [one.healthy, one.ejectedUntil])).toEqual(
      found.map(() => [true, null]),
    );
    expect((await client.request('GET', '/whole', { host: 'web' })).body).toBe('web');
    await waitFor('the copy', () => copies.length > 0);
    expect([seen, copies]).toEqual([['/whole'], ['/whole']]);
  });

  it('that aborts leaves nothing of CORS on the answer', async () => {
    const cors = 'corsPolicy: { allowOrigins: [{ exact: "https://a.test" }] }';
    const to = 'route: [{ destination: { host: web } }]';
    await mesh.apply(
      service('web', await named('web')) +
        rules(
          'web',
          `
- { match: [{ uri: { prefix: /aborted } }], fault: { abort: { httpStatus: 400, percentage: { value: 100 } } }, ${cors}, ${to} }
- { ${cors}, ${to} }`,
        ),
    );
    const allowed = async (path: string) => {
      const headers = { host: 'web', origin: 'https://a.test' };
      const answer = await mesh.client().request('GET', path, headers);
      return [answer.status, answer.headers['access-control-allow-origin']];
    };
    expect(await allowed('/')).toEqual([200, 'https://a.test']);
    expect(await allowed('/aborted')).toEqual([400, undefined]);
  });

  it('that aborts a preflight leaves out what a destination adds to answers (Istio has it)', async () => {
    await mesh.apply(
      service('web', await named('web')) +
        rules(
          'web',
          `
- fault: { abort: { httpStatus: 400, percentage: { value: 100 } } }
  corsPolicy: { allowOrigins: [{ exact: "https://a.test" }] }
  route: [{ destination: { host: web }, headers: { response: { add: { x-add: added } } } }]`,
        ),
    );
    const ask = (method: string) =>
      mesh.client().request(method, '/', {
        host: 'web',
        origin: 'https://a.test',
        'access-control-request-method': 'PUT',
      });
    expect(await ask('GET')).toMatchObject({ status: 400, headers: { 'x-add': 'added' } });
    expect((await ask('OPTIONS')).headers['x-add']).toBeUndefined();
  });
});
