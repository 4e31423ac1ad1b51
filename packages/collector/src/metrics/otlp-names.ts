// OpenTelemetry's metric and attribute names as Prometheus' own OTLP receiver writes them by default
// (UnderscoreEscapingWithSuffixes): https://github.com/prometheus/otlptranslator

const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
};
const PER_UNITS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

/** A metric's Prometheus name and unit: words joined by _, then the unit, `total` for monotonic sums, `ratio` for gauges of unit 1. */
export function prometheusName(
  name: string,
  unit: string,
  kind: 'counter' | 'gauge' | 'other',
): { name: string; unit: string } {
  let words = name.split(/[^a-zA-Z0-9:]+/).filter((word) => word !== '');
  const slash = unit.indexOf('/');
  const main = unitWord(slash === -1 ? unit : unit.slice(0, slash), UNITS);
  const per = slash === -1 ? '' : unitWord(unit.slice(slash + 1), PER_UNITS);
  if (main !== '' && !words.includes(main)) words.push(main);
  if (per !== '' && !words.includes(per)) words.push('per', per);
  if (kind === 'counter') words = [...words.filter((word) => word !== 'total'), 'total'];
  if (kind === 'gauge' && unit === '1') {
    words = [...words.filter((word) => word !== 'ratio'), 'ratio'];
  }
  const joined = words.join('_');
  return {
    name: /^\d/.test(joined) ? `_${joined}` : joined,
    unit: per === '' ? main : `${main}_per_${per}`,
  };
}

function unitWord(unit: string, words: Readonly<Record<string, string>>): string {
  const trimmed = unit.trim();
  if (trimmed.includes('{') || trimmed.includes('}')) return '';
  const word = Object.hasOwn(words, trimmed) ? words[trimmed]! : trimmed;
  return word
    .split(/[^a-zA-Z0-9]+/)
    .filter((part) => part !== '')
    .join('_');
}

/** An attribute's key as a Prometheus label name. */
export function labelName(key: string): string {
  const cleaned = key.replaceAll(/[^a-zA-Z0-9_]/g, '_');
  if (/^\d/.test(cleaned)) return `key_${cleaned}`;
  return cleaned.startsWith('_') && !cleaned.startsWith('__') ? `key${cleaned}` : cleaned;
}
