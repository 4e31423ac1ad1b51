// The questions of Jaeger's query API as scopes and search options of the store.

import { RENAMED_ATTRIBUTES } from '@clover/collector';
import { CloverError, type Filter, type Scope } from '@clover/model';

export interface FindQuestion {
  readonly scope: Scope;
  readonly operation: string | undefined;
  readonly minDuration: string | undefined;
  readonly maxDuration: string | undefined;
  readonly limit: number;
}

export type RawQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

const DEFAULT_LIMIT = 100;
/** More would not fit into one answer; who needs them asks for smaller ranges of time. */
const MOST_TRACES = 20_000;
const DEFAULT_LOOKBACK_MS = 2 * 86_400_000;
const FAR_FUTURE_MS = 4_102_444_800_000;

/** GET /api/traces: service, operation, tag(s), start and end in microseconds, durations, limit, lookback. Unknown parameters are let be, as Jaeger does. */
export function legacyQuestion(query: RawQuery, nowMs: number): FindQuestion {
  const service = one(query, 'service');
  if (!service) throw bad("parameter 'service' is required");
  const endMs = micros(query, 'end') ?? nowMs;
  const startMs =
    micros(query, 'start') ?? endMs - (lookback(one(query, 'lookback')) ?? DEFAULT_LOOKBACK_MS);
  return question({
    service,
    startMs,
    // Jaeger's end is inclusive, to the microsecond.
    endMs: endMs + 1,
    operation: one(query, 'operation'),
    tags: legacyTags(query),
    min: one(query, 'minDuration'),
    max: one(query, 'maxDuration'),
    names: ['minDuration', 'maxDuration'],
    limit: limitOf(one(query, 'limit'), 'limit'),
  });
}

/** GET /api/v3/traces: `query.…`, times in RFC 3339; the camelCase names of later versions too. */
export function v3Question(query: RawQuery): FindQuestion {
  const get = (name: string): string | undefined =>
    one(query, `query.${name}`) ??
    one(query, `query.${name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())}`);
  const start = get('start_time_min');
  const end = get('start_time_max');
  if (!start || !end) throw bad('query.start_time_min and query.start_time_max are required');
  const attributes = get('attributes');
  return question({
    service: get('service_name'),
    startMs: rfc3339(start, 'query.start_time_min'),
    endMs: rfc3339(end, 'query.start_time_max') + 1,
    operation: get('operation_name'),
    tags: attributes ? jsonTags(attributes, 'query.attributes') : [],
    min: get('duration_min'),
    max: get('duration_max'),
    names: ['query.duration_min', 'query.duration_max'],
    limit: limitOf(get('num_traces') ?? get('search_depth'), 'query.num_traces'),
  });
}

function question(asked: {
  service: string | undefined;
  startMs: number;
  endMs: number;
  operation: string | undefined;
  tags: readonly (readonly [string, string])[];
  min: string | undefined;
  max: string | undefined;
  names: readonly [string, string];
  limit: number;
}): FindQuestion {
  const minNs = duration(asked.min, asked.names[0]);
  const maxNs = duration(asked.max, asked.names[1]);
  if (minNs !== undefined && maxNs !== undefined && maxNs < minNs)
    throw bad(`'${asked.names[1]}' should be greater than '${asked.names[0]}'`);
  const service: Filter[] = asked.service
    ? [{ key: 'service', operator: '=', value: asked.service }]
    : [];
  return {
    scope: {
      startMs: clamp(asked.startMs),
      endMs: clamp(asked.endMs),
      filters: [...service, ...asked.tags.map(([key, value]) => tagFilter(key, value))],
    },
    operation: asked.operation || undefined,
    minDuration: minNs === undefined ? undefined : `${minNs}ns`,
    maxDuration: maxNs === undefined ? undefined : `${maxNs}ns`,
    limit: asked.limit,
  };
}

/** The store's times are 32-bit seconds at heart. */
const clamp = (ms: number): number => Math.min(Math.max(0, ms), FAR_FUTURE_MS);

/** Tags by the names under which Clover keeps them; `error` and `span.kind` are fields. */
export function tagFilter(key: string, value: string): Filter {
  if (key === 'error') {
    const failed = value.toLowerCase() === 'true';
    return { key: 'status', operator: failed ? '=' : '!=', value: 'error' };
  }
  if (key === 'otel.status_code') return { key, operator: '=', value: value.toLowerCase() };
  const renamed = RENAMED_ATTRIBUTES[key];
  const name = typeof renamed === 'object' ? renamed.client : renamed;
  return { key: name ?? key, operator: '=', value };
}

function legacyTags(query: RawQuery): [string, string][] {
  const single = many(query, 'tag').map((text): [string, string] => {
    const colon = text.indexOf(':');
    if (colon < 1) throw bad(`malformed 'tag' parameter, expecting key:value, received: ${text}`);
    return [text.slice(0, colon), text.slice(colon + 1)];
  });
  return [...single, ...many(query, 'tags').flatMap((text) => jsonTags(text, 'tags'))];
}

function jsonTags(text: string, name: string): [string, string][] {
  let tags: unknown;
  try {
    tags = JSON.parse(text);
  } catch (error) {
    throw bad(`malformed '${name}' parameter, cannot unmarshal JSON: ${(error as Error).message}`);
  }
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags))
    throw bad(`malformed '${name}' parameter, cannot unmarshal JSON: expected a map of texts`);
  return Object.entries(tags).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}

function limitOf(text: string | undefined, name: string): number {
  if (text === undefined || text === '') return DEFAULT_LIMIT;
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0)
    throw bad(`unable to parse param '${name}': "${text.slice(0, 80)}" is not a number above 0`);
  if (Number(text) > MOST_TRACES)
    throw bad(`'${name}' is at most ${MOST_TRACES}; ask for a smaller range of time`);
  return Number(text);
}

function micros(query: RawQuery, name: string): number | undefined {
  const text = one(query, name);
  if (text === undefined || text === '') return undefined;
  if (!/^-?\d{1,18}$/.test(text))
    throw bad(
      `unable to parse param '${name}': "${text.slice(0, 80)}" is not a number of microseconds`,
    );
  return Math.floor(Number(text) / 1000);
}

function rfc3339(text: string, name: string): number {
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw bad(`malformed parameter ${name}: "${text.slice(0, 80)}" is not RFC 3339`);
  return ms;
}

const UNITS_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Go's time.ParseDuration: `1.2s`, `100ms`, `1h30m`. */
function duration(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === '') return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy)];
  const read = parts.reduce((sum, part) => sum + part[0].length, 0);
  if (read !== text.length)
    throw bad(`unable to parse param '${name}': time: invalid duration "${text.slice(0, 80)}"`);
  return Math.round(
    parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNITS_NS[unit!]!, 0),
  );
}

/** The UI's `1h`, `2d`; `custom` and anything else means: see start and end. */
function lookback(text: string | undefined): number | undefined {
  const match = /^(\d{1,6})([smhdw])$/.exec(text ?? '');
  if (!match) return undefined;
  const unit = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3, w: 604_800e3 }[match[2]!]!;
  return Number(match[1]) * unit;
}

/** The last value of a parameter. */
export function one(query: RawQuery, name: string): string | undefined {
  return many(query, name).at(-1);
}

export function many(query: RawQuery, name: string): readonly string[] {
  const value = query[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

export const bad = (message: string): CloverError =>
  new CloverError('jaeger.bad_parameter', message, { status: 400 });
