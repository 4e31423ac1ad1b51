// The exact join behind the service graph and the lost requests: which span was called by which.
// ADR 0003 has the definitions. Two kinds of rows come out, both in the form of the edge_minutes table:
//   arrivals  one per request that a callee's span shows (to_service set, its latency)
//   outcomes  one per client-side span that is a call of its own: received, by_proxy, unanswered or
//             unmatched (`peer` says whom it meant); whether unmatched means lost or untraced depends
//             on who sends spans in the range asked for, so it is decided when the question is answered
import type { QueryParams } from './query-params.ts';
import { EDGE_KEYS } from './edge-rows.ts';
import { HOUR_MS, joinedRanges, type Range, sameRanges } from './ranges.ts';
import { CLIENT_SIDE, FAILED, SERVER_SIDE } from './sides.ts';
import { bucketSql } from './sketch.ts';
import { sliceCondition, type TraceSlice } from './trace-slices.ts';
import { timesCondition } from './where.ts';

/** A call's two spans may start this far apart: the callee later, or (clocks differ) earlier. */
export const LOOKBACK_MS = HOUR_MS;
export const LOOKAHEAD_MS = 300_000;

/**
 * How long after its end a call without a callee may still get one: the two sides send their spans
 * apart, in batches of seconds. Until then it is neither sent nor lost.
 */
const SETTLE_SECONDS = 10;
export const SETTLED = `addNanoseconds(start, duration_ns) <= now64(9, 'UTC') - toIntervalSecond(${SETTLE_SECONDS})`;

export interface CallsOptions {
  /** `spans` or `spans FINAL`. */
  readonly from: string;
  /** A condition on `spans`: a call counts when one of its two spans meets it. */
  readonly filter?: string;
  /** Calls that have just ended are judged too: for figures that are kept. */
  readonly judgeAll?: boolean;
  /** Only the outcomes of calls that no callee's span answers for. */
  readonly lostOnly?: boolean;
  /** Only the calls of some traces. */
  readonly traces?: TraceSlice;
  /** Where all spans of these traces lie, when that is known. */
  readonly context?: readonly Range[];
  /** false: none of these traces has a client-side span there. */
  readonly hasClients?: boolean;
}

/** Whom a client-side span means, in its own words: Envoy's cluster host, the peer, or the URL's host. */
const TARGET = `multiIf(
  startsWith(upstream_cluster, 'outbound|'), splitByChar('|', toString(upstream_cluster))[4],
  peer != '', toString(peer), toString(url_host))`;

const ZERO_ID = `toFixedString('', 8)`;

/** Columns of the rows that callRows yields. */
export const CALL_COLUMNS = [
  'at',
  'trace_id',
  'from_service',
  'to_service',
  'to_version',
  'peer',
  'protocol',
  'subset',
  'response_flags',
  'arrival',
  'outcome',
  'weight',
  'failed',
  'client_failed',
  'callee_ns',
  'client_ns',
] as const;

/**
 * SQL of one row per arrival (`arrival` 1) and per outcome (`outcome` 'received', 'proxy', 'unanswered'
 * or 'unmatched'; a request without a client-side span has both in two rows) whose span starts in one of the
 * ranges, which ascend and do not overlap.
 */
