// Which attribute values set one group of spans apart from another: counts of every value in both,
// tested, strongest first. All spans count, none is sampled.
import type { ExplainAnswer } from '@clover/model';
import type { Queryable } from '../store.ts';
import type { QueryParams } from './query-params.ts';
import { benjaminiHochberg, twoProportionTest } from './statistics.ts';

export type Explanation = ExplainAnswer['items'][number];

export interface TwoGroups {
  /** `FROM` of both groups. */
  readonly spans: string;
  /** Conditions over columns of spans; a span in neither does not count. */
  readonly a: string;
  readonly b: string;
  readonly params: QueryParams;
}

const MAX_ROWS = 2000;
const MAX_ITEMS = 40;
/** A key with more values than this names single requests, not causes. */
const MAX_VALUES_PER_KEY = 500;
/** Pairs of key and value held in memory. */
const MAX_PAIRS = 2_000_000;
const SIGNIFICANT = 0.01;
const NO_A = 1e9;

interface ValueRow {
  key: string;
  value: string;
  a: number;
  b: number;
}

/** Columns that count as attributes beside the map. */
const COLUMNS: readonly (readonly [key: string, sql: string])[] = [
  ['service', 'service'],
  ['version', 'version'],
  ['node', 'node'],
  ['operation', 'name'],
  ['url', 'concat(url_host, url_template)'],
  ['method', 'http_method'],
  ['statusCode', "if(http_status = 0, '', toString(http_status))"],
  ['userAgentFamily', 'user_agent_family'],
  ['peer', 'peer'],
  ['responseFlags', 'response_flags'],
  ['subset', 'subset'],
  ['exceptionType', 'exception_type'],
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

/**
 * Values over- or under-represented in B against A with p < 0.01 after Benjamini-Hochberg, strongest
 * difference first; empty when a group is empty.
 */
export async function explanations(store: Queryable, groups: TwoGroups): Promise<Explanation[]> {
  const { spans, a, b, params } = groups;
  const sizes = await store.select<{ a: number; b: number }>(
    `SELECT toFloat64(countIf(${a})) AS a, toFloat64(countIf(${b})) AS b FROM ${spans} WHERE (${a}) OR (${b})`,
    params.values,
  );
  const [na, nb] = [sizes[0]?.a ?? 0, sizes[0]?.b ?? 0];
  if (na === 0 || nb === 0) return [];
  const rows = await store.select<ValueRow>(valueSql(groups), params.values);
  const tested = rows.map((row) => ({
    ...row,
    p: twoProportionTest({ successes: row.a, trials: na }, { successes: row.b, trials: nb }),
  }));
  const adjusted = benjaminiHochberg(tested.map((row) => row.p));
  return tested
    .map((row, i): Explanation => {
      const aRatio = row.a / na;
      const bRatio = row.b / nb;
      return {
        key: row.key,
        value: row.value,
        aRatio,
        bRatio,
        lift: aRatio > 0 ? bRatio / aRatio : NO_A,
        pValue: adjusted[i]!,
        aCount: row.a,
        bCount: row.b,
      };
    })
    .filter((item) => item.pValue < SIGNIFICANT && Math.abs(item.bRatio - item.aRatio) >= 0.01)
    .toSorted(
      (x, y) =>
        Math.abs(y.bRatio - y.aRatio) - Math.abs(x.bRatio - x.aRatio) ||
        x.pValue - y.pValue ||
        (x.key + x.value < y.key + y.value ? -1 : 1),
    )
    .slice(0, MAX_ITEMS);
}

function valueSql({ spans, a, b, params }: TwoGroups): string {
  const known = params.bind(ALSO_COLUMNS, 'Array(String)');
  const columnPairs = COLUMNS.map(([key, sql]) => `('${key}', toString(${sql}))`).join(', ');
  const where = `WHERE (${a}) OR (${b})`;
  const flags = `toUInt8(${a}) AS in_a, toUInt8(${b}) AS in_b`;
  const own = `SELECT pair.1 AS key, pair.2 AS value, sum(in_a) AS a, sum(in_b) AS b
    FROM (SELECT ${flags}, [${columnPairs}] AS pairs FROM ${spans} ${where}) ARRAY JOIN pairs AS pair
    GROUP BY key, value`;
  // Beyond the limit no further values are taken up; those that are in go on being counted exactly.
  // What is frequent comes early, so only values of single requests are left out.
  const attributes = `SELECT key, value, a, b FROM (
    SELECT toString(k) AS key, toString(v) AS value, sum(in_a) AS a, sum(in_b) AS b
    FROM (SELECT ${flags}, mapKeys(attributes) AS keys, mapValues(attributes) AS vals FROM ${spans} ${where})
    ARRAY JOIN keys AS k, vals AS v
    WHERE k NOT IN ${known}
    GROUP BY k, v
    SETTINGS max_rows_to_group_by = ${MAX_PAIRS}, group_by_overflow_mode = 'any')`;
  const resources = `SELECT toString(pair.1) AS key, toString(pair.2) AS value, sum(na) AS a, sum(nb) AS b
    FROM (
      SELECT arrayJoin(CAST(pairs, 'Array(Tuple(String, String))')) AS pair, na, nb
      FROM (SELECT resource_id, countIf(${a}) AS na, countIf(${b}) AS nb FROM ${spans} ${where} GROUP BY resource_id) AS s
      INNER JOIN (SELECT resource_id, any(attributes) AS pairs FROM resources GROUP BY resource_id) AS r USING (resource_id))
    WHERE pair.1 NOT IN ${known}
    GROUP BY key, value`;
  // Values with the greatest difference of counts first; keys that name single requests are left out.
  return `SELECT key, value, toFloat64(a) AS a, toFloat64(b) AS b FROM (
      SELECT key, value, a, b, count() OVER (PARTITION BY key) AS values_of_key
      FROM (${own} UNION ALL ${attributes} UNION ALL ${resources})
      WHERE value != '')
    WHERE values_of_key <= ${MAX_VALUES_PER_KEY}
    ORDER BY a + b DESC, key, value LIMIT ${MAX_ROWS}`;
}
