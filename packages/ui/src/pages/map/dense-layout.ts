// Where nearly all call nearly all, namespaces of a large system for one, layers say nothing: a grid, those who mostly
// call on the left, those who are mostly called on the right.

import type { Layout, LayoutRequest, Point } from './layout.ts';

const FEWEST_NODES = 12;
const EDGES_PER_NODE = 5;
const GAP = { x: 130, y: 46 };
const MARGIN = 24;
/** Nodes are four times as wide as high, screens about half as wide again. */
const COLUMNS_PER_ROOT = 0.75;

export function isDense({ nodes, edges }: LayoutRequest): boolean {
  return nodes.length >= FEWEST_NODES && edges.length >= EDGES_PER_NODE * nodes.length;
}

/** Columns of even height, ordered by the share of calls that go out, then by name. */
export function denseLayout({ nodes, edges }: LayoutRequest): Layout {
  const [out, into] = [new Map<string, number>(), new Map<string, number>()];
  for (const { from, to, weight } of edges) {
    if (from === to) continue;
    out.set(from, (out.get(from) ?? 0) + weight);
    into.set(to, (into.get(to) ?? 0) + weight);
  }
  const calling = (id: string) => {
    const [o, i] = [out.get(id) ?? 0, into.get(id) ?? 0];
    return o + i === 0 ? 0 : o / (o + i);
  };
  const ordered = nodes.toSorted(
    (a, b) => calling(b.id) - calling(a.id) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  const columns = Math.max(2, Math.round(COLUMNS_PER_ROOT * Math.sqrt(nodes.length)));
  const rows = Math.ceil(nodes.length / columns);
  const width = Math.max(...nodes.map((one) => one.width)) + GAP.x;
  const height = Math.max(...nodes.map((one) => one.height)) + GAP.y;
  const places: Record<string, Point> = {};
  ordered.forEach(({ id }, index) => {
    const column = Math.floor(index / rows);
    places[id] = {
      x: MARGIN + column * width + (width - GAP.x) / 2,
      // Every other column half a step lower, so that an edge does not run behind the boxes between.
      y: MARGIN + (index % rows) * height + (column % 2) * (height / 2) + (height - GAP.y) / 2,
    };
  });
  return {
    width: 2 * MARGIN + Math.ceil(nodes.length / rows) * width - GAP.x,
    height: 2 * MARGIN + (rows + 0.5) * height - GAP.y,
    nodes: places,
    edges: {},
  };
}