export function callRows(
  ranges: readonly Range[],
  params: QueryParams,
  options: CallsOptions,
): string {
  const wide = options.context ?? widened(ranges);
  const sliced = sliceCondition(options.traces);
  const slice = sliced === '' ? '' : ` AND ${sliced}`;
  const inRange = (column: string) =>
    `(${ranges
      .map(
        ({ startMs, endMs }) =>
          `${column} >= fromUnixTimestamp64Milli(${params.bind(Math.floor(startMs), 'Int64')}, 'UTC')
    AND ${column} < fromUnixTimestamp64Milli(${params.bind(Math.floor(endMs), 'Int64')}, 'UTC')`,
      )
      .join(' OR ')})`;
  const filter = options.filter ?? '1';
  // Calls reach over the ends of the range, but only those of traces that have a span in it matter.
  const inTraces = sameRanges(wide, ranges)
    ? ''
    : ` AND trace_id IN (SELECT trace_id FROM spans WHERE ${timesCondition(ranges, params)}${slice})`;
  const spans = (condition: string, columns: string) =>
    `(SELECT ${columns} FROM ${options.from} WHERE ${timesCondition(wide, params)}${slice}${inTraces} AND ${condition})`;
  const callerColumns = `trace_id, span_id, service, subset, protocol, ${FAILED} AS failed, (${filter}) AS fits, 1 AS found`;
  const clientColumns = `${callerColumns}, start, duration_ns, weight, response_flags, ${TARGET} AS target`;
  const none = `CAST(NULL, 'Nullable(UInt64)')`;
  if (options.hasClients === false)
    return `
    SELECT x.start AS at, x.trace_id AS trace_id, n.service AS from_service, toString(x.service) AS to_service,
      toString(x.version) AS to_version, '' AS peer, toString(if(x.protocol != '', x.protocol, n.protocol)) AS protocol,
      '' AS subset, '' AS response_flags, toUInt8(1) AS arrival, 'received' AS outcome, x.weight AS weight,
      toUInt8(x.failed) AS failed, toUInt8(0) AS client_failed, toNullable(x.duration_ns) AS callee_ns, ${none} AS client_ns
    FROM ${spans(
      `notEmpty(parent_id) AND ${inRange('start')}`,
      `trace_id, parent_id, start, duration_ns, service, version, weight, protocol, ${FAILED} AS failed, (${filter}) AS fits`,
    )} AS x
    LEFT ANY JOIN ${spans('1', `trace_id, span_id, service, protocol, (${filter}) AS fits, 1 AS found`)} AS n
      ON x.trace_id = n.trace_id AND x.parent_id = n.span_id
    WHERE n.found AND x.service != n.service AND (x.fits OR n.fits)`;
  // In layers: the analyzer copies an alias wherever it is used, and would copy copies of copies.
  const client = (column: string) => `if(z.found, z.${column}, c.${column})`;
  const joined = `
    SELECT x.trace_id AS trace_id, x.span_id AS span_id, x.parent_id AS parent_id, x.start AS start,
      x.duration_ns AS duration_ns, x.service AS to_service, x.version AS to_version, x.weight AS weight,
      x.failed AS callee_failed, x.is_server AS is_server, x.is_client AS is_client, x.protocol AS callee_protocol,
      x.fits AS callee_fits, z.found AS shared, z.found OR NOT n.found AS via_client,
      multiIf(z.found, z.service, n.found, n.service, c.service) AS from_service,
      multiIf(z.found, z.protocol, n.found, n.protocol, c.protocol) AS caller_protocol,
      multiIf(z.found, z.fits, n.found, n.fits, c.fits) AS caller_fits,
      ${client('start')} AS client_start, ${client('duration_ns')} AS client_ns, ${client('weight')} AS client_weight,
      ${client('failed')} AS client_failed, ${client('subset')} AS subset, ${client('target')} AS target,
      ${client('response_flags')} AS response_flags
    FROM ${spans(
      `(notEmpty(parent_id) OR ${SERVER_SIDE})`,
      `trace_id, span_id, parent_id, start, duration_ns, service, version, weight, protocol,
       ${FAILED} AS failed, ${SERVER_SIDE} AS is_server, ${CLIENT_SIDE} AS is_client,
       if(${SERVER_SIDE}, span_id, ${ZERO_ID}) AS shared_id, (${filter}) AS fits`,
    )} AS x
    LEFT ANY JOIN ${spans(CLIENT_SIDE, clientColumns)} AS z ON x.trace_id = z.trace_id AND x.shared_id = z.span_id
    LEFT ANY JOIN ${spans(`NOT ${CLIENT_SIDE}`, callerColumns)} AS n ON x.trace_id = n.trace_id AND x.parent_id = n.span_id
    LEFT ANY JOIN ${spans(CLIENT_SIDE, clientColumns)} AS c ON x.trace_id = c.trace_id AND x.parent_id = c.span_id
    WHERE z.found OR n.found OR c.found`;
  // Per calling span (or, without a client span, per span called) its callee's spans, server-side ones first.
  const calls = `
    SELECT trace_id, via_client, from_service,
      arraySort(groupArray((toUInt8(NOT is_server), start, span_id, duration_ns, to_service, to_version,
        if(callee_protocol != '', callee_protocol, caller_protocol), weight, toUInt8(callee_failed), toUInt8(callee_fits OR caller_fits)))) AS spans,
      any((client_start, client_ns, client_weight, toUInt8(client_failed), subset, target, response_flags, caller_protocol)) AS caller,
      max(callee_fits OR caller_fits) AS fits
    FROM (${joined})
    WHERE to_service != from_service OR (via_client AND is_server)
    GROUP BY trace_id, via_client, if(NOT via_client OR shared, span_id, parent_id) AS call_id, from_service`;
  // Of the spans that one client span has in one callee, the server-side ones are requests; where the
  // callee's server span is missing, its earliest span is the witness of one request.
  const chosen = `
    SELECT trace_id, via_client, from_service, caller, fits, spans,
      arrayMap(s -> s.5, arrayFilter(s -> s.1 = 0, spans)) AS with_server,
      arrayFilter((s, nth) -> NOT via_client OR s.1 = 0 OR (nth = 1 AND NOT has(with_server, s.5)),
        spans, arrayEnumerateUniq(arrayMap(s -> s.5, spans))) AS arrivals
    FROM (${calls})`;
  const met = `
    SELECT trace_id, from_service, row.1 AS at, row.2 AS to_service, row.3 AS to_version, row.4 AS peer, row.5 AS protocol,
      row.6 AS subset, row.7 AS response_flags, row.8 AS arrival, row.9 AS outcome, row.10 AS weight, row.11 AS failed,
      row.12 AS client_failed, row.13 AS callee_ns, row.14 AS client_ns
    FROM (
      SELECT trace_id, from_service, arrayJoin(arrayConcat(
        arrayMap(s -> (s.2, toString(s.5), toString(s.6), '', toString(s.7), if(via_client, toString(caller.5), ''), '', toUInt8(1),
          if(via_client, '', 'received'), s.8, toUInt8(s.9 OR (via_client AND caller.4)), toUInt8(0),
          if(via_client AND s.1, NULL, toNullable(s.4)), ${none}), arrayFilter(s -> s.10 = 1, arrivals)),
        if(via_client AND fits, [(caller.1, toString(spans[1].5), '', toString(caller.6), toString(caller.8), toString(caller.5),
          toString(caller.7), toUInt8(0), 'received', caller.3, toUInt8(0), caller.4, ${none}, toNullable(caller.2))], []))) AS row
      FROM (${chosen}))
    WHERE ${inRange('at')}`;
  // A client span is answered for when a span points to it that is not an inner span of its own service.
  const unmet = `
    SELECT k.trace_id AS trace_id, k.service AS from_service, k.start AS at, '' AS to_service, '' AS to_version,
      toString(k.target) AS peer, toString(k.protocol) AS protocol, toString(k.subset) AS subset,
      toString(k.response_flags) AS response_flags, toUInt8(0) AS arrival,
      multiIf(k.flag = 'proxy', 'proxy', k.flag = 'unanswered' OR k.no_answer, 'unanswered', 'unmatched') AS outcome,
      k.weight AS weight, toUInt8(0) AS failed, toUInt8(k.failed) AS client_failed, ${none} AS callee_ns,
      toNullable(k.duration_ns) AS client_ns
    FROM ${spans(
      `${CLIENT_SIDE} AND ${inRange('start')} AND (${options.judgeAll === true ? '1' : SETTLED}) AND (${filter})`,
      `trace_id, span_id, start, duration_ns, service, weight, protocol, subset, response_flags,
       ${TARGET} AS target, ${FAILED} AS failed, toString(flag_meaning) AS flag,
       status = 2 AND http_status = 0 AND protocol NOT IN ('db', 'messaging') AND NOT ${ANSWERED_RPC} AS no_answer`,
    )} AS k
    LEFT ANY JOIN (
      SELECT trace_id, id, max(strong) AS strong, groupUniqArray(service) AS services
      FROM ${spans(
        `(notEmpty(parent_id) OR ${SERVER_SIDE})`,
        `trace_id, service, arrayJoin(if(${SERVER_SIDE}, [parent_id, span_id], [parent_id])) AS id,
         ${SERVER_SIDE} OR ${CLIENT_SIDE} AS strong`,
      )}
      GROUP BY trace_id, id
    ) AS h ON k.trace_id = h.trace_id AND k.span_id = h.id
    WHERE NOT (h.strong OR arrayExists(s -> s != k.service, h.services))`;
  if (options.lostOnly) return unmet;
  return `SELECT ${CALL_COLUMNS.join(', ')} FROM (${met}) UNION ALL SELECT ${CALL_COLUMNS.join(', ')} FROM (${unmet})`;
}

