// A client-side 4xx is no failure; refusals tell traces from metrics; what pulls could not get is kept.

const CLIENT_SIDE = 'kind IN (3, 4) OR (direction = 2 AND kind NOT IN (2, 5))';

export const statements: readonly string[] = [
  // OpenTelemetry's client spans have the status error on a 4xx, its server spans have not. Spans and
  // per-minute figures that are there already keep what was worked out when they came.
  `ALTER TABLE spans MODIFY COLUMN is_failed UInt8
    MATERIALIZED http_status >= 500 OR (status = 2 AND NOT (http_status >= 400 AND (${CLIENT_SIDE}))) CODEC(ZSTD(1))`,

  `ALTER TABLE refusals ADD COLUMN IF NOT EXISTS signal LowCardinality(String) DEFAULT 'traces'`,

  // A time of which a source has given nothing, or not all. Written again while it grows; ends where it
  // begins when the source has given it after all.
  `CREATE TABLE IF NOT EXISTS gaps (
    source LowCardinality(String),
    signal LowCardinality(String),
    start DateTime64(3, 'UTC'),
    end DateTime64(3, 'UTC'),
    reason String,
    recorded DateTime64(3, 'UTC')
  ) ENGINE = ReplacingMergeTree(recorded)
  PARTITION BY toYYYYMM(start)
  ORDER BY (source, signal, start)
  SETTINGS ttl_only_drop_parts = 1`,
];
