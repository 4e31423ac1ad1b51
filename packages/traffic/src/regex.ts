// Regular expressions as Envoy has them: RE2, the whole value. Simple patterns run on JavaScript's
// engine where that can neither mean anything else nor take more than linear time; all others on re2js.

import { RE2JS } from 're2js';

type Test = (value: string) => boolean;

/** Tests are kept, as one pattern stands in many rules and in every table that is compiled anew. */
const kept = new Map<string, Test>();
const KEPT = 10_000;

/** A test of whole values. Throws re2js' syntax error for a bad pattern. */
export function regexTest(pattern: string): Test {
  let test = kept.get(pattern);
  if (!test) {
    test = createTest(pattern);
    if (kept.size >= KEPT) kept.clear();
    kept.set(pattern, test);
  }
  return test;
}

function createTest(pattern: string): Test {
  const start = literalStart(pattern);
  const native = nativePattern(pattern);
  if (native) return (value) => value.startsWith(start) && native.test(value);
  const compiled = RE2JS.compile(pattern);
  return (value) => value.startsWith(start) && compiled.matches(value);
}

/** The characters that every match must begin with: a cheap test before the regular expression. May be empty. */
function literalStart(pattern: string): string {
  if (pattern.includes('|')) return '';
  const literal = /^[\w/ -]*/.exec(pattern)![0];
  // A repetition after the last character may make it optional.
  return '?*{'.includes(pattern.charAt(literal.length) || ' ') ? literal.slice(0, -1) : literal;
}

const ATOM = /\\[dw./-]|\[[\w/ -]+\]|\[\^\/\]|\.|[\w/ @:,;=%&~-]/y;
const REPETITION = /[*+?]/y;
const ANY = '[^\\n]';

/**
 * The pattern for JavaScript when it is a row of single characters and classes (ASCII only), each repeated or
 * not, and what follows an unbounded repetition can never be a part of it (or is the end): then there is one way
 * only to match, and no backtracking. Undefined for everything else.
 */
export function nativePattern(pattern: string): RegExp | undefined {
  const atoms: { text: string; set: RegExp; repetition: string }[] = [];
  let at = 0;
  while (at < pattern.length) {
    const text = next(ATOM, pattern, at);
    if (text === undefined) return undefined;
    at += text.length;
    const repetition = next(REPETITION, pattern, at) ?? '';
    at += repetition.length;
    const source = text === '.' ? ANY : text;
    try {
      atoms.push({ text: source, set: new RegExp(`^${source}$`, 'u'), repetition });
    } catch {
      return undefined;
    }
  }
  for (const [index, atom] of atoms.entries()) {
    if (atom.repetition === '') continue;
    // Everything that may come right after it: up to the first that cannot be left out.
    for (const follower of atoms.slice(index + 1)) {
      if (overlap(atom.set, follower.set)) return undefined;
      if (follower.repetition === '' || follower.repetition === '+') break;
    }
  }
  return new RegExp(`^${atoms.map((one) => one.text + one.repetition).join('')}$`, 'u');
}

function next(what: RegExp, text: string, at: number): string | undefined {
  what.lastIndex = at;
  return what.exec(text)?.[0];
}

const SAMPLES = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

/** Whether a character is in both. Beyond Latin-1 only `.` and negated classes reach, and these share all of it. */
function overlap(a: RegExp, b: RegExp): boolean {
  return SAMPLES.some((one) => a.test(one) && b.test(one));
}
