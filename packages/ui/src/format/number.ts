// Numbers as people read them: three significant digits with a unit; exact figures stand in titles.

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'];

/** 1240 -> `1.24 k`, 0.0451 -> `0.0451`, 0 -> `0`. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size < 999.5) return significant(value);
  let power = Math.min(Math.floor(Math.log10(size) / 3), PREFIXES.length - 1);
  // 999.5 to 1000 is written as the next thousand.
  let scaled = value / 1000 ** power;
  if (Math.abs(scaled) >= 999.5 && power < PREFIXES.length - 1) {
    power++;
    scaled = value / 1000 ** power;
  }
  return `${significant(scaled)} ${PREFIXES[power]}`;
}

function significant(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (Number.isInteger(value) && size < 1000) return String(value);
  if (size < 0.001) return value.toExponential(1);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  const text = value.toFixed(digits);
  // Zeros go only behind a point: those of 140 are part of the number.
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Grouped digits: 1,234,567. */
export function exact(value: number): string {
  return Number.isInteger(value)
    ? value.toLocaleString('en-US')
    : value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

/** Per second: `1.24 k/s`; slow rates per minute or hour, so that they are no string of zeros. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return '0/s';
  if (perSecond >= 0.1) return `${compact(perSecond)}/s`.replace(' /s', '/s');
  if (perSecond * 60 >= 0.1) return `${compact(perSecond * 60)}/min`;
  return `${compact(perSecond * 3600)}/h`;
}

/** 0.0012 -> `0.12 %`. */
export function percent(ratio: number | null): string {
  if (ratio === null || !Number.isFinite(ratio)) return '–';
  const value = ratio * 100;
  if (value === 0) return '0 %';
  if (Math.abs(value) < 0.01) return `${value < 0 ? '>-' : '<'}0.01 %`;
  if (value > 99.9 && value < 100) return `${(Math.floor(value * 1000) / 1000).toString()} %`;
  return `${significant(value)} %`;
}

/** A p-value in two digits; below a thousandth it says only that. */
export function probability(value: number): string {
  return value < 0.001 ? '<0.001' : value.toPrecision(2);
}

/** Bytes in powers of 1024. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let index = 0;
  let scaled = value;
  while (scaled >= 1024 && index < units.length - 1) {
    scaled /= 1024;
    index++;
  }
  return `${significant(scaled)} ${units[index]}`;
}

/** `+38 %`, `-4.2 %`, `new` when there was nothing before; null when nothing changed to speak of. */
export function change(now: number, before: number): string | null {
  if (before === 0) return now === 0 ? null : 'new';
  const ratio = now / before - 1;
  if (Math.abs(ratio) < 0.005) return null;
  if (ratio > 9) return `×${compact(now / before)}`;
  return `${ratio > 0 ? '+' : '−'}${percent(Math.abs(ratio))}`;
}
