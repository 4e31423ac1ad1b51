// Times in access logs: Envoy's default form, and strftime's as Envoy's %START_TIME(…)% takes it.

/** Milliseconds since 1970 to text. */
export type TimeFormatter = (unixMs: number) => string;

const MONTHS = [
  'January February March April May June July August September October November December',
].flatMap((names) => names.split(' '));
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** `2026-11-23T01:58:31.900Z`; the part before the dot is kept for all times within a second. */
export function createIsoFormatter(): TimeFormatter {
  let second = -1;
  let prefix = '';
  return (unixMs) => {
    const whole = Math.floor(unixMs / 1000);
    if (whole !== second) {
      second = whole;
      prefix = new Date(whole * 1000).toISOString().slice(0, 20);
    }
    const ms = Math.floor(unixMs - whole * 1000);
    return ms > 99 ? `${prefix}${ms}Z` : ms > 9 ? `${prefix}0${ms}Z` : `${prefix}00${ms}Z`;
  };
}

type Piece = (date: Date, unixMs: number) => string;

/** UTC. `%f`, `%3f`, `%E3S`, `%E6f` give fractions; undefined when it holds a letter that has no meaning. */
export function createTimeFormatter(pattern: string): TimeFormatter | undefined {
  const pieces: Piece[] = [];
  let rest = pattern;
  while (rest !== '') {
    const match = /^%(?:E(\d+|\*)?)?(\d)?([A-Za-z%])/.exec(rest);
    if (!match) {
      const end = rest.indexOf('%', 1);
      const literal = end < 0 ? rest : rest.slice(0, end);
      if (literal.startsWith('%')) return undefined;
      pieces.push(() => literal);
      rest = rest.slice(literal.length);
      continue;
    }
    const piece = pieceOf(match[3]!, match[1] ?? match[2]);
    if (piece === undefined) return undefined;
    pieces.push(piece);
    rest = rest.slice(match[0].length);
  }
  return (unixMs) => {
    const date = new Date(unixMs);
    let text = '';
    for (const piece of pieces) text += piece(date, unixMs);
    return text;
  };
}

const PIECES: Readonly<Record<string, Piece>> = {
  '%': () => '%',
  Y: (date) => String(date.getUTCFullYear()),
  y: (date) => two(date.getUTCFullYear() % 100),
  m: (date) => two(date.getUTCMonth() + 1),
  d: (date) => two(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()).padStart(2),
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(date.getUTCHours() % 12 || 12),
  M: (date) => two(date.getUTCMinutes()),
  S: (date) => two(date.getUTCSeconds()),
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  a: (date) => DAYS[date.getUTCDay()]!.slice(0, 3),
  A: (date) => DAYS[date.getUTCDay()]!,
  b: (date) => MONTHS[date.getUTCMonth()]!.slice(0, 3),
  h: (date) => MONTHS[date.getUTCMonth()]!.slice(0, 3),
  B: (date) => MONTHS[date.getUTCMonth()]!,
  F: (date) => date.toISOString().slice(0, 10),
  T: (date) => date.toISOString().slice(11, 19),
  R: (date) => date.toISOString().slice(11, 16),
  D: (date) =>
    `${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}/${two(date.getUTCFullYear() % 100)}`,
  s: (_, unixMs) => String(Math.floor(unixMs / 1000)),
  z: () => '+0000',
  Z: () => 'UTC',
};

function pieceOf(letter: string, digits: string | undefined): Piece | undefined {
  if (letter === 'f')
    return (_, unixMs) => fraction(unixMs, digits === undefined ? 9 : Number(digits));
  if (letter === 'S' && digits !== undefined)
    return (date, unixMs) =>
      `${two(date.getUTCSeconds())}.${fraction(unixMs, digits === '*' ? 6 : Number(digits))}`;
  if (letter === 'z' && digits !== undefined) return () => '+00:00';
  return Object.hasOwn(PIECES, letter) ? PIECES[letter] : undefined;
}

function fraction(unixMs: number, digits: number): string {
  const nanos = Math.floor((unixMs - Math.floor(unixMs / 1000) * 1000) * 1e6);
  return String(nanos).padStart(9, '0').slice(0, digits);
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 0)) / 86_400_000);
}
