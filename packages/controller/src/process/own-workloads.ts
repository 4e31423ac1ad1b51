// Programs that this process itself starts in the mesh. They have leases, so that nothing of them is kept on disk,
// and this keeps them up for as long as the programs are there.

import type { WorkloadJoin } from '@clover/model';
import type { Logger } from 'pino';
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

export interface OwnWorkloadsOptions {
  readonly author: string;
  /** Told of each that does not come back after the machine slept. */
  readonly logger: Pick<Logger, 'warn'>;
  readonly heartbeatMs?: number;
  /** Before the second try to come back; each further wait is twice as long, up to `heartbeatMs`. */
  readonly retryMs?: number;
  readonly now?: () => number;
}

const HEARTBEAT_MS = 60_000;
const RETRY_MS = 1000;
/** About five minutes of them. */
const TRIES = 10;

export function createOwnWorkloads(registry: Registry, options: OwnWorkloadsOptions): OwnWorkloads {
  const { author, logger, now = Date.now } = options;
  const { heartbeatMs = HEARTBEAT_MS, retryMs = RETRY_MS } = options;
  const kept = new Map<string, WorkloadJoin & WorkloadName>();
  /** Those of them that are on their way back, with what they wait for. */
  const comingBack = new Map<string, NodeJS.Timeout | undefined>();
  let lastMs = now();
  let beating: NodeJS.Timeout | undefined;
  const keyOf = ({ namespace, name }: WorkloadName) => `${namespace}/${name}`;

  function forget(key: string): void {
    kept.delete(key);
    clearTimeout(comingBack.get(key));
    comingBack.delete(key);
  }

  async function comeBack(key: string, tried: number): Promise<void> {
    const one = kept.get(key);
    if (!one) return;
    comingBack.set(key, undefined);
    try {
      await registry.joinAll([one], author);
      comingBack.delete(key);
    } catch (error) {
      if (kept.get(key) !== one) return;
      const said = { err: error, workload: key, tries: tried + 1 };
      if (tried + 1 === TRIES) {
        forget(key);
        logger.warn(said, 'a program is out of the mesh, and is not tried again');
        return;
      }
      logger.warn(said, 'a program has not come back into the mesh, and is tried again');
      const waitMs = Math.min(heartbeatMs, retryMs * 2 ** tried);
      comingBack.set(key, setTimeout(() => void comeBack(key, tried + 1), waitMs).unref());
    }
  }

  const beat = () => {
    // The machine slept, and leases have run out meanwhile; otherwise one that is missing was taken out, and stays out.
    const slept = now() - lastMs > 2 * heartbeatMs;
    lastMs = now();
    for (const [key, one] of kept)
      if (!comingBack.has(key))
        registry.heartbeat(one).catch(() => (slept ? comeBack(key, 0) : forget(key)));
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
      for (const one of names) forget(keyOf(one));
      if (kept.size === 0) {
        clearInterval(beating);
        beating = undefined;
      }
      await registry.removeAll(names);
    },
  };
}
