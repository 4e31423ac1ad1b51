// A part that is started again when it ends unasked: not at once when it just began, and not for ever.

import type { Logger } from 'pino';

interface Part {
  close(): Promise<void>;
}

export interface KeepRunningOptions {
  /** Of the log: `the firewall`. */
  readonly what: string;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** Before the first try; each further wait is twice as long. */
  readonly retryMs?: number;
  /** In a row; then it stays away. */
  readonly tries?: number;
  /** What ran so long begins a new row. */
  readonly steadyMs?: number;
  /** Milliseconds that only ascend. */
  readonly clock?: () => number;
}

/**
 * Resolves when it runs, rejects when it does not start the first time. `start` tells by its argument that what
 * it has started ended unasked; before it has resolved, that it need not.
 */
export async function keepRunning(
  start: (onEnd: (detail: string) => void) => Promise<Part>,
  options: KeepRunningOptions,
): Promise<Part> {
  const { what, logger, retryMs = 1000, tries = 5, steadyMs = 60_000 } = options;
  const clock = options.clock ?? (() => performance.now());
  let tried = 0;
  let closing = false;
  let waiting: NodeJS.Timeout | undefined;
  let part: Part | undefined;
  let starting: Promise<void> | undefined;

  async function run(): Promise<void> {
    let since: number | undefined;
    let early: string | undefined;
    const started = await start((detail) => {
      if (since === undefined) {
        early = detail;
        return;
      }
      part = undefined;
      if (clock() - since > steadyMs) tried = 0;
      again(detail);
    });
    if (early !== undefined) {
      await started.close();
      throw new Error(early);
    }
    since = clock();
    part = started;
  }

  function again(detail: string): void {
    if (closing) return;
    if (tried === tries) {
      logger.error({ detail, tries }, `${what} ended, and is not started again`);
      return;
    }
    const waitMs = retryMs * 2 ** tried++;
    logger.warn({ detail, waitMs }, `${what} ended, and is started again`);
    waiting = setTimeout(() => {
      starting = run().catch((error: unknown) => again((error as Error).message));
    }, waitMs).unref();
  }

  await run();
  return {
    async close() {
      closing = true;
      clearTimeout(waiting);
      await starting;
      await part?.close();
    },
  };
}
