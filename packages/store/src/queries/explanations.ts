// Which attribute values set one group of spans apart from another: counts of every value in both,
// tested, strongest first. All spans count, none is sampled.
import type { ExplainAnswer } from '@clover/model';
import type { Queryable } from '../store.ts';
import type { QueryParams } from './query-params.ts';
import { benjaminiHochberg, twoProportionTest } from './statistics.ts';

type Explanation = ExplainAnswer['items'][number];

export interface Explanations {
  readonly items: Explanation[];
  /** What was left out, in words. */
  readonly notes: readonly string[];
}

export interface TwoGroups {
  /** `FROM` of both groups. */
  readonly spans: string;
  /** Conditions over columns of spans; a span in neither does not count. */
  readonly a: string;
  readonly b: string;
  readonly params: QueryParams;
}

/** Values that differ most are tested, so many. */
const MAX_ROWS = 2000;
const MAX_ITEMS = 40;
/** A key with more values than this names single requests, not causes. */
const MAX_VALUES_PER_KEY = 500;
/** Pairs of key and value held in memory. */
const MAX_PAIRS = 2_000_000;
const SIGNIFICANT = 0.01;
const NO_A = 1e9;
const NAMED_KEYS = 5;

interface ValueRow {
  key: string;
  value: string;
  a: number;
  b: number;
  /** Fingerprint of the spans that have the value. */
  spans_of: string;
  total: number;
}

/** Columns that count as attributes beside the map. Of several names of the same spans the first one here stands for all. */
const COLUMNS: readonly (readonly [key: string, sql: string])[] = [
  ['service', 'service'],
  ['version', 'version'],
  ['operation', 'name'],
  ['url', 'concat(url_host, url_template)'],
  ['method', 'http_method'],
  ['statusCode', "if(http_status = 0, '', toString(http_status))"],
  ['userAgentFamily', 'user_agent_family'],
  ['peer', 'peer'],
  ['responseFlags', 'response_flags'],
  ['subset', 'subset'],
  ['exceptionType', 'exception_type'],
  ['node', 'node'],
];

/** Names under which the columns above stand in the attribute map too. */
const ALSO_COLUMNS = [
  'http.request.method',
  'http.response.status_code',
  'http.method',
  'http.status_code',
  'url.template',
  'user_agent.original',
  'response_flags',
  'service.name',
  'service.version',
  'exception.type',
];

/** Numbers that a machine hands out: they tell one process, thread or connection from another and mean nothing. */
const HANDED_OUT = [
  'process.pid',
  'process.parent_pid',
  'thread.id',
  'client.port',
  'network.peer.port',
  'net.peer.port',
  'net.sock.peer.port',
  'source.port',
];

/**
 * Values over- or under-represented in B against A with p < 0.01 after Benjamini-Hochberg, strongest
 * difference first; those that the very same spans have are one item. Empty when a group is empty.
 */
export async function explanations(store: Queryable, groups: TwoGroups): Promise<Explanations> {
  const { spans, a, b, params } = groups;
  const sizes = await store.select<{ a: number; b: number }>(
    `SELECT toFloat64(countIf(${a})) AS a, toFloat64(countIf(${b})) AS b FROM ${spans} WHERE (${a}) OR (${b})`,
    params.values,
  );
  const [na, nb] = [sizes[0]?.a ?? 0, sizes[0]?.b ?? 0];
  if (na === 0 || nb === 0) return { items: [], notes: [] };
  const found = await store.select<ValueRow>(valueSql(groups, na, nb), params.values);
  const rows = found.filter((row) => row.value !== '');
  const tooMany = found.filter((row) => row.value === '');
  const total = rows[0]?.total ?? 0;
  const tested = rows.map((row) => ({
    ...row,
    p: twoProportionTest({ successes: row.a, trials: na }, { successes: row.b, trials: nb }),
  }));
  const adjusted = benjaminiHochberg(
    tested.map((row) => row.p),
    total,
  );
  const items = tested
    .map((row, i) => ({ row, item: explanationOf(row, { na, nb, pValue: adjusted[i]! }) }))
    .filter(({ item }) => item.pValue < SIGNIFICANT && Math.abs(item.bRatio - item.aRatio) >= 0.01)
    .toSorted(
      ({ item: x }, { item: y }) =>
        Math.abs(y.bRatio - y.aRatio) - Math.abs(x.bRatio - x.aRatio) ||
        x.pValue - y.pValue ||
        (x.key + x.value < y.key + y.value ? -1 : 1),
    );
  const merged = sameSpansMerged(items);
  return { items: merged.slice(0, MAX_ITEMS), notes: notesOf(merged.length, total, tooMany) };
}

function explanationOf(
  row: ValueRow,
  { na, nb, pValue }: { na: number; nb: number; pValue: number },
): Explanation {
  const aRatio = row.a / na;
  const bRatio = row.b / nb;
  return {
    key: row.key,
    value: row.value,
    also: [],
    aRatio,
    bRatio,
    lift: aRatio > 0 ? bRatio / aRatio : NO_A,
    pValue,
    aCount: row.a,
    bCount: row.b,
  };
}

