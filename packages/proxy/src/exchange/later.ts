// Timers of exchanges. Nothing above a timer catches what goes wrong in it: here it ends its own exchange.

export function later(
  act: () => void,
  delayMs: number,
  onBug: (error: unknown) => void,
): NodeJS.Timeout {
  return setTimeout(guarded, delayMs, act, onBug);
}

function guarded(act: () => void, onBug: (error: unknown) => void): void {
  try {
    act();
  } catch (error) {
    onBug(error);
  }
}
