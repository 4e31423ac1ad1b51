import { CloverError, nearest } from '@clover/model';
import { isMap, isScalar, LineCounter, parseDocument, type Node } from 'yaml';
import { parseTokenEntries, type TokenEntry } from '../security/token-entries.ts';
import type { OptionDefinition } from './option-definition.ts';
import { OPTIONS } from './options.ts';
import { parseValue, type ConfigValue } from './values.ts';

export interface FileSettings {
  readonly values: Map<string, { value: ConfigValue; from: string }>;
  readonly tokens: readonly TokenEntry[];
}

const BY_KEY = new Map<string, OptionDefinition>(OPTIONS.map((option) => [option.key, option]));
const GROUPS = new Set(OPTIONS.filter((o) => o.key.includes('.')).map((o) => o.key.split('.')[0]!));

/** Settings of one clover.yaml. Throws CloverError `config.*` with file:line:column of each fault and the nearest known key. */
export function parseConfigYaml(text: string, file: string): FileSettings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw new CloverError('config.bad_yaml', `${file} is not YAML`, {
      status: 400,
      issues: document.errors.map((error) => ({ at: at(error.pos[0]), message: error.message })),
    });
  }
  const values = new Map<string, { value: ConfigValue; from: string }>();
  const issues: { at: string; message: string }[] = [];
  let tokens: readonly TokenEntry[] = [];

  const walk = (node: Node | null, prefix: string): void => {
    if (node === null || (isScalar(node) && node.value === null)) return;
    if (!isMap(node)) {
      issues.push({
        at: at(node.range?.[0] ?? 0),
        message: `expected a map of settings${prefix && ` under ${prefix}`}`,
      });
      return;
    }
    for (const pair of node.items) {
      const keyNode = pair.key as Node;
      const key = prefix + (isScalar(keyNode) ? String(keyNode.value) : '?');
      const place = at(keyNode.range?.[0] ?? 0);
      const option = BY_KEY.get(key);
      if (key === 'cloverctl') continue; // the command line's part, which checks it itself
      if (key === 'tokens') {
        tokens = parseTokenEntries((pair.value as Node | null)?.toJS(document), place);
      } else if (option && key !== 'config') {
        try {
          const value = pair.value as Node | null;
          values.set(key, {
            value: parseValue(option, value?.toJS(document) ?? null, place),
            from: place,
          });
        } catch (error) {
          if (!(error instanceof CloverError)) throw error;
          issues.push(
            ...error.issues.map((issue) => ({ at: issue.at, message: `${key}: ${issue.message}` })),
          );
        }
      } else if (GROUPS.has(key)) {
        walk(pair.value as Node | null, `${key}.`);
      } else {
        issues.push({ at: place, message: unknownKey(key) });
      }
    }
  };
  walk(document.contents as Node | null, '');

  if (issues.length > 0) {
    throw new CloverError('config.bad_file', `${issues[0]!.at}: ${issues[0]!.message}`, {
      status: 400,
      hint: 'every setting is listed by `clover --help`; dotted keys are maps in YAML',
      issues,
    });
  }
  return { values, tokens };
}

function unknownKey(key: string): string {
  const near = nearest(key, [...BY_KEY.keys(), ...GROUPS, 'tokens', 'cloverctl']);
  return `unknown key "${key}"${near === undefined ? '' : `; did you mean "${near}"?`}`;
}
