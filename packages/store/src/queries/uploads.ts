import type { Scope, UploadsAnswer } from '@clover/model';
import type { Queryable } from '../store.ts';
import { startMeta } from './meta.ts';

interface UploadRow {
  readonly timeMs: number;
  readonly server: string;
  readonly name: string;
  readonly contentType: string;
  readonly path: string;
  readonly md5: string;
  readonly sizeBytes: number;
  readonly total: number;
}

/** Uploads that servers kept in a time range, newest first. */
export async function uploads(
  store: Queryable,
  scope: Scope,
  query: { readonly limit: number },
): Promise<UploadsAnswer> {
  const meta = startMeta(store, scope, []);
  const rows = await store.select<UploadRow>(
    `SELECT toFloat64(toUnixTimestamp64Milli(time)) AS timeMs, toString(server) AS server, name,
       toString(content_type) AS contentType, path, md5, toFloat64(size_bytes) AS sizeBytes,
       toFloat64(count() OVER ()) AS total
     FROM uploads FINAL
     WHERE time >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
     ORDER BY time DESC, path DESC LIMIT {limit:UInt32}`,
    { start: Math.floor(scope.startMs), end: Math.floor(scope.endMs), limit: query.limit },
  );
  return {
    meta: await meta.finish({ cut: { shown: rows.length, total: rows[0]?.total ?? 0 } }),
    items: rows.map((row) => ({
      time: new Date(row.timeMs).toISOString(),
      server: row.server,
      name: row.name,
      contentType: row.contentType,
      path: row.path,
      md5: row.md5,
      sizeBytes: row.sizeBytes,
    })),
  };
}
