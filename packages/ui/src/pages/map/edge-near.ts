// Which of thousands of painted edges a click means.

import type { GraphEdge } from '@clover/model';
import type { Point } from './layout.ts';
import { NODE_WIDTH } from './node-box.tsx';

/** Ends of a painted edge: straight, from side to side. */
export function endsOf(from: Point, to: Point): readonly [Point, Point] {
  const half = to.x >= from.x ? NODE_WIDTH / 2 : -NODE_WIDTH / 2;
  return [
    { x: from.x + half, y: from.y },
    { x: to.x - half, y: to.y },
  ];
}

/** The edge nearest to a point of the map, not further than `most`; undefined when there is none. */
export function edgeNear(
  point: Point,
  edges: readonly GraphEdge[],
  { places, most }: { readonly places: Readonly<Record<string, Point>>; readonly most: number },
): GraphEdge | undefined {
  let best: { readonly edge: GraphEdge; readonly far: number } | undefined;
  for (const edge of edges) {
    const [from, to] = [places[edge.from], places[edge.to]];
    if (!from || !to) continue;
    const far = distance(point, ...endsOf(from, to));
    if (far <= most && (!best || far < best.far)) best = { edge, far };
  }
  return best?.edge;
}

/** From a point to a line between two others. */
function distance(point: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const square = dx * dx + dy * dy;
  const along =
    square === 0
      ? 0
      : Math.min(1, Math.max(0, ((point.x - a.x) * dx + (point.y - a.y) * dy) / square));
  return Math.hypot(point.x - a.x - along * dx, point.y - a.y - along * dy);
}
