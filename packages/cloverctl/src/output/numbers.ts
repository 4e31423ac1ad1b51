// Figures for people: three significant digits and a unit. Exact figures are in `-o json`.

const LARGE = ['', ' k', ' M', ' G', ' T', ' P'];

/** `950`, `1.24 k`, `0.125`; whole numbers below a thousand are exact. */
export function formatCount(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1000) return String(value);
  return scaled(value, 1000, LARGE);
}

/** `39.0/s`, `1.24 k/s`. */
export function formatRate(perSecond: number): string {
  return `${scaled(perSecond, 1000, LARGE)}/s`;
}

/** From nanoseconds: `812 µs`, `34.5 ms`, `1.24 s`, `2 m 05 s`, `3 h 20 m`. */
export function formatDuration(ns: number, micro = 'µs'): string {
  if (ns === 0) return '0 s';
  // Just below a unit's end, rounding would give "1000 ms".
  if (Math.abs(ns) < 999.5) return `${Math.round(ns)} ns`;
  if (Math.abs(ns) < 999.5e3) return `${digits(ns / 1e3)} ${micro}`;
  if (Math.abs(ns) < 999.5e6) return `${digits(ns / 1e6)} ms`;
  if (Math.abs(ns) < 59.95e9) return `${digits(ns / 1e9)} s`;
  const seconds = Math.round(ns / 1e9);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

/** From 0..1: `12.3 %`, `0.00212 %`; never `100 %` for less than all, nor `0 %` for more than none. */
export function formatRatio(ratio: number): string {
  const percent = ratio * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent > 99.9 && percent < 100) return `${Math.floor(percent * 100) / 100} %`;
  if (percent < 0.01 && percent > 0) return '<0.01 %';
  return `${percent < 1 ? Number(percent.toPrecision(2)) : digits(percent)} %`;
}

/** `3.85 MiB` */
export function formatBytes(bytes: number): string {
  if (bytes < 1023.5) return `${Math.round(bytes)} B`;
  return scaled(bytes, 1024, [' B', ' KiB', ' MiB', ' GiB', ' TiB', ' PiB']);
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  while (Math.abs(rest) >= base * 0.9995 && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  return `${digits(rest)}${units[unit]}`;
}

/** Three significant digits, never with an exponent; what rounds to a longer number keeps three (1.00). */
function digits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  if (Math.abs(rounded) < 1e-6) return '0';
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded)) + 1e-12));
  return rounded.toFixed(Math.min(decimals, 6));
}

const two = (value: number): string => String(value).padStart(2, '0');
