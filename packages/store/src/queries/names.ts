import type { Queryable } from '../store.ts';

/** Names of all services that sent a span within the retention, sorted. */
export async function serviceNames(store: Queryable): Promise<string[]> {
  const rows = await store.select<{ service: string }>(
    `SELECT DISTINCT toString(service) AS service FROM resources WHERE service != '' ORDER BY service`,
  );
  return rows.map((row) => row.service);
}

/** Span names of a service with their kinds (OTLP's numbers) within the retention, sorted. */
export async function operationNames(
  store: Queryable,
  service: string,
): Promise<{ name: string; kind: number }[]> {
  return store.select(
    `SELECT DISTINCT toString(name) AS name, kind FROM spans PREWHERE service = {service:String}
     ORDER BY name, kind LIMIT 10000`,
    { service },
  );
}
