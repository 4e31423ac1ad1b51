export type QueryValue =
  | string
  | number
  | boolean
  | readonly (string | number)[]
  | null
  | undefined;

/**
 * `?a=1&b=x&b=y` of a query: arrays become repeated parameters, undefined and null are left out.
 * Empty text when nothing is left. Keys keep their order, so equal queries give equal addresses.
 */
export function queryString(query: object | undefined): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries((query ?? {}) as Record<string, QueryValue>)) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(key, String(one));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
