// The firewall of --with-waf in the mesh: with a real Apache, which is ended from outside. Skipped by name where
// Apache, ModSecurity or the core rules are missing.

import { chmod, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MeshAnswer, WorkloadsAnswer } from '@clover/model';
import { findApache } from '@clover/services';
import { tempDir } from '@clover/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './support/ask.ts';
import { type Clover, isBuilt, startClover } from './support/clover.ts';

const found = findApache(process.env);
const missing = !isBuilt ? 'not built' : 'missing' in found ? found.missing : '';

const RESOURCES = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: door }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: hello }
spec:
  hosts: ['*']
  gateways: [door]
  http: [{ directResponse: { status: 200, body: { string: hello } } }]
`;

describe.skipIf(missing !== '')(
  `the firewall at the gateway${missing === '' ? '' : ` (skipped: ${missing})`}`,
  () => {
    let clover: Clover;
    let folder: Awaited<ReturnType<typeof tempDir>>;
    let gateway: string;
    beforeAll(async () => {
      folder = await tempDir('clover-firewall-');
      // Apache answers as nobody, who must get into it.
      await chmod(folder.path, 0o711);
      clover = await startClover({
        args: ['--no-demo', '--mesh', '--with-waf'],
        env: { TMPDIR: folder.path },
      });
      await clover.send('POST', '/traffic/apply', RESOURCES);
      const mesh = await clover.send<MeshAnswer>('GET', '/mesh');
      gateway = mesh.gateways[0]!.listeners[0]!.address;
    }, 60_000);
    afterAll(async () => {
      await clover?.stop();
      await folder.remove();
    });
    const firewall = async () => {
      const { items } = await clover.send<WorkloadsAnswer>('GET', '/mesh/workloads');
      return items.find(({ name }) => name === 'modsecurity-crs-0');
    };
    const asked = async (path: string) => (await ask(gateway, { path })).status;
    const ATTACK = '/search?q=%3Cscript%3Ealert(1)%3C/script%3E';

    it('judges, leaves the mesh when Apache ends, and judges again', async () => {
      expect([await asked('/'), await asked(ATTACK)]).toEqual([200, 403]);
      const [first] = await readdir(folder.path);
      const pid = Number(await readFile(join(folder.path, first!, 'apache.pid'), 'utf8'));
      const before = await firewall();
      process.kill(pid, 'SIGTERM');
      await expect.poll(firewall, { timeout: 10_000, interval: 20 }).toBeUndefined();
      expect(await asked('/')).not.toBe(200);
      await expect.poll(firewall, { timeout: 30_000 }).toBeDefined();
      expect((await firewall())?.ports).not.toEqual(before?.ports);
      await expect.poll(() => asked('/'), { timeout: 10_000 }).toBe(200);
      expect(await asked(ATTACK)).toBe(403);
      // What the first Apache had for itself is gone.
      const left = await readdir(folder.path);
      expect(left).toHaveLength(1);
      expect(left).not.toContain(first);
    }, 60_000);
  },
);
