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
    const own = createOwnWorkloads(registry, {
      author: 'demo',
      logger: { warn: (_: object, message?: string) => expect(message).toBeUndefined() },
      heartbeatMs: 10,
      now: () => clock,
    });
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

it('tries again when a program does not come back at once after a sleep, and says so', async () => {
  const folder = await tempDir('clover-workloads-');
  let clock = Date.parse('2026-11-30T00:00:00Z');
  /** How many further changes the data plane refuses. */
  let refused = 0;
  const said: string[] = [];
  const registry = await openRegistry({
    file: join(folder.path, 'workloads.json'),
    now: () => clock,
    async onChange(workloads) {
      if (!workloads.has('default/http-lb') || refused === 0) return;
      refused--;
      throw new Error('the data plane is down');
    },
    onError: (error) => expect(error).toBeUndefined(),
  });
  const own = createOwnWorkloads(registry, {
    author: 'demo',
    logger: {
      warn: ({ workload, tries }: { workload: string; tries: number }, message?: string) =>
        void said.push(`${workload} ${tries}: ${message}`),
    },
    heartbeatMs: 10,
    retryMs: 1,
    now: () => clock,
  });
  const sleep = async (refusals: number) => {
    said.length = 0;
    refused = refusals;
    clock += 5 * HOUR_MS;
    // As the registry does when it is the first to wake up.
    await registry.removeAll([{ namespace: 'default', name: 'http-lb' }]);
    await expect.poll(() => said.length, { timeout: 10_000 }).toBeGreaterThan(0);
  };
  try {
    await own.join([program('http-lb')]);
    await sleep(3);
    await expect.poll(() => [...registry.workloads.keys()]).toEqual(['default/http-lb']);
    const again = 'a program has not come back into the mesh, and is tried again';
    expect(said).toEqual([1, 2, 3].map((tries) => `default/http-lb ${tries}: ${again}`));
    // It is kept as before.
    clock += 0.9 * HOUR_MS;
    await expect
      .poll(() => registry.leaseEndsAtMs(registry.workloads.get('default/http-lb')!))
      .toBe(clock + HOUR_MS);
    await sleep(Infinity);
    await expect
      .poll(() => said.at(-1))
      .toBe('default/http-lb 10: a program is out of the mesh, and is not tried again');
    expect(said).toHaveLength(10);
  } finally {
    registry.close();
    await folder.remove();
  }
});
