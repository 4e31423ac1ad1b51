import { CloverError, type Scope, type TracesAnswer } from '@clover/model';
import type { Queryable } from '../store.ts';
import { startMeta } from './meta.ts';
import { keyScopes } from './key-scopes.ts';
import { queryParams, type QueryParams } from './query-params.ts';
import { tracesCondition } from './trace-lookup.ts';
import { FAILED } from './sides.ts';
import { durationNs, whereClause, type KeyScopes } from './where.ts';

export interface SearchTracesOptions {
  readonly operation?: string | undefined;
  /** `250ms`, or nanoseconds. */
  readonly minDuration?: string | undefined;
  readonly maxDuration?: string | undefined;
  readonly status?: 'any' | 'ok' | 'error' | undefined;
  /** Looked for, in any case of letters, in names, messages, URLs and attribute values. */
  readonly text?: string | undefined;
  readonly sort?: 'newest' | 'slowest' | undefined;
  /** 20 when not given. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

type Summary = TracesAnswer['items'][number];

/** What is looked for, with where its attribute keys occur. */
interface Search {
  readonly scope: Scope;
  readonly options: SearchTracesOptions;
  readonly keys: KeyScopes;
}

/** A trace's place in the order: nanoseconds (newest matching start, or longest matching duration) and id. */
interface Place {
  readonly rank: bigint;
  readonly traceId: string;
}

const FIRST_WINDOW_MS = 300_000;
const WINDOW_GROWTH = 8;

/**
 * Traces with a span that meets the scope and the options: newest matching span first, or the longest
 * matching span first. Throws CloverError `traces.bad_cursor`, `time.bad_duration`.
 */
export async function searchTraces(
  store: Queryable,
  scope: Scope,
  options: SearchTracesOptions = {},
): Promise<TracesAnswer> {
  const meta = startMeta(store, scope);
  const limit = options.limit ?? 20;
  const after = options.cursor === undefined ? undefined : readCursor(options.cursor);
  const keys = await keyScopes(
    store,
    scope.filters.map((filter) => filter.key),
  );
  const search: Search = { scope, options, keys };
  const find = options.sort === 'slowest' ? slowestTraces : newestTraces;
  const places = await find(store, search, limit + 1, after);
  const shown = places.slice(0, limit);
  const last = shown.at(-1);
  const more = places.length > limit;
  return {
    meta: await meta.finish({
      ...(more && { cut: { shown: shown.length, total: limit + 1, atLeast: true } }),
    }),
    items: await summaries(store, search, shown),
    nextCursor: more && last ? `${last.rank}.${last.traceId}` : null,
  };
}

/** Goes back in time in growing windows until enough traces are found: recent ones are the common wish. */
async function newestTraces(
  store: Queryable,
  search: Search,
  wanted: number,
  after: Place | undefined,
): Promise<Place[]> {
  const { scope } = search;
  const found: Place[] = [];
  const seen = new Set<string>();
  const newest = after ? Number(after.rank / 1_000_000n) + 1 : scope.endMs;
  let endMs = Math.min(scope.endMs, newest);
  for (let width = FIRST_WINDOW_MS; endMs > scope.startMs; width *= WINDOW_GROWTH) {
    const startMs = Math.max(scope.startMs, endMs - width);
    const params = queryParams();
    const condition = matchCondition({ ...search, scope: { ...scope, startMs, endMs } }, params);
    const known = params.bind([...seen], 'Array(String)');
    const rows = await store.select<{ trace: string; rank: string }>(
      `SELECT lower(hex(trace_id)) AS trace, toString(toUnixTimestamp64Nano(max(start))) AS rank
       FROM spans WHERE ${condition}${after ? ` AND ${afterSql('toUnixTimestamp64Nano(start)', after, params)}` : ''}
         ${seen.size > 0 ? `AND lower(hex(trace_id)) NOT IN ${known}` : ''}
       GROUP BY trace_id ORDER BY max(start) DESC, trace_id DESC LIMIT ${wanted - found.length + (after ? 100 : 0)}`,
      params.values,
    );
    const places = rows.map((row) => ({ rank: BigInt(row.rank), traceId: row.trace }));
    const fresh = after ? await notBefore(store, search, places, after) : places;
    for (const place of places) seen.add(place.traceId);
    found.push(...fresh.slice(0, wanted - found.length));
    if (found.length >= wanted) break;
    // A page that only held traces of earlier pages: look at the same window again without them.
    if (fresh.length < places.length && rows.length >= wanted) continue;
    endMs = startMs;
  }
  return found;
}

/** Leaves out traces that a page before has shown: those with a matching span at or above the cursor. */
async function notBefore(
  store: Queryable,
  search: Search,
  places: readonly Place[],
  after: Place,
): Promise<Place[]> {
  if (places.length === 0) return [];
  const params = queryParams();
  const rows = await store.select<{ trace: string }>(
    `SELECT DISTINCT lower(hex(trace_id)) AS trace FROM spans
     WHERE ${tracesCondition(
       places.map((place) => place.traceId),
       params,
     )} AND ${matchCondition(search, params)} AND NOT ${afterSql('toUnixTimestamp64Nano(start)', after, params)}`,
    params.values,
  );
  const before = new Set(rows.map((row) => row.trace));
  return places.filter((place) => !before.has(place.traceId));
}

async function slowestTraces(
  store: Queryable,
  search: Search,
  wanted: number,
  after: Place | undefined,
): Promise<Place[]> {
  const params = queryParams();
  const rows = await store.select<{ trace: string; rank: string }>(
    `SELECT lower(hex(trace_id)) AS trace, toString(max(duration_ns)) AS rank
     FROM spans WHERE ${matchCondition(search, params)}
     GROUP BY trace_id ${after ? `HAVING ${afterSql('toInt64(max(duration_ns))', after, params)}` : ''}
     ORDER BY max(duration_ns) DESC, trace_id DESC LIMIT ${wanted}`,
    params.values,
  );
  return rows.map((row) => ({ rank: BigInt(row.rank), traceId: row.trace }));
}

/** Comes after the cursor in descending order of rank and id. */
function afterSql(rank: string, after: Place, params: QueryParams): string {
  const value = params.bind(after.rank.toString(), 'Int64');
  const id = params.bind(after.traceId, 'String');
  return `(${rank}, trace_id) < (${value}, toFixedString(unhex(${id}), 16))`;
}

function matchCondition({ scope, options, keys }: Search, params: QueryParams): string {
  const conditions = [whereClause(scope, params, keys)];
  if (options.operation !== undefined)
    conditions.push(`name = ${params.bind(options.operation, 'String')}`);
  if (options.minDuration !== undefined)
    conditions.push(`duration_ns >= ${params.bind(durationNs(options.minDuration), 'Float64')}`);
  if (options.maxDuration !== undefined)
    conditions.push(`duration_ns <= ${params.bind(durationNs(options.maxDuration), 'Float64')}`);
  if (options.status === 'error') conditions.push(FAILED);
  if (options.status === 'ok') conditions.push(`NOT ${FAILED}`);
  if (options.text !== undefined && options.text.trim() !== '') {
    const text = params.bind(options.text.trim(), 'String');
    const holds = (sql: string) => `positionCaseInsensitiveUTF8(${sql}, ${text}) > 0`;
    conditions.push(
      `(${[
        holds('name'),
        holds('status_message'),
        holds('exception_message'),
        holds('concat(url_host, url_template)'),
        `arrayExists(value -> ${holds('value')}, mapValues(attributes))`,
      ].join(' OR ')})`,
    );
  }
  return conditions.join(' AND ');
}

/** The path as it came; the template where the URL itself was not kept. */
const PATH =
  "multiIf(attributes['url.path'] != '', attributes['url.path'], attributes['url.full'] != '', path(attributes['url.full']), toString(url_template))";
/** Service, name, status code, method and path of a span. */
const HEAD = `(toString(service), toString(name), http_status, toString(http_method), ${PATH})`;
type Head = [service: string, name: string, status: number, method: string, path: string];

interface SummaryRow {
  trace: string;
  first_start: string;
  duration: number;
  roots: Head[];
  earliest: Head;
  span_count: number;
  error_count: number;
  services: Record<string, number>;
  matched: number;
}

async function summaries(
  store: Queryable,
  search: Search,
  places: readonly Place[],
): Promise<Summary[]> {
  if (places.length === 0) return [];
  const params = queryParams();
  const condition = tracesCondition(
    places.map((place) => place.traceId),
    params,
  );
  const rows = await store.select<SummaryRow>(
    `SELECT lower(hex(trace_id)) AS trace, toString(toUnixTimestamp64Nano(min(start))) AS first_start,
       toFloat64(max(toUnixTimestamp64Nano(start) + toInt64(duration_ns)) - toUnixTimestamp64Nano(min(start))) AS duration,
       groupArrayIf(1)(${HEAD}, empty(parent_id)) AS roots,
       argMin(${HEAD}, start) AS earliest,
       toFloat64(count()) AS span_count, toFloat64(countIf(${FAILED})) AS error_count,
       sumMap(map(toString(service), toFloat64(1))) AS services,
       toFloat64(countIf(${matchCondition(search, params)})) AS matched
     FROM spans FINAL WHERE ${condition}
     GROUP BY trace_id`,
    params.values,
  );
  const byId = new Map(rows.map((row) => [row.trace, row]));
  return places.flatMap((place) => {
    const row = byId.get(place.traceId);
    return row ? [summaryOf(row)] : [];
  });
}

function summaryOf(row: SummaryRow): Summary {
  const root = row.roots[0];
  const [rootService, rootName, status, rootMethod, rootPath] = root ?? row.earliest;
  return {
    traceId: row.trace,
    startTimeUnixNano: row.first_start,
    durationNs: row.duration,
    rootService,
    rootName,
    rootMethod,
    rootPath,
    rootMissing: root === undefined,
    spans: row.span_count,
    errors: row.error_count,
    httpStatusCode: status === 0 ? null : status,
    services: Object.entries(row.services)
      .map(([service, spans]) => ({ service, spans }))
      .toSorted((a, b) => b.spans - a.spans || (a.service < b.service ? -1 : 1)),
    matchedSpans: row.matched,
  };
}

function readCursor(cursor: string): Place {
  const match = /^(\d{1,20})\.([0-9a-f]{32})$/.exec(cursor);
  if (!match) {
    throw new CloverError('traces.bad_cursor', `"${cursor}" is not a cursor of this search`, {
      hint: 'pass nextCursor of the page before, or leave it out',
      status: 400,
    });
  }
  return { rank: BigInt(match[1] as string), traceId: match[2] as string };
}
