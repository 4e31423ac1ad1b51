// What 10 million spans of a million traces take on disk, and how long the questions take that people ask
// of them: 11 attributes over 97 keys and 1,000 values, 10 services, 10 days. Seeded by hashes, so that
// every run has the same spans. Flags: --traces N (default 1,000,000), --data DIR (kept and used again).

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  counts,
  graph,
  openStore,
  searchTraces,
  services,
  traceDetail,
  type Store,
} from '@clover/store';
import { machineLine } from './machine.ts';

const { values: flags } = parseArgs({
  options: { traces: { type: 'string', default: '1000000' }, data: { type: 'string' } },
});
const TRACES = Number(flags.traces);
const SPANS_A_TRACE = 10;
const DAYS = 10;
const DAY_S = 86_400;
const firstDay = Math.floor(Date.now() / 1000 / DAY_S) - DAYS;
const dataDir = flags.data ?? mkdtempSync(join(tmpdir(), 'clover-10m-'));
const fresh = !existsSync(join(dataDir, 'clickhouse'));

process.env['UV_THREADPOOL_SIZE'] ??= '12';
const store = await openStore({ dataDir, backgroundRollups: false });
console.log(machineLine());
if (fresh) await fill(store);
await size(store);
await questions(store);
await store.close();
if (flags.data === undefined) rmSync(dataDir, { recursive: true, force: true });
process.exit(0);

async function fill(into: Store): Promise<void> {
  const started = performance.now();
  const perDay = TRACES / DAYS;
  for (let day = 0; day < DAYS; day++) {
    const from = (firstDay + day) * DAY_S;
    await into.command(`INSERT INTO spans (bucket, trace_id, span_id, parent_id, start, duration_ns, kind, status, direction, http_status, weight,
        service, version, namespace, node, name, protocol, http_method, http_route, url_host, url_template, user_agent, user_agent_family,
        peer, source, scope_name, attributes, resource_id)
      SELECT toStartOfInterval(start, INTERVAL 5 MINUTE), reinterpret(sipHash128(n, 'trace'), 'FixedString(16)'), reinterpret(sipHash64(n, i), 'FixedString(8)'),
        if(i = 0, toFixedString('', 8), reinterpret(sipHash64(n, i - 1), 'FixedString(8)')),
        fromUnixTimestamp64Nano(toInt64(${from}) * 1000000000 + toInt64(sipHash64(n, 'at') % 86400000) * 1000000 + i * 500000, 'UTC') AS start,
        toUInt64(exp(14 + 3 * (sipHash64(n, i, 'd') % 1000) / 1000)) * (20 - i), if(i % 2 = 0, 3, 2), if(failed, 2, 0), 0, if(failed, 500, 200), 1,
        concat('service-', toString((intDiv(i + 1, 2) + n % 5) % 10)) AS service, concat('v', toString(n % 2 + 1)), 'shop',
        concat('pod-', toString(sipHash64(n, i, 'p') % 50)), concat('op-', toString(op)), 'http', 'GET', concat('/r/', toString(op)),
        concat('host-', toString(n % 10)), concat('/r/', toString(op)), concat('agent-', toString(n % 7)), 'agent',
        concat('service-', toString((intDiv(i + 2, 2) + n % 5) % 10)), 'bench', 'lib',
        mapFromArrays(arrayMap(k -> concat('key', toString((k * 9 + sipHash64(n, i, 'ks') % 9) % 97)), range(11)),
          arrayMap(k -> concat('value', toString(sipHash64(n, i, k, 'v') % 1000)), range(11))),
        toUInt64(sipHash64(service))
      FROM (SELECT number + ${day * perDay} AS n, arrayJoin(range(${SPANS_A_TRACE})) AS i, sipHash64(n, i, 'op') % 20 AS op, sipHash64(n, i, 'e') % 100 = 0 AS failed FROM numbers(${perDay}))`);
    process.stderr.write(`\rday ${day + 1} of ${DAYS} `);
  }
  await into.command(
    "INSERT INTO attribute_keys (key, scope, type, day, seen) SELECT concat('key', toString(number)), 'span', 'string', today(), now() FROM numbers(97)",
  );
  await into.command(
    `INSERT INTO touched_minutes (minute, until) SELECT toDateTime(${firstDay * DAY_S} + number * 60, 'UTC'), now64(3) FROM numbers(${(DAYS * DAY_S) / 60})`,
  );
  console.log(`filled in ${seconds(started)} s`);
  const computing = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 50)); // windows must be newer than the touch
  await into.refreshRollups();
  console.log(`all ${(DAYS * DAY_S) / 60} windows computed in ${seconds(computing)} s`);
  for (const table of [
    'spans',
    'trace_index',
    'red_minutes',
    'red_hours',
    'edge_minutes',
    'windows',
    'touched_minutes',
  ])
    await into.command(`OPTIMIZE TABLE ${table} FINAL`);
}

