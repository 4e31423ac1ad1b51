// YAML files checked by a schema, with every fault at its line and column.
import { CloverError, nearest } from '@clover/model';
import {
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
} from 'yaml';
import type { z } from 'zod';
import { CLOVERCTL_ERRORS } from '../errors.ts';

export interface YamlSource {
  readonly text: string;
  /** For messages; `<stdin>` for `-`. */
  readonly file: string;
}

export interface YamlResult<Value> {
  readonly value: Value;
  /** The keys at its top, as they stand there. */
  readonly keys: readonly string[];
  /** `file:line:column` of the key or item at a path. */
  at(path: readonly PropertyKey[]): string;
}

type Path = readonly PropertyKey[];

/**
 * One document that fits the schema; an empty one is an empty map. Throws CloverError
 * `cloverctl.bad_file` whose issues name every fault's place, and the nearest known key of a wrong one.
 */
export function parseYaml<Schema extends z.ZodType>(
  schema: Schema,
  source: YamlSource,
): YamlResult<z.output<Schema>> {
  const lines = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${source.file}:${line}:${col}`;
  };
  const at = (path: Path): string => place(offsetOf(document, path));
  if (document.errors.length > 0)
    throw badFile(
      document.errors.map((error) => ({
        at: place(error.pos[0]),
        message: firstLine(error.message),
      })),
    );
  const raw = toPlain(document, place);
  const parsed = schema.safeParse(raw ?? {});
  if (parsed.success) return { value: parsed.data, keys: Object.keys(raw ?? {}), at };
  const misspelt = new Set(
    parsed.error.issues
      .filter((issue) => issue.code === 'unrecognized_keys')
      .map((issue) => issue.path.join('/')),
  );
  const issues = parsed.error.issues.flatMap((issue): { path: Path; message: string }[] => {
    if (issue.code !== 'unrecognized_keys') {
      // A key that seems missing beside one that is unknown is most likely that one.
      const missing = valueAt(raw, issue.path) === undefined;
      if (missing && misspelt.has(issue.path.slice(0, -1).join('/'))) return [];
      return [{ path: issue.path, message: told(issue, raw) }];
    }
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: unknownKey(key, knownKeys(schema, issue.path)),
    }));
  });
  throw badFile(
    issues
      .map(({ path, message }) => ({ offset: offsetOf(document, path), message }))
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ offset, message }) => ({ at: place(offset), message })),
  );
}

function badFile(issues: readonly { at: string; message: string }[]): CloverError {
  const [first, ...others] = issues;
  return new CloverError(CLOVERCTL_ERRORS.badFile, `${first!.at}: ${first!.message}`, {
    status: 400,
    issues: others,
  });
}

/** Aliases that blow up are refused by the parser when they are resolved, so this can fail too. */
function toPlain(document: Document, place: (offset: number) => string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw badFile([{ at: place(0), message: firstLine((error as Error).message) }]);
  }
}

/** Where the key (of a map) or the item (of a list) at a path begins; the nearest thing around it when it is not there. */
function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => String(isScalar(item.key) ? item.key.value : item.key) === String(step),
      );
      if (!pair) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isCollection(node)) {
      node = node.items[Number(step)];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

const startOf = (node: unknown): number | undefined =>
  isNode(node) ? (node as Node).range?.[0] : undefined;

interface Inspectable {
  readonly shape?: Readonly<Record<string, Inspectable>>;
  readonly element?: Inspectable;
  readonly unwrap?: () => Inspectable;
}

/** The keys that a schema knows at a path; none when that cannot be told. */
function knownKeys(schema: unknown, path: Path): string[] {
  let here = schema as Inspectable | undefined;
  for (const step of [...path, undefined]) {
    while (here && !here.shape && !here.element && here.unwrap) here = here.unwrap();
    if (step === undefined) break;
    here = here?.shape ? here.shape[String(step)] : here?.element;
  }
  return Object.keys(here?.shape ?? {});
}

function unknownKey(key: string, known: readonly string[]): string {
  const close = nearest(key, known);
  const help = close === undefined ? `known: ${known.join(', ')}` : `did you mean "${close}"?`;
  return `unknown key "${key}"${known.length > 0 ? `; ${help}` : ''}`;
}

function told(issue: z.core.$ZodIssue, raw: unknown): string {
  const name = issue.path.map(String).join('.');
  const value = valueAt(raw, issue.path);
  if (value === undefined && issue.path.length > 0) return `${name} is missing`;
  const given = typeof value === 'object' ? '' : ` (here: ${JSON.stringify(value)})`;
  const message = issue.message.replace(/^Invalid input: /, '').replace(/, received NaN$/, '');
  return `${name === '' ? '' : `${name}: `}${message}${given}`;
}

const valueAt = (raw: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (here, step) => (here as Record<PropertyKey, unknown> | null | undefined)?.[step],
    raw,
  );

const firstLine = (text: string): string => text.split('\n', 1)[0]!;
