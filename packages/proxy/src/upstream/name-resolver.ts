// Names of endpoints looked up again and again, within bounds, for all clusters together.

import { lookup } from 'node:dns/promises';

export interface NameResolver {
  /** Last answer; undefined before the first. */
  addresses(name: string): readonly string[] | undefined;
  /** Looks these names up from now on, and no others. */
  watch(names: Iterable<string>): void;
  /** When each watched name has been answered or has failed once. Never rejects. */
  ready(): Promise<void>;
  /** Names whose last lookup failed, with why. */
  failures(): ReadonlyMap<string, string>;
  close(): void;
}

export interface NameResolverOptions {
  /** Rejects when there is no such name. Default: the system's resolver, hosts file included. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
  /** Called after an answer that differs from the one before. */
  readonly changed: () => void;
  /** Between lookups of a name. Default: 60 s, Istio's `dnsRefreshRate`. */
  readonly refreshMs?: number;
  /** After a failure, doubled up to `refreshMs`. */
  readonly retryMs?: number;
  /** Names looked up at one time. */
  readonly concurrency?: number;
}

interface Watched {
  addresses: readonly string[] | undefined;
  error: string | undefined;
  retryMs: number;
  timer: NodeJS.Timeout | undefined;
  first: Promise<void>;
}

/** An answer stays in use when a later lookup fails. */
export function createNameResolver({
  resolve = systemLookup,
  changed,
  refreshMs = 60_000,
  retryMs = 1_000,
  concurrency = 8,
}: NameResolverOptions): NameResolver {
  const watched = new Map<string, Watched>();
  const queue: (() => Promise<void>)[] = [];
  let running = 0;

  function run(task: () => Promise<void>): Promise<void> {
    return new Promise((done) => {
      queue.push(() => task().finally(done));
      next();
    });
  }
  function next(): void {
    while (running < concurrency && queue.length > 0) {
      running++;
      void queue.shift()!().finally(() => {
        running--;
        next();
      });
    }
  }

  async function refresh(name: string, one: Watched): Promise<void> {
    if (watched.get(name) !== one) return;
    let waitMs = refreshMs;
    try {
      const addresses = [...new Set(await resolve(name))].toSorted();
      if (watched.get(name) !== one) return;
      const same = addresses.join() === one.addresses?.join();
      one.addresses = addresses;
      one.error = undefined;
      one.retryMs = retryMs;
      if (!same) changed();
    } catch (error) {
      if (watched.get(name) !== one) return;
      one.error = error instanceof Error ? error.message : String(error);
      waitMs = one.retryMs;
      one.retryMs = Math.min(refreshMs, one.retryMs * 2);
    }
    one.timer = setTimeout(() => void run(() => refresh(name, one)), waitMs);
    one.timer.unref();
  }

  return {
    addresses: (name) => watched.get(name)?.addresses,
    watch(names) {
      const wanted = new Set(names);
      for (const [name, one] of watched) {
        if (wanted.has(name)) continue;
        clearTimeout(one.timer);
        watched.delete(name);
      }
      for (const name of wanted) {
        if (watched.has(name)) continue;
        const one: Watched = {
          addresses: undefined,
          error: undefined,
          retryMs,
          timer: undefined,
          first: Promise.resolve(),
        };
        watched.set(name, one);
        one.first = run(() => refresh(name, one));
      }
    },
    async ready() {
      await Promise.all([...watched.values()].map((one) => one.first));
    },
    failures() {
      return new Map(
        [...watched].flatMap(([name, { error }]) => (error === undefined ? [] : [[name, error]])),
      );
    },
    close() {
      for (const one of watched.values()) clearTimeout(one.timer);
      watched.clear();
      queue.length = 0;
    },
  };
}

async function systemLookup(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true });
  return found.map((one) => one.address);
}
