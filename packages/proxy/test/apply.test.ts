// Configurations come into force whole and while requests pass.

import { connect } from 'node:net';
import { waitFor } from '@clover/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
