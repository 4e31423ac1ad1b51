// The first schema. Written for one server; cluster-ddl.ts turns the same text into replicated and
// distributed tables. TTLs are not here: retention.ts sets them from the configuration. They count from
// when a row was received, not from when it happened: imported history stays as long as live data.

// What every analysis asks of a span, worked out once, when it is inserted. A released migration must
// not change with the code: if a definition changes, the next migration changes the column.
import { flagMeaningSql } from '../queries/response-flags.ts';

const DERIVED = [
  // Server or consumer, or inbound where the kind does not say.
  {
    name: 'server_side',
    type: 'UInt8',
    expression: 'kind IN (2, 5) OR (direction = 1 AND kind NOT IN (3, 4))',
  },
  // Client or producer, or outbound where the kind does not say.
  {
    name: 'client_side',
    type: 'UInt8',
    expression: 'kind IN (3, 4) OR (direction = 2 AND kind NOT IN (2, 5))',
  },
  { name: 'is_failed', type: 'UInt8', expression: 'status = 2 OR http_status >= 500' },
  // proxy: answered by the proxy itself; unanswered: sent or tried in vain; none.
  {
    name: 'flag_meaning',
    type: 'LowCardinality(String)',
    expression: flagMeaningSql('response_flags'),
  },
];

export const statements: readonly string[] = [
  // A span delivered twice has the same sorting key and counts once. Five-minute buckets first keep
  // time ranges and traces together; the trace order inside makes ids and repeats compress.
  `CREATE TABLE IF NOT EXISTS spans (
    bucket DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    trace_id FixedString(16) CODEC(ZSTD(1)),
    span_id FixedString(8) CODEC(ZSTD(1)),
    parent_id FixedString(8) CODEC(ZSTD(1)),
    start DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    duration_ns UInt64 CODEC(T64, ZSTD(1)),
    kind UInt8 CODEC(ZSTD(1)),
    status UInt8 CODEC(ZSTD(1)),
    direction UInt8 CODEC(ZSTD(1)),
    http_status UInt16 CODEC(ZSTD(1)),
    weight Float64 CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    version LowCardinality(String) CODEC(ZSTD(1)),
    namespace LowCardinality(String) CODEC(ZSTD(1)),
    node LowCardinality(String) CODEC(ZSTD(1)),
    name LowCardinality(String) CODEC(ZSTD(1)),
    protocol LowCardinality(String) CODEC(ZSTD(1)),
    http_method LowCardinality(String) CODEC(ZSTD(1)),
    http_route LowCardinality(String) CODEC(ZSTD(1)),
    url_host LowCardinality(String) CODEC(ZSTD(1)),
    url_template LowCardinality(String) CODEC(ZSTD(1)),
    user_agent LowCardinality(String) CODEC(ZSTD(1)),
    user_agent_family LowCardinality(String) CODEC(ZSTD(1)),
    peer LowCardinality(String) CODEC(ZSTD(1)),
    response_flags LowCardinality(String) CODEC(ZSTD(1)),
    upstream_cluster LowCardinality(String) CODEC(ZSTD(1)),
    subset LowCardinality(String) CODEC(ZSTD(1)),
    scope_name LowCardinality(String) CODEC(ZSTD(1)),
    source LowCardinality(String) CODEC(ZSTD(1)),
    exception_type LowCardinality(String) CODEC(ZSTD(1)),
    status_message String CODEC(ZSTD(1)),
    trace_state String CODEC(ZSTD(1)),
    exception_message String CODEC(ZSTD(1)),
    events String CODEC(ZSTD(1)),
    links String CODEC(ZSTD(1)),
    attributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    resource_id UInt64 CODEC(ZSTD(1)),
    arrived Date DEFAULT today() CODEC(ZSTD(1)),
    ${DERIVED.map((one) => `${one.name} ${one.type} MATERIALIZED ${one.expression} CODEC(ZSTD(1))`).join(',\n    ')}
  ) ENGINE = ReplacingMergeTree
  PARTITION BY toYYYYMMDD(bucket)
  ORDER BY (bucket, trace_id, span_id, kind)
  SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1`,

  `CREATE TABLE IF NOT EXISTS resources (
    resource_id UInt64,
    day Date,
    service LowCardinality(String),
    version LowCardinality(String),
    namespace LowCardinality(String),
    node LowCardinality(String),
    attributes Map(LowCardinality(String), String),
    seen DateTime('UTC')
  ) ENGINE = ReplacingMergeTree(seen)
  PARTITION BY toYYYYMM(day)
  ORDER BY resource_id
  SETTINGS ttl_only_drop_parts = 1`,

  // Where a trace's spans lie: trace_hash = cityHash64(trace_id) cut to 32 bits.
  `CREATE TABLE IF NOT EXISTS trace_index (
    trace_hash UInt32 CODEC(Delta(4), ZSTD(1)),
    bucket DateTime('UTC') CODEC(ZSTD(1)),
    arrived Date DEFAULT today() CODEC(ZSTD(1))
  ) ENGINE = ReplacingMergeTree
  PARTITION BY toYYYYMMDD(bucket)
  ORDER BY (trace_hash, bucket)
  SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1`,
  `CREATE MATERIALIZED VIEW IF NOT EXISTS trace_index_view TO trace_index AS
    SELECT toUInt32(bitAnd(cityHash64(trace_id), 4294967295)) AS trace_hash, bucket
    FROM spans GROUP BY trace_hash, bucket`,

  `CREATE TABLE IF NOT EXISTS attribute_keys (
    key String,
    scope LowCardinality(String),
    type LowCardinality(String),
    day Date,
    seen DateTime('UTC')
  ) ENGINE = ReplacingMergeTree(seen)
  PARTITION BY toYYYYMM(day)
  ORDER BY (scope, key, type)
  SETTINGS ttl_only_drop_parts = 1`,

  // Derived windows. A recomputation writes its rows under a new revision and its \`windows\` row
  // last; only the newest revision of a window counts. level: its seconds; minute: its start; has_red: 0
  // where the spans of a minute are so few and so different that RED is read from them as fast.
  `CREATE TABLE IF NOT EXISTS windows (
    level UInt16,
    minute DateTime('UTC'),
    revision UInt64,
    spans UInt64,
    duplicates UInt64,
    has_red UInt8,
    computed_at DateTime64(3, 'UTC')
  ) ENGINE = ReplacingMergeTree(revision)
  PARTITION BY toYYYYMMDD(minute)
  ORDER BY (level, minute)
  SETTINGS ttl_only_drop_parts = 1`,

  // A minute that a writer is about to insert into, and until when (by the server's clock) it may.
  `CREATE TABLE IF NOT EXISTS touched_minutes (
    minute DateTime('UTC'),
    until DateTime64(3, 'UTC'),
    arrived Date DEFAULT today()
  ) ENGINE = ReplacingMergeTree(until)
  PARTITION BY toYYYYMMDD(minute)
  ORDER BY minute
  SETTINGS ttl_only_drop_parts = 1`,

  `CREATE TABLE IF NOT EXISTS red_minutes (
    minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    revision UInt64 CODEC(Delta(8), ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    version LowCardinality(String) CODEC(ZSTD(1)),
    namespace LowCardinality(String) CODEC(ZSTD(1)),
    name LowCardinality(String) CODEC(ZSTD(1)),
    kind UInt8 CODEC(ZSTD(1)),
    direction UInt8 CODEC(ZSTD(1)),
    http_status UInt16 CODEC(ZSTD(1)),
    spans UInt64 CODEC(T64, ZSTD(1)),
    requests Float64 CODEC(ZSTD(1)),
    errors Float64 CODEC(ZSTD(1)),
    duration_sum Float64 CODEC(ZSTD(1)),
    duration_min UInt64 CODEC(T64, ZSTD(1)),
    duration_max UInt64 CODEC(T64, ZSTD(1)),
    latency_buckets Array(UInt16) CODEC(ZSTD(1)),
    latency_weights Array(Float64) CODEC(ZSTD(1)),
    arrived Date DEFAULT today() CODEC(ZSTD(1))
  ) ENGINE = ReplacingMergeTree(revision)
  PARTITION BY toYYYYMMDD(minute)
  ORDER BY (minute, service, name, kind, direction, http_status, version, namespace)
  SETTINGS ttl_only_drop_parts = 1`,

  `CREATE TABLE IF NOT EXISTS red_hours (
    hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    revision UInt64 CODEC(Delta(8), ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    version LowCardinality(String) CODEC(ZSTD(1)),
    namespace LowCardinality(String) CODEC(ZSTD(1)),
    kind UInt8 CODEC(ZSTD(1)),
    direction UInt8 CODEC(ZSTD(1)),
    spans UInt64 CODEC(T64, ZSTD(1)),
    requests Float64 CODEC(ZSTD(1)),
    errors Float64 CODEC(ZSTD(1)),
    duration_sum Float64 CODEC(ZSTD(1)),
    duration_min UInt64 CODEC(T64, ZSTD(1)),
    duration_max UInt64 CODEC(T64, ZSTD(1)),
    latency_buckets Array(UInt16) CODEC(ZSTD(1)),
    latency_weights Array(Float64) CODEC(ZSTD(1)),
    nodes Array(LowCardinality(String)) CODEC(ZSTD(1)),
    last_start DateTime64(9, 'UTC') CODEC(ZSTD(1)),
    arrived Date DEFAULT today() CODEC(ZSTD(1))
  ) ENGINE = ReplacingMergeTree(revision)
  PARTITION BY toYYYYMMDD(hour)
  ORDER BY (hour, service, kind, direction, version, namespace)
  SETTINGS ttl_only_drop_parts = 1`,

  `CREATE TABLE IF NOT EXISTS edge_minutes (
    minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    revision UInt64 CODEC(Delta(8), ZSTD(1)),
    from_service LowCardinality(String) CODEC(ZSTD(1)),
    to_service LowCardinality(String) CODEC(ZSTD(1)),
    to_version LowCardinality(String) CODEC(ZSTD(1)),
    peer LowCardinality(String) CODEC(ZSTD(1)),
    protocol LowCardinality(String) CODEC(ZSTD(1)),
    subset LowCardinality(String) CODEC(ZSTD(1)),
    response_flags LowCardinality(String) CODEC(ZSTD(1)),
    requests Float64 CODEC(ZSTD(1)),
    errors Float64 CODEC(ZSTD(1)),
    duration_sum Float64 CODEC(ZSTD(1)),
    duration_min UInt64 CODEC(T64, ZSTD(1)),
    duration_max UInt64 CODEC(T64, ZSTD(1)),
    latency_buckets Array(UInt16) CODEC(ZSTD(1)),
    latency_weights Array(Float64) CODEC(ZSTD(1)),
    sent Float64 CODEC(ZSTD(1)),
    received Float64 CODEC(ZSTD(1)),
    by_proxy Float64 CODEC(ZSTD(1)),
    unanswered Float64 CODEC(ZSTD(1)),
    unmatched Float64 CODEC(ZSTD(1)),
    client_errors Float64 CODEC(ZSTD(1)),
    client_duration_sum Float64 CODEC(ZSTD(1)),
    client_duration_min UInt64 CODEC(T64, ZSTD(1)),
    client_duration_max UInt64 CODEC(T64, ZSTD(1)),
    client_latency_buckets Array(UInt16) CODEC(ZSTD(1)),
    client_latency_weights Array(Float64) CODEC(ZSTD(1)),
    arrived Date DEFAULT today() CODEC(ZSTD(1))
  ) ENGINE = ReplacingMergeTree(revision)
  PARTITION BY toYYYYMMDD(minute)
  ORDER BY (minute, from_service, to_service, to_version, peer, protocol, subset, response_flags)
  SETTINGS ttl_only_drop_parts = 1`,

  `CREATE TABLE IF NOT EXISTS metric_series (
    series_id UInt64,
    name LowCardinality(String),
    labels Map(LowCardinality(String), String),
    type LowCardinality(String),
    unit LowCardinality(String),
    help String,
    day Date,
    seen DateTime('UTC')
  ) ENGINE = ReplacingMergeTree(seen)
  PARTITION BY toYYYYMM(day)
  ORDER BY (name, series_id)
  SETTINGS ttl_only_drop_parts = 1`,

  // The same sample from two sources, or delivered twice, counts once.
  `CREATE TABLE IF NOT EXISTS metric_points (
    series_id UInt64 CODEC(ZSTD(1)),
    time DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    value Float64 CODEC(Gorilla, ZSTD(1)),
    source LowCardinality(String) CODEC(ZSTD(1)),
    arrived Date DEFAULT today() CODEC(ZSTD(1))
  ) ENGINE = ReplacingMergeTree
  PARTITION BY toYYYYMMDD(time)
  ORDER BY (series_id, time)
  SETTINGS ttl_only_drop_parts = 1`,

  `CREATE TABLE IF NOT EXISTS refusals (
    time DateTime64(3, 'UTC'),
    source LowCardinality(String),
    reason LowCardinality(String),
    count UInt64
  ) ENGINE = MergeTree
  PARTITION BY toYYYYMMDD(time)
  ORDER BY time
  SETTINGS ttl_only_drop_parts = 1`,

  `CREATE TABLE IF NOT EXISTS state (
    key String,
    value String,
    updated DateTime64(3, 'UTC')
  ) ENGINE = ReplacingMergeTree(updated)
  ORDER BY key`,
];
