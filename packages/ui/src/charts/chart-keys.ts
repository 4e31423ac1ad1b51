/** Where a key moves a chart's cursor: the step's index; undefined for other keys and empty charts. */
export function nextIndex(key: string, at: number | undefined, length: number): number | undefined {
  if (length === 0) return undefined;
  const last = length - 1;
  if (key === 'ArrowLeft') return Math.max(0, (at ?? length) - 1);
  if (key === 'ArrowRight') return Math.min(last, (at ?? -1) + 1);
  if (key === 'Home') return 0;
  return key === 'End' ? last : undefined;
}