/** Values that stand for the same set of spans say the same thing: one item names them all, in its place. */
function sameSpansMerged(
  items: readonly { readonly row: ValueRow; readonly item: Explanation }[],
): Explanation[] {
  const bySpans = new Map<string, Explanation[]>();
  for (const { row, item } of items) {
    const key = `${row.spans_of} ${row.a} ${row.b}`;
    const same = bySpans.get(key);
    if (same) same.push(item);
    else bySpans.set(key, [item]);
  }
  return [...bySpans.values()].map((same) => {
    const [first, ...others] = same.toSorted((x, y) => rankOf(x.key) - rankOf(y.key));
    return { ...first!, also: others.map(({ key, value }) => ({ key, value })) };
  });
}

function rankOf(key: string): number {
  const place = COLUMNS.findIndex(([name]) => name === key);
  return place === -1 ? COLUMNS.length : place;
}

function notesOf(items: number, total: number, tooMany: readonly ValueRow[]): string[] {
  const names = tooMany.slice(0, NAMED_KEYS).map((row) => row.key);
  const more = tooMany.length > NAMED_KEYS ? ` and ${tooMany.length - NAMED_KEYS} more` : '';
  return [
    ...(names.length > 0
      ? [
          `left out, because they have more than ${MAX_VALUES_PER_KEY} values: ${names.join(', ')}${more}`,
        ]
      : []),
    ...(total > MAX_ROWS
      ? [`of ${total} attribute values the ${MAX_ROWS} that differ most were tested`]
      : []),
    ...(items > MAX_ITEMS ? [`the ${MAX_ITEMS} strongest of ${items} differences are shown`] : []),
  ];
}

/** Rows of values, the greatest difference of shares first; then one row with an empty value per key that has too many. */
function valueSql({ spans, a, b, params }: TwoGroups, na: number, nb: number): string {
  const known = params.bind([...ALSO_COLUMNS, ...HANDED_OUT], 'Array(String)');
  const columnPairs = COLUMNS.map(([key, sql]) => `('${key}', toString(${sql}))`).join(', ');
  const where = `WHERE (${a}) OR (${b})`;
  const flags = `toUInt8(${a}) AS in_a, toUInt8(${b}) AS in_b, cityHash64(trace_id, span_id, kind) AS id`;
  const sums = 'sum(in_a) AS a, sum(in_b) AS b, groupBitXor(id) AS spans_of';
  const own = `SELECT pair.1 AS key, pair.2 AS value, ${sums}
    FROM (SELECT ${flags}, [${columnPairs}] AS pairs FROM ${spans} ${where}) ARRAY JOIN pairs AS pair
    GROUP BY key, value`;
  // Beyond the limit no further values are taken up; those that are in go on being counted exactly.
  // What is frequent comes early, so only values of single requests are left out.
  const attributes = `SELECT key, value, a, b, spans_of FROM (
    SELECT toString(k) AS key, toString(v) AS value, ${sums}
    FROM (SELECT ${flags}, mapKeys(attributes) AS keys, mapValues(attributes) AS vals FROM ${spans} ${where})
    ARRAY JOIN keys AS k, vals AS v
    WHERE k NOT IN ${known}
    GROUP BY k, v
    SETTINGS max_rows_to_group_by = ${MAX_PAIRS}, group_by_overflow_mode = 'any')`;
  const resources = `SELECT toString(pair.1) AS key, toString(pair.2) AS value, sum(na) AS a, sum(nb) AS b, groupBitXor(ids) AS spans_of
    FROM (
      SELECT arrayJoin(CAST(pairs, 'Array(Tuple(String, String))')) AS pair, na, nb, ids
      FROM (SELECT resource_id, countIf(${a}) AS na, countIf(${b}) AS nb, groupBitXor(cityHash64(trace_id, span_id, kind)) AS ids
        FROM ${spans} ${where} GROUP BY resource_id) AS s
      INNER JOIN (SELECT resource_id, any(attributes) AS pairs FROM resources GROUP BY resource_id) AS r USING (resource_id))
    WHERE pair.1 NOT IN ${known}
    GROUP BY key, value`;
  const difference = `abs(a / ${na} - b / ${nb})`;
  return `WITH counted AS (
      SELECT key, value, a, b, spans_of, count() OVER (PARTITION BY key) AS values_of_key
      FROM (${own} UNION ALL ${attributes} UNION ALL ${resources})
      WHERE value != '')
    SELECT key, value, toFloat64(a) AS a, toFloat64(b) AS b, toString(spans_of) AS spans_of, toFloat64(count() OVER ()) AS total
    FROM counted WHERE values_of_key <= ${MAX_VALUES_PER_KEY}
    ORDER BY ${difference} DESC, key, value LIMIT ${MAX_ROWS}
    UNION ALL
    SELECT key, '' AS value, toFloat64(0) AS a, toFloat64(0) AS b, '' AS spans_of, toFloat64(count()) AS total
    FROM counted WHERE values_of_key > ${MAX_VALUES_PER_KEY} GROUP BY key ORDER BY key`;
}
