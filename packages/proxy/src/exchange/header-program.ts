// Header operations of rules, prepared once: names in lower case, values with their format strings read.

import type { HeaderList } from '../codec/header-list.ts';
import { wireText } from '../codec/wire-text.ts';
import { compileFormat, type FormatContext, type HeaderValue } from './format-string.ts';

/** As `@clover/traffic` hands them over. */
interface HeaderOperations {
  readonly set?: Readonly<Record<string, string>>;
  readonly add?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}

interface Step {
  readonly remove: readonly string[];
  readonly set: readonly (readonly [string, HeaderValue])[];
  readonly add: readonly (readonly [string, HeaderValue])[];
}
export type HeaderProgram = readonly Step[];

/** Frames messages: rules have no say in it. */
const UNTOUCHABLE = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
]);

/** Undefined when there is nothing to do. */
export function compileHeaders(operations: readonly HeaderOperations[]): HeaderProgram | undefined {
  const steps = operations.map((one) => ({
    remove: (one.remove ?? []).map((name) => name.toLowerCase()).filter(mayChange),
    set: values(one.set),
    add: values(one.add),
  }));
  const used = steps.filter((one) => one.remove.length + one.set.length + one.add.length > 0);
  return used.length === 0 ? undefined : used;
}

/** In each step: remove, set, add. Empty values are left out, as in Envoy. */
export function applyHeaderProgram(
  program: HeaderProgram,
  headers: HeaderList,
  context: FormatContext,
): void {
  for (const { remove, set, add } of program) {
    for (const name of remove) headers.remove(name);
    for (const [name, value] of set) {
      const text = typeof value === 'string' ? value : value(context);
      if (text !== '') headers.set(name, text);
    }
    for (const [name, value] of add) {
      const text = typeof value === 'string' ? value : value(context);
      if (text !== '') headers.add(name, text);
    }
  }
}

const mayChange = (name: string) => TOKEN.test(name) && !UNTOUCHABLE.has(name);
/** What no name of a header is could be a line of its own. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

function values(
  map: Readonly<Record<string, string>> | undefined,
): (readonly [string, HeaderValue])[] {
  return Object.entries(map ?? {})
    .map(([name, value]) => [name.toLowerCase(), compileFormat(wireText(value))] as const)
    .filter(([name]) => mayChange(name));
}
