// Which of two rules comes first: the more exact path, then the longer one, then a method, then more
// headers, then more query parameters; rules without a match come last. Equals stay in their order.

import type { HttpRoute, HttpMatch } from '../resource.ts';

export function bySpecificity(a: HttpRoute, b: HttpRoute): number {
  const one = a.match?.[0];
  const other = b.match?.[0];
  if (!one || !other) return Number(!one) - Number(!other);
  return (
    rank(other) - rank(one) ||
    length(other) - length(one) ||
    Number(other.method !== undefined) - Number(one.method !== undefined) ||
    count(other.headers) - count(one.headers) ||
    count(other.queryParams) - count(one.queryParams)
  );
}

function rank({ uri }: HttpMatch): number {
  if (!uri) return -1;
  return uri.exact === undefined ? (uri.prefix === undefined ? 1 : 2) : 3;
}

const length = ({ uri }: HttpMatch) => (uri?.exact ?? uri?.prefix ?? uri?.regex ?? '').length;
const count = (map: object | undefined) => Object.keys(map ?? {}).length;
