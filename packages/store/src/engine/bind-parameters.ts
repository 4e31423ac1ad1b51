// `{name:Type}` in SQL replaced by a literal of that type. The engine's own binding serialises all
// parameterised queries of a process, so the embedded engine gets its values this way.

import { storeErrors } from '../errors.ts';

/** Throws CloverError `store.bad_parameter` for a name without a value or a value that has no literal. */
export function bindParameters(sql: string, params: Readonly<Record<string, unknown>>): string {
  return sql.replace(/\{(\w+):\s*([A-Za-z][\w(), ]*)\}/g, (_, name: string, type: string) => {
    if (!Object.hasOwn(params, name))
      throw storeErrors.badParameter(`the query needs a value for ${name}`);
    return `CAST(${literal(params[name])} AS ${type})`;
  });
}

function literal(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'bigint':
      return value.toString();
    case 'number':
      if (!Number.isFinite(value))
        throw storeErrors.badParameter(`${value} is no number that can be asked for`);
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      if (value === null) return 'NULL';
      if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
      throw storeErrors.badParameter(`a value of type ${typeof value} cannot be bound`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
};

/** A ClickHouse string literal. Lone surrogates become U+FFFD, as in any UTF-8 encoder. */
export function quote(text: string): string {
  return `'${text.replace(/[\\'\n\r\t\0]/g, (one) => ESCAPES[one]!)}'`;
}
