import type { IdsAlert, IdsAlertsAnswer, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { startMeta } from './meta.ts';

interface AlertRow extends Omit<IdsAlert, 'time'> {
  readonly timeMs: number;
  readonly total: number;
}

/** Alerts of the IDS in a time range, newest first; filters of the scope are about spans and do not count here. */
export async function idsAlerts(
  store: Queryable,
  scope: Scope,
  query: { readonly limit: number; readonly sid?: number | undefined },
): Promise<IdsAlertsAnswer> {
  const meta = startMeta(store, scope, []);
  const rows = await store.select<AlertRow>(
    `SELECT toFloat64(toUnixTimestamp64Milli(time)) AS timeMs, id, toString(sensor) AS sensor, gid, sid, rev,
       toString(msg) AS msg, toString(classtype) AS classtype, priority, references,
       toString(protocol) AS protocol, source_address AS sourceAddress, source_port AS sourcePort,
       destination_address AS destinationAddress, destination_port AS destinationPort,
       toString(method) AS method, toString(host) AS host, url, user_agent AS userAgent, trace_id AS traceId,
       toFloat64(count() OVER ()) AS total
     FROM ids_alerts FINAL
     WHERE time >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
       ${query.sid === undefined ? '' : 'AND sid = {sid:UInt32}'}
     ORDER BY time DESC, id DESC LIMIT {limit:UInt32}`,
    {
      start: Math.floor(scope.startMs),
      end: Math.floor(scope.endMs),
      limit: query.limit,
      ...(query.sid === undefined ? {} : { sid: query.sid }),
    },
  );
  return {
    meta: await meta.finish({ cut: { shown: rows.length, total: rows[0]?.total ?? 0 } }),
    items: rows.map(alertOf),
  };
}

function alertOf(row: AlertRow): IdsAlert {
  const alert: { -readonly [Key in keyof AlertRow]?: AlertRow[Key] } = { ...row };
  delete alert.timeMs;
  delete alert.total;
  // What is left is every other field of an alert.
  return { time: new Date(row.timeMs).toISOString(), ...(alert as Omit<IdsAlert, 'time'>) };
}
