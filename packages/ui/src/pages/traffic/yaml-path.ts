// Where the cursor stands in YAML that is being written, and so may be broken: found by indentation and brackets, not by
// a parser. Pure.

/** Keys from the root; `[]` for an item of a list. */
export type YamlPath = readonly string[];

export interface YamlPlace {
  /** Of the map or list that the cursor stands in. */
  readonly path: YamlPath;
  /** Whether a key or a value is being written; a value's key is the last part of the path. */
  readonly role: 'key' | 'value';
  /** What is written of it so far, and where that begins. */
  readonly word: string;
  readonly from: number;
  /** Keys that stand beside it already. */
  readonly siblings: ReadonlySet<string>;
  /** Columns before the key; what belongs to it goes two further. */
  readonly indent: number;
  /** Within `{}` or `[]`: then nothing may begin a new line. */
  readonly flow: boolean;
}

interface Line {
  /** Column of its content, behind dashes. */
  readonly column: number;
  /** Columns of its dashes. */
  readonly dashes: readonly number[];
  readonly key: string | undefined;
  readonly rest: string;
}

const KEY = /^("[^"]*"|'[^']*'|[^\s#:{}[\],&*!|>'"%@`-][^:#{}[\],]*?)\s*:(?=\s|$)/;

/** The place of an offset in the document (of several in a text) that it stands in. */
export function yamlPlace(text: string, offset: number): YamlPlace {
  const document = Math.max(0, text.lastIndexOf('\n---', offset - 1) + 1);
  const lines = text.slice(document, offset).split('\n');
  const current = lines.pop() ?? '';
  const line = readLine(current);
  const flow = inFlow(line.rest, line.key);
  const own = parents(lines, line);
  if (flow) {
    const keyed = line.key === undefined ? [] : [line.key];
    return {
      path: [...own, ...keyed, ...flow.path],
      role: flow.role,
      word: flow.word,
      from: offset - flow.word.length,
      siblings: flow.siblings,
      indent: line.column,
      flow: true,
    };
  }
  const valued = line.key !== undefined;
  const word = valued ? line.rest.trimStart() : current.slice(line.column);
  return {
    path: valued ? [...own, line.key!] : own,
    role: valued ? 'value' : 'key',
    word,
    from: offset - word.length,
    siblings: siblingsOf(lines, text.slice(offset).split('\n').slice(1), line),
    indent: line.column,
    flow: false,
  };
}

function readLine(text: string): Line {
  const dashes: number[] = [];
  let column = text.length - text.trimStart().length;
  while (/^-(\s|$)/.test(text.slice(column))) {
    dashes.push(column);
    column++;
    while (text[column] === ' ') column++;
  }
  const content = text.slice(column);
  const key = KEY.exec(content);
  return {
    column,
    dashes,
    key: key?.[1]?.replaceAll(/^["']|["']$/g, ''),
    rest: key ? content.slice(key[0].length) : content,
  };
}

/** Keys and list items that enclose a line, outermost first. */
function parents(above: readonly string[], line: Line): string[] {
  const path: string[] = line.dashes.map(() => '[]');
  let column = line.dashes[0] ?? line.column;
  let listed = line.dashes.length > 0;
  for (let index = above.length - 1; index >= 0; index--) {
    const text = above[index]!;
    if (text.trim() === '' || text.trimStart().startsWith('#')) continue;
    if (text.startsWith('---')) break;
    const one = readLine(text);
    // A list may stand as far left as the key it belongs to.
    if (one.key !== undefined && (one.column < column || (listed && one.column === column))) {
      path.unshift(one.key);
      column = one.column;
      listed = false;
    }
    for (const dash of one.dashes.toReversed()) {
      if (dash >= column) continue;
      path.unshift('[]');
      column = dash;
      listed = true;
    }
    if (column === 0 && !listed) break;
  }
  return path;
}

function siblingsOf(above: readonly string[], below: readonly string[], line: Line): Set<string> {
  const found = new Set<string>();
  const walk = (lines: Iterable<string>, up: boolean) => {
    if (up && line.dashes.length > 0) return;
    for (const text of lines) {
      if (text.trim() === '') continue;
      const one = readLine(text);
      if (one.column < line.column || text.startsWith('---')) return;
      if (one.column > line.column) continue;
      if (!up && one.dashes.length > 0) return;
      if (one.key !== undefined) found.add(one.key);
      if (one.dashes.length > 0) return;
    }
  };
  walk(above.toReversed(), true);
  walk(below, false);
  return found;
}

interface FlowPlace {
  readonly path: string[];
  readonly role: 'key' | 'value';
  readonly word: string;
  readonly siblings: ReadonlySet<string>;
}

/** The place behind brackets that are still open; undefined when none is. */
function inFlow(rest: string, key: string | undefined): FlowPlace | undefined {
  const open: { map: boolean; key: string | undefined; keys: Set<string> }[] = [];
  let word = '';
  let quote = '';
  if (key === undefined && !/^[{[]/.test(rest)) return undefined;
  if (key !== undefined && !/^\s*[{[]/.test(rest)) return undefined;
  for (const char of rest) {
    const top = open.at(-1);
    if (quote !== '') {
      if (char === quote) quote = '';
      word += char;
    } else if ((char === '"' || char === "'") && word.trim() === '') {
      quote = char;
      word += char;
    } else if (char === '{' || char === '[') {
      open.push({ map: char === '{', key: undefined, keys: new Set() });
      word = '';
    } else if (char === '}' || char === ']') {
      open.pop();
      word = '';
    } else if (char === ',') {
      if (top) top.key = undefined;
      word = '';
    } else if (char === ':' && top?.map && top.key === undefined) {
      top.key = word.trim().replaceAll(/^["']|["']$/g, '');
      top.keys.add(top.key);
      word = '';
    } else word += char;
  }
  const last = open.at(-1);
  if (!last) return undefined;
  const path = open.flatMap(({ map, key: at }) => (map ? (at === undefined ? [] : [at]) : ['[]']));
  return {
    path,
    role: last.map && last.key === undefined ? 'key' : 'value',
    word: word.trimStart(),
    siblings: last.keys,
  };
}
