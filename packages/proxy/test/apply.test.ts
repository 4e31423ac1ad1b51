// Configurations come into force whole and while requests pass.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@clover/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuthority } from '../src/identity/authority.ts';
import { loopbackAddresses } from '../src/mesh/loopback-addresses.ts';
import type { Workload } from '../src/workload.ts';
import { CLIENT, rules, service, startMesh, type Mesh } from './support/mesh.ts';

let mesh: Mesh;
beforeEach(async () => {
  mesh = await startMesh();
});
afterEach(() => mesh.close());

const named = (name: string) => mesh.http((_, response) => response.end(name));

describe('a configuration', () => {
  it('changes a thousand times under load, and no request fails or sees half of one', async () => {
    const ports = [await named('a'), await named('b')];
    const yaml = (turn: number) =>
      service('web', ...ports) +
      rules(
        'web',
        `
- match: [{ uri: { prefix: /x } }]
  headers: { response: { set: { x-turn: "${turn % 2}" } } }
  route: [{ destination: { host: web, subset: v${(turn % 2) + 1} } }]
- directResponse: { status: 500 }`,
      );
    await mesh.apply(yaml(0));
    let over = false;
    const answers = { total: 0, wrong: [] as string[] };
    const load = async () => {
      const client = mesh.client();
      while (!over) {
        const answer = await client.request('GET', '/x', { host: 'web' });
        answers.total++;
        const expected = answer.headers['x-turn'] === '0' ? 'a' : 'b';
        if (answer.status !== 200 || answer.body !== expected)
          answers.wrong.push(JSON.stringify(answer));
      }
    };
    const loads = Promise.all([load(), load(), load(), load()]);
    for (let turn = 1; turn <= 1000; turn++) {
      await mesh.apply(yaml(turn));
      await new Promise((resolve) => setImmediate(resolve));
    }
    over = true;
    await loads;
    expect(answers.wrong).toEqual([]);
    expect(answers.total).toBeGreaterThan(100);
  });

  it('has a gateway where it was before, and elsewhere when that is taken', async () => {
    const port = await named('web');
    const gateways = [{ name: 'gateway', namespace: 'default', labels: {}, ports: { 80: 0 } }];
    const from = (local: number) =>
      ({
        owner: 'default/gateway',
        direction: 'gateway',
        servicePort: 80,
        address: '127.0.0.1',
        port: local,
      }) as const;
    const at = () => mesh.plane.addresses().find(({ direction }) => direction === 'gateway')?.port;
    await mesh.apply(service('web', port), { gateways });
    const first = at()!;
    await mesh.apply(service('web', port), { gateways: [] });
    expect(at()).toBeUndefined();
    await mesh.apply(service('web', port), { gateways, keep: [from(first)] });
    expect(at()).toBe(first);
    await mesh.apply(service('web', port), { gateways: [] });
    await mesh.apply(service('web', port), { gateways, keep: [from(port)] });
    expect(at()).not.toBe(port);
    expect(at()).toBeGreaterThan(0);
  });

  it('that cannot be is refused whole, and the old one stays', async () => {
    const port = await named('old');
    await mesh.apply(service('web', port));
    const before = mesh.plane.addresses();
    const taken = await named('taken');
    const gateways = [{ name: 'gateway', namespace: 'default', labels: {}, ports: { 80: taken } }];
    const other = { ...CLIENT, name: 'other' };
    await expect(
      mesh.apply(service('web', 1), {
        workloads: [CLIENT, other],
        gateways: [{ ...gateways[0]!, name: 'second' }],
      }),
    ).rejects.toMatchObject({ code: 'proxy.listen_failed', status: 409 });
    expect(mesh.plane.addresses()).toEqual(before);
    expect(mesh.plane.health()).toMatchObject({ live: true, version: 1 });
    expect((await mesh.client().request('GET', '/', { host: 'web' })).body).toBe('old');
  });

  it('whose certificate is no good is refused whole, and one that goes bad later is told of', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clover-apply-'));
    mkdirSync(join(folder, 'site'));
    const secure = await startMesh({ credentials: folder });
    try {
      const port = await named('x');
      const gateway = `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: https, protocol: HTTPS }, hosts: ["*"], tls: { mode: SIMPLE, credentialName: site } }] }
`;
      await secure.apply(service('web', port));
      const before = secure.plane.addresses();
      const other = { ...CLIENT, name: 'other' };
      const wanted = { workloads: [CLIENT, other] };
      const refused = { code: 'proxy.bad_credential', status: 400 };
      await expect(secure.apply(service('web', port) + gateway, wanted)).rejects.toMatchObject(
        refused,
      );
      const { certificatePem, keyPem } = openAuthority().issue('spiffe://cluster.local/x', 1e7);
      writeFileSync(join(folder, 'site', 'tls.crt'), certificatePem);
      writeFileSync(
        join(folder, 'site', 'tls.key'),
        openAuthority().issue('spiffe://a', 1e7).keyPem,
      );
      await expect(secure.apply(service('web', port) + gateway, wanted)).rejects.toMatchObject(
        refused,
      );
      expect(secure.plane.addresses()).toEqual(before);
      expect(secure.plane.health().version).toBe(1);
      writeFileSync(join(folder, 'site', 'tls.key'), keyPem);
      await secure.apply(service('web', port) + gateway, wanted);
      writeFileSync(join(folder, 'site', 'tls.key'), 'gone bad');
      // What else changes is not held up by it.
      await secure.apply(service('web', port) + gateway);
      expect(secure.plane.addresses().some((one) => one.owner === 'default/other')).toBe(false);
    } finally {
      await secure.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('that fails half-way leaves nothing of itself open', async () => {
    const port = await named('old');
    await mesh.apply(service('web', port));
    const before = mesh.plane.addresses();
    const taken = await named('taken');
    const other: Workload = { ...CLIENT, name: 'other', service: 'web', ports: { 80: port } };
    const gateways = [
      { name: 'a', namespace: 'default', labels: {}, ports: { 81: 0 } },
      { name: 'b', namespace: 'default', labels: {}, ports: { 82: taken } },
    ];
    for (let turn = 0; turn < 3; turn++)
      await expect(
        mesh.apply(service('web', port), { workloads: [CLIENT, other], gateways }),
      ).rejects.toMatchObject({ code: 'proxy.listen_failed' });
    expect(mesh.plane.addresses()).toEqual(before);
    const own = loopbackAddresses()('default/other');
    for (const { address, at } of [
      { address: own.outbound, at: 80 },
      { address: own.outbound, at: 15001 },
      { address: own.inbound, at: 80 },
    ]) {
      const refused = await new Promise<boolean>((resolve) => {
        connect(at, address)
          .once('error', () => resolve(true))
          .once('connect', () => resolve(false));
      });
      expect(refused).toBe(true);
    }
    expect((await mesh.plane.statistics()).clusters.map((one) => one.client)).not.toContain(
      'default/other',
    );
    expect((await mesh.client().request('GET', '/', { host: 'web' })).body).toBe('old');
  });

  it('with settings that cannot be is refused before anything is opened', async () => {
    const port = await named('old');
    await mesh.apply(service('web', port));
    const policy = `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: judge }
spec: { selector: { matchLabels: { istio: ingressgateway } }, action: CUSTOM, provider: { name: judge }, rules: [{}] }
`;
    const provider = { name: 'judge', envoyExtAuthzHttp: { service: 'judge', port: 0 } };
    await expect(
      mesh.apply(service('web', port) + policy, { extensionProviders: [provider] }),
    ).rejects.toMatchObject({ code: 'proxy.bad_provider' });
    expect(mesh.plane.health().version).toBe(1);
  });

  it('knows a workload that comes back with other labels and another account', async () => {
    const ports = [await named('a'), await named('b')];
    const yaml =
      service('web', ...ports) +
      rules(
        'web',
        `
- match: [{ sourceLabels: { tier: gold } }]
  route: [{ destination: { host: web, subset: v2 } }]
- route: [{ destination: { host: web, subset: v1 } }]`,
      );
    await mesh.apply(yaml);
    const ask = async () => (await mesh.client().request('GET', '/', { host: 'web' })).body;
    expect(await ask()).toBe('a');
    const gold = { ...CLIENT, labels: { ...CLIENT.labels, tier: 'gold' } };
    await mesh.apply(yaml, { workloads: [gold] });
    expect(await ask()).toBe('b');
  });

  it('tells of each endpoint whether it gets requests, and until when it does not', async () => {
    const broken = await mesh.http((_, response) => response.writeHead(503).end());
    const good = await named('good');
    await mesh.apply(
      service('web', broken, good).replace(
        'trafficPolicy: {',
        'trafficPolicy: { outlierDetection: { consecutive5xxErrors: 2, interval: 60s, baseEjectionTime: 30s, maxEjectionPercent: 50 },',
      ),
    );
    const client = mesh.client();
    for (let n = 0; n < 8; n++) await client.request('GET', '/', { host: 'web' });
    const [cluster] = (await mesh.plane.statistics()).clusters;
    const [first, second] = cluster!.endpoints;
    expect(first).toMatchObject({ address: `127.0.0.1:${broken}`, healthy: false, tls: 'none' });
    const inMs = Date.parse(first!.ejectedUntil!) - Date.now();
    expect(inMs).toBeGreaterThan(20_000);
    expect(inMs).toBeLessThanOrEqual(30_000);
    expect(second).toMatchObject({ healthy: true, ejectedUntil: null, activeRequests: 0 });
  });

  it('brings workloads in and takes them out, requests under way being answered first', async () => {
    let answer = () => {};
    const port = await mesh.http((_, response) => (answer = () => response.end('late')));
    const other = { ...CLIENT, name: 'other' };
    await mesh.apply(service('web', port), { workloads: [CLIENT, other] });
    const { address, port: listening } = mesh.port('outbound', 'default/other');
    const client = mesh.client('outbound', 'default/other');
    const late = client.request('GET', '/', { host: 'web' });
    await waitFor('the request', async () =>
      (await mesh.plane.statistics()).clusters.some((one) => one.requests === 1),
    );
    await mesh.apply(service('web', port));
    expect(mesh.plane.addresses().some((one) => one.owner === 'default/other')).toBe(false);
    answer();
    expect(await late).toMatchObject({
      status: 200,
      body: 'late',
      headers: { connection: 'close' },
    });
    await waitFor(
      'its port to be free',
      () =>
        new Promise<boolean>((resolve) => {
          const socket = connect(listening, address);
          socket.once('error', () => resolve(true));
          socket.once('connect', () => {
            socket.destroy();
            resolve(false);
          });
        }),
    );
  });

  it('leaves nothing open at the end', async () => {
    const port = await named('x');
    await mesh.apply(service('web', port));
    await mesh.client().request('GET', '/', { host: 'web' });
    const open = mesh.plane.addresses();
    await mesh.plane.close();
    for (const { address, port: listening } of open) {
      const refused = await new Promise<boolean>((resolve) => {
        connect(listening, address)
          .once('error', () => resolve(true))
          .once('connect', () => resolve(false));
      });
      expect(refused).toBe(true);
    }
  });
});
