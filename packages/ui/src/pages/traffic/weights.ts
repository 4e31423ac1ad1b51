// Weights that are moved by hand: always whole numbers that make 100.

/** One weight is set; the others share what is left in their old proportion, the last of them takes what rounding leaves. */
export function moveWeight(weights: readonly number[], index: number, to: number): number[] {
  const value = Math.min(100, Math.max(0, Math.round(to)));
  const left = 100 - value;
  const others = weights.reduce((sum, one, at) => (at === index ? sum : sum + one), 0);
  const last = weights.findLastIndex((_, at) => at !== index);
  let given = 0;
  return weights.map((one, at) => {
    if (at === index) return value;
    if (at === last) return left - given;
    const share = Math.min(
      left - given,
      Math.round(others === 0 ? left / (weights.length - 1) : (one / others) * left),
    );
    given += share;
    return share;
  });
}

/** Any weights as whole numbers that make 100. */
export function asPercent(weights: readonly number[]): number[] {
  const sum = weights.reduce((all, one) => all + one, 0);
  if (sum === 0) return weights.map((_, index) => (index === 0 ? 100 : 0));
  const whole = weights.map((one) => Math.floor((one / sum) * 100));
  const missing = 100 - whole.reduce((all, one) => all + one, 0);
  const byRest = weights
    .map((one, index) => ({ index, rest: ((one / sum) * 100) % 1 }))
    .toSorted((a, b) => b.rest - a.rest);
  for (const { index } of byRest.slice(0, missing)) whole[index]!++;
  return whole;
}
