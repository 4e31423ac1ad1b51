// A regular expression as states that a text is walked through, so that one can look for texts that it
// takes or does not take. The program is re2js' own, so it means what the proxy's expression means.

import { RE2JS } from 're2js';

/** States are small numbers; 0 is the start. */
export interface Automaton {
  step(state: number, char: string): number;
  /** Whether a text that ends here is taken whole. */
  accepts(state: number): boolean;
  /** Characters with the same text are the same to it. */
  classOf(char: string): string;
}

/** Of re2js' instructions what is needed here; numbers as in its compiled programs (those of RE2 itself). */
interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  matchRune(rune: number): boolean;
}
const OP = {
  alt: 1,
  altMatch: 2,
  capture: 3,
  emptyWidth: 4,
  match: 6,
  nop: 7,
  rune: 8,
  any: 10,
  anyNotNewline: 11,
} as const;
const AT = {
  beginLine: 1,
  endLine: 2,
  beginText: 4,
  endText: 8,
  wordBoundary: 16,
  noWordBoundary: 32,
} as const;

/** What a place in the text is, seen from before it: nothing, or the kind of the last character. */
type Before = 'nothing' | 'word' | 'other';

/** Undefined for what cannot be walked this way (look-behind). Throws re2js' syntax error for a bad pattern. */
export function regexAutomaton(pattern: string): Automaton | undefined {
  const { prog } = RE2JS.compile(pattern).re2() as unknown as {
    prog: { inst: readonly Instruction[]; start: number };
  };
  const { inst } = prog;
  if (inst.some(({ op }) => op > OP.anyNotNewline)) return undefined;
  const states: { readonly places: readonly number[]; readonly before: Before }[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (places: readonly number[], before: Before): number => {
    const key = `${before} ${places.join(' ')}`;
    let number = numbers.get(key);
    if (number === undefined) {
      number = states.push({ places, before }) - 1;
      numbers.set(key, number);
    }
    return number;
  };
  numberOf([prog.start], 'nothing');

  /** All instructions that can be reached without a character when this is what stands around the place. */
  const closure = (places: readonly number[], before: Before, after: Before): Set<number> => {
    const seen = new Set<number>();
    const open = [...places];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const { op, out, arg } = inst[at]!;
      if (op === OP.alt || op === OP.altMatch) open.push(out, arg);
      else if (op === OP.capture || op === OP.nop) open.push(out);
      else if (op === OP.emptyWidth && (arg & ~holding(before, after)) === 0) open.push(out);
    }
    return seen;
  };
  const steps: Map<string, number>[] = [];
  return {
    step(state, char) {
      const known = (steps[state] ??= new Map<string, number>());
      const before = known.get(char);
      if (before !== undefined) return before;
      const rune = char.codePointAt(0)!;
      const from = states[state]!;
      const next = new Set<number>();
      for (const at of closure(from.places, from.before, kindOf(char)))
        if (takes(inst[at]!, rune)) next.add(inst[at]!.out);
      const number = numberOf(
        [...next].toSorted((a, b) => a - b),
        kindOf(char),
      );
      known.set(char, number);
      return number;
    },
    accepts(state) {
      const { places, before } = states[state]!;
      for (const at of closure(places, before, 'nothing'))
        if (inst[at]!.op === OP.match) return true;
      return false;
    },
    classOf: (char) => {
      const rune = char.codePointAt(0)!;
      return kindOf(char) + inst.map((one) => (takes(one, rune) ? 1 : 0)).join('');
    },
  };
}

function takes(one: Instruction, rune: number): boolean {
  if (one.op < OP.rune) return false;
  return one.op >= OP.any ? one.op === OP.any || rune !== 10 : one.matchRune(rune);
}

const kindOf = (char: string): Before => (/\w/.test(char) ? 'word' : 'other');

function holding(before: Before, after: Before): number {
  return (
    (before === 'nothing' ? AT.beginText | AT.beginLine : 0) |
    (after === 'nothing' ? AT.endText | AT.endLine : 0) |
    ((before === 'word') === (after === 'word') ? AT.noWordBoundary : AT.wordBoundary)
  );
}
