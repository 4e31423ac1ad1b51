// Scope -> WHERE. Pure: what it needs to know about attribute keys is handed in.
import { CloverError, parseDurationMs, type Filter, type Scope } from '@clover/model';
import { columnKey } from './keys.ts';
import type { QueryParams } from './query-params.ts';

/** Where a key is known to occur; absent means that nobody looked, so both places are asked. */
export type KeyScopes = ReadonlyMap<string, { readonly span: boolean; readonly resource: boolean }>;

const FIVE_MINUTES_MS = 300_000;

/** Conditions on `spans` for a half-open range of start times, with the bucket that leads the sorting key. */
export function timeCondition(
  range: { readonly startMs: number; readonly endMs: number },
  params: QueryParams,
): string {
  const startMs = Math.floor(range.startMs);
  const endMs = Math.floor(range.endMs);
  const firstBucket = Math.floor(startMs / FIVE_MINUTES_MS) * (FIVE_MINUTES_MS / 1000);
  // A range of whole buckets needs no look at the start times.
  return [
    `bucket >= toDateTime(${params.bind(firstBucket, 'UInt32')}, 'UTC')`,
    `bucket < toDateTime(${params.bind(Math.ceil(endMs / 1000), 'UInt32')}, 'UTC')`,
    ...(startMs % FIVE_MINUTES_MS === 0
      ? []
      : [`start >= fromUnixTimestamp64Milli(${params.bind(startMs, 'Int64')}, 'UTC')`]),
    ...(endMs % FIVE_MINUTES_MS === 0
      ? []
      : [`start < fromUnixTimestamp64Milli(${params.bind(endMs, 'Int64')}, 'UTC')`]),
  ].join(' AND ');
}

/** timeCondition of any of some ranges, of which there is at least one. */
export function timesCondition(
  ranges: readonly { readonly startMs: number; readonly endMs: number }[],
  params: QueryParams,
): string {
  return ranges.length === 1
    ? timeCondition(ranges[0]!, params)
    : `(${ranges.map((range) => `(${timeCondition(range, params)})`).join(' OR ')})`;
}

/** All filters of a scope joined by AND; `1` when there are none. Throws CloverError `filter.bad_regex`. */
export function filterCondition(
  filters: readonly Filter[],
  params: QueryParams,
  scopes: KeyScopes = new Map(),
): string {
  if (filters.length === 0) return '1';
  return filters.map((filter) => oneFilter(filter, params, scopes)).join(' AND ');
}

/** Time range and filters of a scope over the columns of `spans`. */
export function whereClause(
  scope: Scope,
  params: QueryParams,
  scopes: KeyScopes = new Map(),
): string {
  const filters = filterCondition(scope.filters, params, scopes);
  return timeCondition(scope, params) + (filters === '1' ? '' : ` AND ${filters}`);
}

/** SQL that gives the text of a promoted column or of a span's own attribute, empty when it has none. */
export function keyText(key: string, params: QueryParams): string {
  return columnKey(key)?.text ?? `toString(attributes[${params.bind(key, 'String')}])`;
}

function oneFilter(filter: Filter, params: QueryParams, scopes: KeyScopes): string {
  const column = columnKey(filter.key);
  if (column) {
    if (column.number && isNumeric(filter, column.duration))
      return numberTest(column.number, filter, params, column.duration);
    return textTest(column.text, filter, params);
  }
  return attributeTest(filter, params, scopes.get(filter.key));
}

function attributeTest(
  filter: Filter,
  params: QueryParams,
  known: { span: boolean; resource: boolean } | undefined,
): string {
  const name = params.bind(filter.key, 'String');
  const isNumber = NUMERIC_OPERATORS.has(filter.operator);
  const test = isNumber
    ? numberTest(`toFloat64OrNull(attributes[${name}])`, filter, params)
    : textTest(`attributes[${name}]`, filter, params);
  const decided = isNumber ? `ifNull(${test}, 0)` : test;
  if (known && !known.resource) return decided;
  const { positive, sql } = resourceTest(filter, name, params);
  const resource = `resource_id ${positive ? 'IN' : 'NOT IN'} (SELECT resource_id FROM resources WHERE ${sql})`;
  if (known && !known.span) return resource;
  return `if(mapContains(attributes, ${name}), ${decided}, ${resource})`;
}

