/** Numbers in [0, 1). */
export type Random = () => number;

/** A standard normal number (Box-Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * Milliseconds of work as services show them: log-normal around the median, and one in two hundred
 * drawn from a Pareto tail (garbage collection, a cold cache) up to twenty times as slow.
 */
export function workMs(medianMs: number, sigma: number, random: Random): number {
  const body = medianMs * Math.exp(sigma * normal(random));
  if (random() >= 0.005) return body;
  return body * Math.min(20, 3 * (1 - random()) ** -0.8);
}

/** Milliseconds to the next arrival of a Poisson stream; Infinity at rate 0. */
export function nextArrivalMs(ratePerSecond: number, random: Random): number {
  return ratePerSecond <= 0 ? Infinity : (-Math.log(1 - random()) / ratePerSecond) * 1000;
}

/** One of the items, by weight. The list must not be empty. */
export function pickWeighted<T extends { readonly weight: number }>(
  items: readonly T[],
  random: Random,
): T {
  let left = random() * items.reduce((sum, item) => sum + item.weight, 0);
  for (const item of items) {
    left -= item.weight;
    if (left < 0) return item;
  }
  return items.at(-1)!;
}
