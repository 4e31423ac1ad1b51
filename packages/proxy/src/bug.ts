// Mistakes of our own that show in the course of one connection: that connection ends, all others go
// on, and the mistake is told and counted.

let told = 0;

/** How many so far in this process. */
export const bugCount = (): number => told;

/** Says it on standard error with its stack; of many the first hundred. */
export function tellBug(error: unknown): void {
  if (++told > 100) return;
  process.emitWarning(error instanceof Error ? (error.stack ?? error.message) : String(error), {
    type: 'ProxyBug',
  });
}