async function size(of: Store): Promise<void> {
  const { tables } = await of.info();
  const spans = tables.find((one) => one.name === 'spans');
  if (!spans) return;
  for (const one of tables)
    if (one.bytesOnDisk > 100_000)
      console.log(
        `${one.name.padEnd(16)} ${(one.bytesOnDisk / 1e6).toFixed(1).padStart(8)} MB  ${(one.bytesOnDisk / spans.rows).toFixed(2).padStart(6)} bytes a span`,
      );
  const own = tables
    .filter((one) => one.name === 'spans' || one.name === 'trace_index')
    .reduce((sum, one) => sum + one.bytesOnDisk, 0);
  const all = tables.reduce((sum, one) => sum + one.bytesOnDisk, 0);
  console.log(
    `${spans.rows} spans: ${(own / spans.rows).toFixed(1)} bytes a span with the trace index, ${(all / spans.rows).toFixed(1)} with all windows (Jaeger on ClickHouse publishes 75.7)`,
  );
}

async function questions(to: Store): Promise<void> {
  const whole = {
    startMs: firstDay * DAY_S * 1000,
    endMs: (firstDay + DAYS) * DAY_S * 1000,
    filters: [],
  };
  const hour = {
    startMs: whole.startMs + 5 * DAY_S * 1000,
    endMs: whole.startMs + 5 * DAY_S * 1000 + 3_600_000,
    filters: [],
  };
  const [row] = await to.select<{ id: string }>(
    `SELECT lower(hex(trace_id)) AS id FROM spans WHERE bucket = toDateTime(${hour.startMs / 1000}, 'UTC') LIMIT 1`,
  );
  const attribute = {
    ...whole,
    filters: [{ key: 'key7', operator: '=' as const, value: 'value77' }],
  };
  const rare = {
    ...whole,
    filters: [...attribute.filters, { key: 'key16', operator: '=' as const, value: 'value123' }],
  };
  await report('RED of all services, all 10 days', 100, () => services(to, whole));
  await report('RED of all services, from the spans alone', undefined, () =>
    counts(to, whole, { by: 'service', side: 'all' }),
  );
  await report('a trace by its id', 20, () => traceDetail(to, row!.id));
  await report('search by attribute, newest 20 of 10 days', 150, () =>
    searchTraces(to, attribute, { limit: 20 }),
  );
  await report('search by two attributes, rare', undefined, () =>
    searchTraces(to, rare, { limit: 20 }),
  );
  await report('service graph of an hour', 300, () => graph(to, hour));
  await report('service graph of 10 days', undefined, () => graph(to, whole));
}

async function report(
  what: string,
  aimMs: number | undefined,
  ask: () => Promise<unknown>,
): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < 8; run++) {
    const started = performance.now();
    await ask();
    if (run > 0) times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  console.log(
    `${what.padEnd(44)} ${times[3]!.toFixed(0).padStart(6)} ms${aimMs === undefined ? '' : `  (aim ${aimMs})`}`,
  );
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0);
}
