import { CloverError } from './errors.ts';
import { parseTimeRange, type TimeRange } from './time.ts';

export const FILTER_OPERATORS = ['!=', '=~', '!~', '>=', '<=', '=', '>', '<'] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** One condition on a promoted column (COUNT_KEYS name or semantic-convention key) or on any attribute. */
export interface Filter {
  readonly key: string;
  readonly operator: FilterOperator;
  readonly value: string;
}

/** What every analysis works on. Filters are joined by AND. */
export interface Scope extends TimeRange {
  readonly filters: readonly Filter[];
  /** When it is asked, unix ms: data of the last seconds before may still be on their way. Without it all have come. */
  readonly nowMs?: number;
}

/** Reads `key=value` and its kin; the first operator found splits. Throws CloverError `filter.bad_filter`. */
export function parseFilter(text: string): Filter {
  const match = /^([^=!<>~\s]+)\s*(!=|=~|!~|>=|<=|=|>|<)(.*)$/s.exec(text.trim());
  if (!match) {
    throw new CloverError('filter.bad_filter', `"${text}" is not a filter`, {
      hint: 'write key=value, key!=value, key=~regex, key!~regex, key>number or key<number',
      status: 400,
    });
  }
  const [, key, operator, value] = match as unknown as [string, string, FilterOperator, string];
  if (['>', '<', '>=', '<='].includes(operator) && !Number.isFinite(Number.parseFloat(value))) {
    throw new CloverError(
      'filter.not_a_number',
      `"${text}" compares with "${value.trim()}", which is not a number`,
      {
        hint: 'write a number after < and >; durations take a unit: duration>250ms',
        status: 400,
      },
    );
  }
  return { key, operator, value: value.trim() };
}

/** The inverse of parseFilter. */
export function formatFilter(filter: Filter): string {
  return `${filter.key}${filter.operator}${filter.value}`;
}

/** The scope that query parameters name: `service` and `version` are short for filters. */
export function parseScope(
  query: {
    start?: string | undefined;
    end?: string | undefined;
    since?: string | undefined;
    service?: string | undefined;
    version?: string | undefined;
    filter?: readonly string[] | undefined;
  },
  nowMs: number,
): Scope {
  const filters = (query.filter ?? []).map(parseFilter);
  if (query.service !== undefined)
    filters.push({ key: 'service', operator: '=', value: query.service });
  if (query.version !== undefined)
    filters.push({ key: 'version', operator: '=', value: query.version });
  return { ...parseTimeRange(query, nowMs), filters, nowMs };
}
