// Which routes of two lists take the same requests: for every pair the boxes of requests that the one
// takes on the old side and the other on the new.

import type { Condition } from '../conditions.ts';
import type { Box, RequestSpace } from './request-space.ts';

interface Conditional {
  readonly conditions: readonly Condition[];
}

export interface Pair {
  /** Index of the route; -1 when none takes it. */
  readonly before: number;
  readonly after: number;
  readonly boxes: readonly Box[];
}

/** Boxes that are split by a route, all in all. */
const MAX_SPLITS = 5_000_000;

export function partition(
  space: RequestSpace,
  before: readonly Conditional[],
  after: readonly Conditional[],
): { readonly pairs: readonly Pair[]; readonly complete: boolean } {
  let budget = MAX_SPLITS;
  /** First match: boxes by the index of the route. */
  const taken = (boxes: readonly Box[], routes: readonly Conditional[]): Map<number, Box[]> => {
    const result = new Map<number, Box[]>();
    let open = [...boxes];
    for (const [index, { conditions }] of routes.entries()) {
      if (open.length === 0 || budget <= 0) break;
      const rest: Box[] = [];
      for (const box of open) {
        const { inside, outside } = space.split(box, conditions);
        if (inside) result.set(index, [...(result.get(index) ?? []), inside]);
        for (const one of outside) rest.push(one);
        budget--;
      }
      open = rest;
    }
    if (open.length > 0) result.set(-1, open);
    return result;
  };
  const pairs: Pair[] = [];
  for (const [index, boxes] of taken([space.whole], before))
    for (const [other, parts] of taken(boxes, after))
      pairs.push({ before: index, after: other, boxes: parts });
  return { pairs, complete: budget > 0 };
}
