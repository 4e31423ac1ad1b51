// The demo's programs stay in the mesh for as long as they run, however long that is.
import { join } from 'node:path';
import { tempDir } from '@clover/test-support';
import { expect, it } from 'vitest';
import { openRegistry } from '../src/mesh/workloads/registry.ts';
import { createOwnWorkloads } from '../src/process/own-workloads.ts';

const HOUR_MS = 3_600_000;
const program = (name: string) => ({
  name,
  namespace: 'default',
  service: name,
  labels: {},
  serviceAccount: 'default',
  address: '127.0.0.1',
  ports: [],
  ready: true,
  leaseMs: HOUR_MS,
});

it('keeps the leases of programs of its own, and lets go of those that leave', async () => {
  const folder = await tempDir('clover-workloads-');
  let clock = Date.parse('2026-11-30T00:00:00Z');
  const registry = await openRegistry({
    file: join(folder.path, 'workloads.json'),
    now: () => clock,
    onChange: async () => undefined,
    onError: (error) => expect(error).toBeUndefined(),
  });
  const endsAt = () => {
    const one = registry.workloads.get('default/http-lb');
    return one && registry.leaseEndsAtMs(one);
  };
  try {
    const own = createOwnWorkloads(registry, { author: 'demo', heartbeatMs: 10, now: () => clock });
    await own.join([program('http-lb'), program('snort-ids')]);
    await registry.join(program('lonely'), 'somebody');
    for (let turn = 0; turn < 3; turn++) {
      clock += 0.9 * HOUR_MS;
      await expect.poll(() => endsAt()).toBe(clock + HOUR_MS);
    }
    await expect
      .poll(() => [...registry.workloads.keys()], { timeout: 10_000 })
      .toEqual(['default/http-lb', 'default/snort-ids']);
    // The machine sleeps; sooner or later both are back.
    clock += 5 * HOUR_MS;
    await expect.poll(() => endsAt()).toBe(clock + HOUR_MS);
    await expect.poll(() => registry.workloads.size).toBe(2);
    await own.leave([{ namespace: 'default', name: 'snort-ids' }]);
    expect([...registry.workloads.keys()]).toEqual(['default/http-lb']);
    await own.leave([{ namespace: 'default', name: 'http-lb' }]);
  } finally {
    registry.close();
    await folder.remove();
  }
});
