// The beat of a pull: once an interval while its source answers, less and less often while it does
// not. A source that is down is a state that everybody can see, never an exception.

import { SYSTEM_CLOCK, type Clock } from '../queue-limits.ts';

export interface LoopStatus {
  /** off before start and after close; starting until a pull has ended; up after one that came to its end; down after one that did not. */
  readonly state: 'off' | 'starting' | 'up' | 'down';
  /** One line a person can act on. */
  readonly detail: string;
  readonly lastError: string | null;
  readonly lastPullUnixMs: number | null;
  readonly lastSuccessUnixMs: number | null;
  /** Failed pulls in a row. */
  readonly failures: number;
  readonly nextPullUnixMs: number | null;
}

export interface PullLoopOptions {
  readonly intervalMs: number;
  /** Backoff never waits longer. Default 60,000, at least the interval. */
  readonly maxBackoffMs?: number;
  /** One pull; its answer is the detail of the state. */
  readonly pull: (signal: AbortSignal) => Promise<string>;
  readonly clock?: Clock;
  /** 0..1, for the backoff's jitter. */
  readonly random?: () => number;
  readonly onChange?: (status: LoopStatus) => void;
  /** Told how each pull ended. */
  readonly onEnd?: (status: LoopStatus) => void;
}

export interface PullLoop {
  start(): void;
  /** Pulls now (waiting for one under way first). Never rejects: a failure is in the status. */
  pullNow(): Promise<LoopStatus>;
  status(): LoopStatus;
  /** Ends the pull under way and the loop. */
  close(): Promise<void>;
}

export function createPullLoop(options: PullLoopOptions): PullLoop {
  const clock = options.clock ?? SYSTEM_CLOCK;
  const random = options.random ?? Math.random;
  const maxBackoffMs = Math.max(options.maxBackoffMs ?? 60_000, options.intervalMs);
  let abort = new AbortController();
  let started = false;
  let cancel: (() => void) | undefined;
  let active: Promise<void> | undefined;
  let status: LoopStatus = {
    state: 'off',
    detail: 'not started',
    lastError: null,
    lastPullUnixMs: null,
    lastSuccessUnixMs: null,
    failures: 0,
    nextPullUnixMs: null,
  };

  function become(next: LoopStatus) {
    const changed = next.state !== status.state;
    status = next;
    if (changed) options.onChange?.(status);
  }

  async function once() {
    const { signal } = abort;
    const at = clock.now();
    try {
      const detail = await options.pull(signal);
      if (signal.aborted) return;
      become({
        ...status,
        state: 'up',
        detail,
        lastPullUnixMs: at,
        lastSuccessUnixMs: at,
        failures: 0,
      });
      options.onEnd?.(status);
    } catch (error) {
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      become({
        ...status,
        state: 'down',
        detail: message,
        lastError: message,
        lastPullUnixMs: at,
        failures: status.failures + 1,
      });
      options.onEnd?.(status);
    }
  }

  function run(): Promise<void> {
    active ??= once().finally(() => {
      active = undefined;
    });
    return active;
  }

  function schedule(delayMs: number) {
    status = { ...status, nextPullUnixMs: clock.now() + delayMs };
    cancel = clock.after(delayMs, () => {
      const began = clock.now();
      void run().then(() => {
        if (!started) return;
        const took = clock.now() - began;
        schedule(
          status.failures === 0 ? Math.max(0, options.intervalMs - took) : backoff(status.failures),
        );
      });
    });
  }

  /** Doubles with each failure, between half of that and all of it, so that many do not come back at once. */
  function backoff(failures: number): number {
    const full = Math.min(maxBackoffMs, options.intervalMs * 2 ** Math.min(failures, 20));
    return full * (0.5 + random() / 2);
  }

  return {
    start() {
      if (started) return;
      started = true;
      abort = new AbortController();
      status = { ...status, state: 'starting', detail: 'the first pull is under way' };
      schedule(0);
    },
    async pullNow() {
      await active;
      await run();
      return status;
    },
    status: () => status,
    async close() {
      started = false;
      cancel?.();
      abort.abort();
      await active;
      become({ ...status, state: 'off', detail: 'stopped', nextPullUnixMs: null });
    },
  };
}