/** A negative test on resources asks for those that match and excludes them: a resource without the key passes. */
function resourceTest(
  filter: Filter,
  name: string,
  params: QueryParams,
): { positive: boolean; sql: string } {
  const column = `attributes[${name}]`;
  const opposite = filter.operator === '!=' ? '=' : filter.operator === '!~' ? '=~' : undefined;
  // An empty value means absence, which only the resources that have the key can rule out.
  const absent = filter.value === '' && (filter.operator === '=' || filter.operator === '!=');
  if (absent) return { positive: filter.operator === '!=', sql: `${column} != ''` };
  if (opposite)
    return { positive: false, sql: textTest(column, { ...filter, operator: opposite }, params) };
  if (NUMERIC_OPERATORS.has(filter.operator))
    return {
      positive: true,
      sql: `ifNull(${numberTest(`toFloat64OrNull(${column})`, filter, params)}, 0)`,
    };
  return { positive: true, sql: textTest(column, filter, params) };
}

const NUMERIC_OPERATORS = new Set<Filter['operator']>(['>', '<', '>=', '<=']);

function isNumeric(filter: Filter, duration = false): boolean {
  if (NUMERIC_OPERATORS.has(filter.operator)) return true;
  if (filter.operator !== '=' && filter.operator !== '!=') return false;
  return duration || /^\d+(\.\d+)?$/.test(filter.value);
}

function numberTest(sql: string, filter: Filter, params: QueryParams, duration = false): string {
  const value = duration ? durationNs(filter.value) : Number.parseFloat(filter.value);
  return `${sql} ${filter.operator} ${params.bind(value, 'Float64')}`;
}

/** `250ms`, `1.5s`, `80us`, `900ns`, or a bare number of nanoseconds. Throws CloverError `time.bad_duration`. */
export function durationNs(text: string): number {
  const trimmed = text.trim();
  const small = /^(\d+(?:\.\d+)?)\s*(ns|us|µs)?$/.exec(trimmed);
  if (small) return Number(small[1]) * (small[2] === undefined || small[2] === 'ns' ? 1 : 1e3);
  return parseDurationMs(trimmed) * 1e6;
}

/** A test of text by =, !=, =~ or !~. Throws CloverError `filter.bad_regex`. */
export function textTest(sql: string, filter: Filter, params: QueryParams): string {
  if (filter.operator === '=~' || filter.operator === '!~') {
    const test = `match(${sql}, ${params.bind(checkedRegex(filter.value), 'String')})`;
    return filter.operator === '=~' ? test : `NOT ${test}`;
  }
  return `${sql} ${filter.operator} ${params.bind(filter.value, 'String')}`;
}

/** RE2 has no back-references and no look-around; JavaScript's own parser finds the other mistakes. */
function checkedRegex(pattern: string): string {
  const unsupported = /\\[1-9]|\(\?(?:[=!]|<[=!])/.exec(pattern);
  let fault = unsupported ? `RE2 does not support "${unsupported[0]}"` : undefined;
  try {
    if (!fault) void new RegExp(pattern.replace(/^\(\?[imsU]+\)/, ''));
  } catch (error) {
    fault = (error as Error).message;
  }
  if (fault) {
    throw new CloverError(
      'filter.bad_regex',
      `"${pattern}" is not a regular expression: ${fault}`,
      {
        hint: 'use RE2 syntax: https://github.com/google/re2/wiki/Syntax',
        status: 400,
      },
    );
  }
  return pattern;
}
