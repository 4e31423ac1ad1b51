// Programs that this process itself starts in the mesh. They have leases, so that nothing of them is kept on disk,
// and this keeps them up for as long as the programs are there.

import type { WorkloadJoin } from '@clover/model';
import type { Registry } from '../mesh/workloads/registry.ts';

export interface OwnWorkloads {
  /** All of them or none. */
  join(workloads: readonly WorkloadJoin[]): Promise<void>;
  /** Who is not there any more is passed over. */
  leave(names: readonly WorkloadName[]): Promise<void>;
}

export interface WorkloadName {
  readonly namespace: string;
  readonly name: string;
}

const HEARTBEAT_MS = 60_000;

export function createOwnWorkloads(
  registry: Registry,
  options: {
    readonly author: string;
    readonly heartbeatMs?: number;
    readonly now?: () => number;
  },
): OwnWorkloads {
  const { author, heartbeatMs = HEARTBEAT_MS, now = Date.now } = options;
  const kept = new Map<string, WorkloadJoin & WorkloadName>();
  let lastMs = now();
  let beating: NodeJS.Timeout | undefined;
  const keyOf = ({ namespace, name }: WorkloadName) => `${namespace}/${name}`;
  const beat = () => {
    // The machine slept, and leases have run out meanwhile; otherwise one that is missing was taken out, and stays out.
    const slept = now() - lastMs > 2 * heartbeatMs;
    lastMs = now();
    for (const one of kept.values())
      registry.heartbeat(one).catch(async () => {
        if (!slept) kept.delete(keyOf(one));
        else if (kept.has(keyOf(one))) await registry.joinAll([one], author).catch(() => undefined);
      });
  };
  return {
    async join(workloads) {
      const joined = await registry.joinAll(workloads, author);
      for (const [index, { namespace, name }] of joined.entries())
        kept.set(keyOf({ namespace, name }), { ...workloads[index]!, namespace, name });
      lastMs = now();
      beating ??= setInterval(beat, heartbeatMs).unref();
    },
    async leave(names) {
      for (const one of names) kept.delete(keyOf(one));
      if (kept.size === 0) {
        clearInterval(beating);
        beating = undefined;
      }
      await registry.removeAll(names);
    },
  };
}
