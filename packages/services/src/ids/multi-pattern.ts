// Aho and Corasick's automaton (CACM 18(6), 1975) as a dense table: one look-up a byte, all patterns at
// once. Bytes that no pattern has share a column, and so do the two cases of a letter.

export interface MultiPattern {
  /** Calls `onMatch` with the index of each pattern that lies in the text, in whatever case; maybe more than once. */
  scan(text: string, onMatch: (pattern: number) => void): void;
  readonly states: number;
  readonly tableBytes: number;
}

/** Longer patterns are looked for by their first bytes: whoever asks looks again. */
const LONGEST = 16;

/** Patterns are bytes as characters, none of them empty. */
export function createMultiPattern(patterns: readonly string[]): MultiPattern {
  const cut = patterns.map((pattern) => lowerCase(pattern.slice(0, LONGEST)));
  const column = columnsOf(cut);
  const columns = Math.max(...column) + 1;
  const most = cut.reduce((sum, pattern) => sum + pattern.length, 1);
  let table = new Int32Array(most * columns).fill(-1);
  /** Patterns that end in a state: the last one, and from pattern to pattern. */
  const last = new Int32Array(most).fill(-1);
  const before = new Int32Array(cut.length).fill(-1);
  let states = 1;
  for (const [index, pattern] of cut.entries()) {
    let state = 0;
    for (let at = 0; at < pattern.length; at++) {
      const cell = state * columns + column[pattern.charCodeAt(at)]!;
      if (table[cell] === -1) table[cell] = states++;
      state = table[cell]!;
    }
    before[index] = last[state]!;
    last[state] = index;
  }
  table = table.slice(0, states * columns);
  /** The nearest shorter state that ends a pattern; 0 when there is none. */
  const shorter = link(table, columns, last.subarray(0, states));
  return {
    states,
    tableBytes: table.byteLength,
    scan(text, onMatch) {
      let state = 0;
      for (let at = 0; at < text.length; at++) {
        state = table[state * columns + column[text.charCodeAt(at) & 255]!]!;
        for (let ending = last[state] === -1 ? shorter[state]! : state; ending !== 0;) {
          for (let one = last[ending]!; one !== -1; one = before[one]!) onMatch(one);
          ending = shorter[ending]!;
        }
      }
    },
  };
}

/** Fills the missing steps, breadth first, so that no look-up fails. */
function link(table: Int32Array, columns: number, last: Int32Array): Int32Array {
  const fail = new Int32Array(last.length);
  const shorter = new Int32Array(last.length);
  const queue: number[] = [];
  for (let cell = 0; cell < columns; cell++) {
    if (table[cell] === -1) table[cell] = 0;
    else queue.push(table[cell]!);
  }
  for (const state of queue) {
    const back = fail[state]!;
    shorter[state] = last[back] === -1 ? shorter[back]! : back;
    for (let cell = 0; cell < columns; cell++) {
      const next = table[state * columns + cell]!;
      const other = table[back * columns + cell]!;
      if (next === -1) table[state * columns + cell] = other;
      else {
        fail[next] = other;
        queue.push(next);
      }
    }
  }
  return shorter;
}

function columnsOf(patterns: readonly string[]): Uint8Array {
  const column = new Uint8Array(256);
  let count = 0;
  for (const pattern of patterns)
    for (let at = 0; at < pattern.length; at++) {
      const byte = pattern.charCodeAt(at) & 255;
      if (column[byte] === 0) column[byte] = ++count;
    }
  for (let upper = 65; upper <= 90; upper++) column[upper] = column[upper + 32]!;
  return column;
}

/** ASCII letters only: a byte above 127 is no letter. */
export function lowerCase(text: string): string {
  return /[\x80-\xff]/.test(text)
    ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    : text.toLowerCase();
}
