/** Nanoseconds with three significant digits: `870 ns`, `34.5 ms`, `1.2 s`, `2 min 5 s`. */
export function duration(ns: number | null | undefined): string {
  if (ns === null || ns === undefined || !Number.isFinite(ns)) return '–';
  const size = Math.abs(ns);
  if (size === 0) return '0 ms';
  if (size < 999.5) return `${round(ns)} ns`;
  if (size < 999.5e3) return `${round(ns / 1e3)} µs`;
  if (size < 999.5e6) return `${round(ns / 1e6)} ms`;
  if (size < 60e9) return `${round(ns / 1e9)} s`;
  const seconds = Math.round(ns / 1e9);
  if (seconds < 3600)
    return `${Math.floor(seconds / 60)} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

function round(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2).replace(/\.0+$|(\.\d*[1-9])0+$/, '$1');
}