/** Where the other span of a call may lie. */
export function widened(ranges: readonly Range[]): Range[] {
  return joinedRanges(
    ranges.map(({ startMs, endMs }) => ({
      startMs: startMs - LOOKBACK_MS,
      endMs: endMs + LOOKBACK_MS,
    })),
  );
}

/** An RPC that ended with a code of the callee's own: neither CANCELLED (1), DEADLINE_EXCEEDED (4) nor UNAVAILABLE (14). */
const ANSWERED_RPC = `(attributes['rpc.grpc.status_code'] NOT IN ('', '1', '4', '14')
  OR attributes['rpc.response.status_code'] NOT IN ('', 'CANCELLED', 'DEADLINE_EXCEEDED', 'UNAVAILABLE', '1', '4', '14'))`;

/** callRows gathered into rows of exactly the form of edge_minutes, without revision. */
export function edgeRowsFromSpans(
  ranges: readonly Range[],
  params: QueryParams,
  options: CallsOptions,
): string {
  return `
    SELECT minute, ${GROUP_KEYS},
      requests, errors, duration_sum, duration_min, duration_max,
      latency.1 AS latency_buckets, latency.2 AS latency_weights,
      sent, received, by_proxy, unanswered, unmatched, client_errors, client_duration_sum,
      client_duration_min, client_duration_max,
      client_latency.1 AS client_latency_buckets, client_latency.2 AS client_latency_weights
    FROM (
      SELECT toStartOfMinute(at) AS minute, ${GROUP_KEYS}, ${FIGURES}
      FROM (${callRows(ranges, params, options)})
      GROUP BY minute, ${GROUP_KEYS}
    )`;
}

