// An answer that was held back on its way must not hold back what comes after it on the same connection.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { openAuthority } from '../src/identity/authority.ts';
import { createIdentities } from '../src/identity/identities.ts';
import { CLIENT, service, startMesh, type Mesh } from './support/mesh.ts';

const identities = createIdentities({ authority: openAuthority({}) });
let mesh: Mesh;
beforeEach(async () => {
  mesh = await startMesh({ identities });
});
afterEach(() => mesh.close());

it('a connection to the program is used again after an answer that went out slowly', async () => {
  const big = Buffer.alloc(1 << 20, 'x');
  const port = await mesh.http((request, response) => {
    request.resume().on('end', () => response.end(request.url === '/big' ? big : 'small'));
  });
  const web = { ...CLIENT, name: 'web', service: 'web', ports: { 80: port } };
  await mesh.apply(
    service('web', port).replace('labels: {', 'labels: { security.istio.io/tlsMode: istio,'),
    { workloads: [CLIENT, web] },
  );
  const client = mesh.client();
  for (let turn = 0; turn < 20; turn++) {
    const answer = await client.request('GET', '/big', { host: 'web' });
    expect(answer.body.length).toBe(big.length);
    const next = client.request('GET', '/', { host: 'web' });
    const late = new Promise((resolve) => setTimeout(resolve, 3000, 'hangs'));
    expect(await Promise.race([next, late])).toMatchObject({ status: 200, body: 'small' });
  }
  expect(mesh.records.some((one) => one.peer?.principal !== '')).toBe(true);
});
