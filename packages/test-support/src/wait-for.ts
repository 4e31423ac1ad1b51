import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until the answer is neither false, undefined nor an exception, and gives it
 * back. Throws after `timeoutMs` with `what` and the last exception.
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  options: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + (options.timeoutMs ?? 20_000);
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`, { cause });
    await sleep(options.intervalMs ?? 50);
  }
}

/** Whether an HTTP GET answers with a 2xx status. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.arrayBuffer();
  return response.ok;
}
