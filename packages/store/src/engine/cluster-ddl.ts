// The schema's statements, written for one server, as those of a cluster: big tables are spread over the
// shards by trace or series (a local replicated table and a Distributed one over it), small ones are whole
// on every server, so that joins with them stay local.

/** What a big table is spread by. A trace lies on one shard, as does a series. */
const SHARDED: Readonly<Record<string, string>> = {
  spans: 'cityHash64(trace_id)',
  trace_index: 'trace_hash',
  metric_points: 'series_id',
};

/** Statements in the order to run them. Throws for a statement of a form that the schema does not use. */
export function clusterStatements(statement: string, cluster: string): string[] {
  const on = `ON CLUSTER ${identifier(cluster)}`;
  const text = statement.trim();
  const create =
    /^CREATE TABLE IF NOT EXISTS (\w+)\s*(\([\s\S]*\))\s*ENGINE = (\w*MergeTree)(?:\(([^)]*)\))?([\s\S]*)$/.exec(
      text,
    );
  if (create) return createTable(create, on, cluster);
  const view = /^CREATE MATERIALIZED VIEW IF NOT EXISTS (\w+) TO (\w+) AS([\s\S]*)$/.exec(text);
  if (view) {
    const [, name, target, query] = view as unknown as [string, string, string, string];
    return [
      `CREATE MATERIALIZED VIEW IF NOT EXISTS ${name} ${on} TO ${localName(target)} AS${query.replaceAll(/\bFROM (\w+)/g, (_, table: string) => `FROM ${localName(table)}`)}`,
    ];
  }
  const change = /^(ALTER TABLE|TRUNCATE TABLE) (\w+)([\s\S]*)$/.exec(text);
  if (change) return [`${change[1]} ${localName(change[2]!)} ${on}${change[3]}`];
  throw new Error(`no cluster form of: ${text.slice(0, 80)}`);
}

function createTable(
  [, name, columns, engine, args, rest]: readonly string[],
  on: string,
  cluster: string,
): string[] {
  const further = args?.trim() ? `, ${args.trim()}` : '';
  const key = SHARDED[name!];
  const shard = key === undefined ? 'all' : '{shard}';
  const replica = key === undefined ? '{shard}-{replica}' : '{replica}';
  const local = `CREATE TABLE IF NOT EXISTS ${localName(name!)} ${on} ${columns}
  ENGINE = Replicated${engine}('/clickhouse/tables/{database}/${name}/${shard}', '${replica}'${further})${rest}`;
  if (key === undefined) return [local];
  return [
    local,
    `CREATE TABLE IF NOT EXISTS ${name} ${on} AS ${localName(name!)} ENGINE = Distributed(${identifier(cluster)}, currentDatabase(), ${localName(name!)}, ${key})`,
  ];
}

function localName(table: string): string {
  return table in SHARDED ? `${table}_local` : table;
}

function identifier(name: string): string {
  return /^\w+$/.test(name) ? name : `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
