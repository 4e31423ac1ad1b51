// Walks a YAML document by its places: what is wrong and what nothing heeds is told with line and column.

import { nearest } from '@clover/model';
import {
  isMap,
  isScalar,
  isSeq,
  type Document,
  type LineCounter,
  type Node,
  type Pair,
} from 'yaml';

export interface Reader {
  /** Undefined when it is not there, or null. */
  get(key: string): Reader | undefined;
  text(): string;
  integer(): number;
  flag(): boolean;
  texts(): string[];
  choice<const Choice extends string>(choices: readonly Choice[]): Choice | undefined;
  items(): Reader[];
  /** Of a map from texts to texts. */
  record(): Record<string, string>;
  /** Tells what it should be. */
  wrong(expected: string): void;
  /** Tells of a setting that nothing heeds. */
  ignore(what: string): void;
  /** Tells of all keys but these, each with the one of them that it is like. */
  others(known: readonly string[]): void;
}

export interface DocumentReader {
  root(): Reader;
  readonly faults: { at: string; message: string }[];
  readonly notEnforced: string[];
}

export function createReader(
  document: Document,
  { lines, file }: { lines: LineCounter; file: string },
): DocumentReader {
  const faults: { at: string; message: string }[] = [];
  const notEnforced: string[] = [];

  const placeOf = (node: Node | null): string => {
    const { line, col } = lines.linePos(node?.range?.[0] ?? 0);
    return `${file}:${line}:${col}`;
  };

  function readerOf(node: Node | null, path: string): Reader {
    const wrong = (expected: string): void => {
      faults.push({ at: placeOf(node), message: `${path || 'the file'} is not ${expected}` });
    };
    const pairs = (): Pair<Node, Node | null>[] => {
      if (isMap(node)) return node.items as Pair<Node, Node | null>[];
      if (node !== null) wrong('a map');
      return [];
    };
    const nameOf = (pair: Pair<Node, Node | null>) =>
      isScalar(pair.key) ? String(pair.key.value) : '?';
    const below = (key: string) => (path === '' ? key : `${path}.${key}`);
    const scalar = (): unknown => (isScalar(node) ? node.value : undefined);

    const reader: Reader = {
      get(key) {
        const value = pairs().find((one) => nameOf(one) === key)?.value ?? null;
        if (value === null || (isScalar(value) && value.value === null)) return undefined;
        return readerOf(value, below(key));
      },
      text() {
        const value = scalar();
        if (typeof value === 'string') return value;
        // A status or a port may stand there without quotes.
        if (typeof value === 'number') return String(value);
        wrong('a text');
        return '';
      },
      integer() {
        const value = Number(scalar());
        if (Number.isInteger(value)) return value;
        wrong('a whole number');
        return 0;
      },
      flag() {
        const value = scalar();
        if (typeof value === 'boolean') return value;
        wrong('true or false');
        return false;
      },
      texts: () => reader.items().map((one) => one.text()),
      choice(choices) {
        const value = scalar();
        const found = choices.find((one) => one === value);
        if (found === undefined) wrong(`one of ${choices.join(', ')}`);
        return found;
      },
      items() {
        if (isSeq(node))
          return node.items.map((one, at) => readerOf(one as Node, `${path}[${at}]`));
        wrong('a list');
        return [];
      },
      record: () =>
        Object.fromEntries(
          pairs().map((one) => [nameOf(one), readerOf(one.value, below(nameOf(one))).text()]),
        ),
      wrong,
      ignore(what) {
        notEnforced.push(`${placeOf(node)}: ${what} is not enforced by the built-in data plane`);
      },
      others(known) {
        for (const pair of pairs()) {
          const name = nameOf(pair);
          if (known.includes(name)) continue;
          const meant = nearest(name, known);
          const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
          notEnforced.push(
            `${placeOf(pair.key)}: ${below(name)} is not enforced by the built-in data plane${hint}`,
          );
        }
      },
    };
    return reader;
  }

  return { root: () => readerOf(document.contents as Node | null, ''), faults, notEnforced };
}