/** callRows summed over all minutes; `latency` and `client_latency` are pairs of buckets and weights. */
export function edgeSumsFromSpans(
  ranges: readonly Range[],
  params: QueryParams,
  options: CallsOptions,
): string {
  return `SELECT ${GROUP_KEYS}, ${FIGURES} FROM (${callRows(ranges, params, options)}) GROUP BY ${GROUP_KEYS}`;
}

const GROUP_KEYS = EDGE_KEYS.join(', ');

const sketchSql = (column: string) =>
  `sumMapIf([${bucketSql(`ifNull(${column}, 1)`)}], [weight], isNotNull(${column}))`;

const FIGURES = `
  sumIf(weight, arrival = 1) AS requests,
  sumIf(weight, arrival = 1 AND failed = 1) AS errors,
  sum(weight * ifNull(callee_ns, 0)) AS duration_sum,
  toUInt64(ifNull(min(callee_ns), 0)) AS duration_min,
  toUInt64(ifNull(max(callee_ns), 0)) AS duration_max,
  ${sketchSql('callee_ns')} AS latency,
  sumIf(weight, outcome != '') AS sent,
  sumIf(weight, outcome = 'received') AS received,
  sumIf(weight, outcome = 'proxy') AS by_proxy,
  sumIf(weight, outcome = 'unanswered') AS unanswered,
  sumIf(weight, outcome = 'unmatched') AS unmatched,
  sumIf(weight, client_failed = 1) AS client_errors,
  sum(weight * ifNull(client_ns, 0)) AS client_duration_sum,
  toUInt64(ifNull(min(client_ns), 0)) AS client_duration_min,
  toUInt64(ifNull(max(client_ns), 0)) AS client_duration_max,
  ${sketchSql('client_ns')} AS client_latency`;
