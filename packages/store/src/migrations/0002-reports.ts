// What the sample services report: alerts of the IDS, files that servers keep. The same one twice counts once.

export const statements: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS ids_alerts (
    time DateTime64(3, 'UTC'),
    id String,
    sensor LowCardinality(String),
    gid UInt32,
    sid UInt32,
    rev UInt32,
    msg LowCardinality(String),
    classtype LowCardinality(String),
    priority UInt32,
    references Array(String),
    protocol LowCardinality(String),
    source_address String,
    source_port UInt16,
    destination_address String,
    destination_port UInt16,
    method LowCardinality(String),
    host LowCardinality(String),
    url String,
    user_agent String,
    trace_id String,
    arrived Date DEFAULT today()
  ) ENGINE = ReplacingMergeTree
  PARTITION BY toYYYYMM(time)
  ORDER BY (time, sensor, id)
  SETTINGS ttl_only_drop_parts = 0`,

  `CREATE TABLE IF NOT EXISTS uploads (
    time DateTime64(3, 'UTC'),
    server LowCardinality(String),
    name String,
    content_type LowCardinality(String),
    path String,
    md5 String,
    size_bytes UInt64,
    arrived Date DEFAULT today()
  ) ENGINE = ReplacingMergeTree
  PARTITION BY toYYYYMM(time)
  ORDER BY (time, server, path)
  SETTINGS ttl_only_drop_parts = 0`,
];
