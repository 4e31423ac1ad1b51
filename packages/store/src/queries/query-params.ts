// Collects bound parameters while SQL is put together: user values never become part of the text.

export interface QueryParams {
  /** The placeholder `{p0:Type}` of a value. */
  bind(value: unknown, type: string): string;
  readonly values: Record<string, unknown>;
}

/** An empty collection; `prefix` keeps two of them apart in one statement. */
export function queryParams(prefix = 'p'): QueryParams {
  const values: Record<string, unknown> = {};
  let next = 0;
  return {
    bind(value, type) {
      const name = `${prefix}${next++}`;
      values[name] = value;
      return `{${name}:${type}}`;
    },
    values,
  };
}

/** Values stand in the text: only for numbers of our own. */
export const inline: QueryParams = { bind: (value) => String(value), values: {} };
