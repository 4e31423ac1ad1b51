// Since when a series is different. Pure.

/**
 * Index at which a series splits into two parts whose means differ most for their spread (least squares
 * split); nulls are skipped. Undefined when there are fewer than four values or the split explains less
 * than half of the variance.
 */
export function changePoint(values: readonly (number | null)[]): number | undefined {
  const known = values.flatMap((value, i) => (value === null ? [] : [{ value, i }]));
  if (known.length < 4) return undefined;
  const squares = (list: readonly { value: number }[]) => {
    const mean = list.reduce((sum, item) => sum + item.value, 0) / list.length;
    return list.reduce((sum, item) => sum + (item.value - mean) ** 2, 0);
  };
  const whole = squares(known);
  let best = { rest: whole, index: -1 };
  for (let cut = 1; cut < known.length; cut++) {
    const rest = squares(known.slice(0, cut)) + squares(known.slice(cut));
    if (rest < best.rest) best = { rest, index: known[cut]!.i };
  }
  return whole > 0 && best.rest < whole / 2 ? best.index : undefined;
}
