const BLOCKS = '▁▂▃▄▅▆▇█';

/**
 * A row of blocks from 0 to the largest value, one per value; blank where there is none. More values
 * than `width` are put together, the largest of each group standing for it.
 */
export function sparkline(values: readonly (number | null)[], width = 30): string {
  const groups = Math.min(width, values.length);
  const heights = Array.from({ length: groups }, (_, index) => {
    const from = Math.floor((index * values.length) / groups);
    const to = Math.floor(((index + 1) * values.length) / groups);
    const known = values.slice(from, to).filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  });
  const top = Math.max(...heights.map((height) => height ?? 0), 0);
  return heights
    .map((height) => {
      if (height === null) return ' ';
      const step = top <= 0 ? 0 : Math.ceil((height / top) * BLOCKS.length) - 1;
      return BLOCKS[Math.max(0, Math.min(BLOCKS.length - 1, step))]!;
    })
    .join('');
}
