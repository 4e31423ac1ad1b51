// A logarithmic axis of whole decades.

/** Whole decades around the values, so that the axis has words at both ends. */
export function decades(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || min <= 0) return [1, 10];
  return [10 ** Math.floor(Math.log10(min)), 10 ** Math.ceil(Math.log10(max * 1.0001))];
}

export function powers(min: number, max: number): number[] {
  const [from, to] = [Math.round(Math.log10(min)), Math.round(Math.log10(max))];
  return Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
}
