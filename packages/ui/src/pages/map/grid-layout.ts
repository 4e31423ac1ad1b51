// Layers by the longest way from a root, each layer a column (wrapped when long), ordered by their callers' places.

import type { Layout, LayoutRequest, Point } from './layout.ts';

/** A column has about half as many rows again as there are columns, so that the whole fits a screen. */
const MOST_ROWS = 60;
const FEWEST_ROWS = 14;

/** For thousands of services: linear in nodes and edges but for the sorting. */
export function gridLayout({ nodes, edges }: LayoutRequest): Layout {
  const { callers, callees } = neighbours(edges);
  const layers = layersIn(nodes, callees, callers);
  const order = new Map<string, number>();
  const places: Record<string, Point> = {};
  const [width, height] = [
    Math.max(...nodes.map((one) => one.width)) + 60,
    Math.max(...nodes.map((one) => one.height)) + 14,
  ];
  const rows = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, Math.ceil(1.5 * Math.sqrt(nodes.length))));
  let column = 0;
  let tallest = 0;
  for (const layer of layers) {
    const mean = (id: string) => {
      const above = (callers.get(id) ?? []).flatMap((one) => order.get(one) ?? []);
      return above.length === 0 ? 0 : above.reduce((sum, one) => sum + one, 0) / above.length;
    };
    const sorted = layer.map((id) => ({ id, mean: mean(id) })).toSorted((a, b) => a.mean - b.mean);
    sorted.forEach(({ id }, index) => {
      order.set(id, index);
      places[id] = {
        x: 24 + (column + Math.floor(index / rows)) * width + width / 2,
        y: 24 + (index % rows) * height + height / 2,
      };
    });
    tallest = Math.max(tallest, Math.min(sorted.length, rows));
    column += Math.ceil(sorted.length / rows) + 0.4;
  }
  return { width: 48 + column * width, height: 48 + tallest * height, nodes: places, edges: {} };
}

/** Services by the longest way from a root; no layer is empty. */
export function layersOf({ nodes, edges }: LayoutRequest): string[][] {
  const { callers, callees } = neighbours(edges);
  return layersIn(nodes, callees, callers);
}

function neighbours(edges: LayoutRequest['edges']) {
  const callers = new Map<string, string[]>();
  const callees = new Map<string, string[]>();
  for (const { from, to } of edges) {
    if (from === to) continue;
    (callees.get(from) ?? callees.set(from, []).get(from)!).push(to);
    (callers.get(to) ?? callers.set(to, []).get(to)!).push(from);
  }
  return { callers, callees };
}

function layersIn(
  nodes: LayoutRequest['nodes'],
  callees: ReadonlyMap<string, readonly string[]>,
  callers: ReadonlyMap<string, readonly string[]>,
): string[][] {
  const depth = depths(
    nodes.map((one) => one.id),
    callees,
    callers,
  );
  const layers: string[][] = [];
  for (const { id } of nodes) (layers[depth.get(id) ?? 0] ??= []).push(id);
  return layers.filter((layer) => layer !== undefined);
}

/** Longest path from a root; a cycle is cut where it is met again. */
function depths(
  ids: readonly string[],
  callees: ReadonlyMap<string, readonly string[]>,
  callers: ReadonlyMap<string, readonly string[]>,
): Map<string, number> {
  const depth = new Map<string, number>();
  const left = new Map(ids.map((id) => [id, (callers.get(id) ?? []).length]));
  let ready = ids.filter((id) => left.get(id) === 0);
  for (const id of ready) depth.set(id, 0);
  const rest = new Set(ids);
  while (rest.size > 0) {
    if (ready.length === 0) {
      const [first] = rest;
      ready = [first!];
      if (!depth.has(first!)) depth.set(first!, 0);
    }
    const next: string[] = [];
    for (const id of ready) {
      if (!rest.delete(id)) continue;
      for (const to of callees.get(id) ?? []) {
        if (!rest.has(to)) continue;
        depth.set(to, Math.max(depth.get(to) ?? 0, (depth.get(id) ?? 0) + 1));
        left.set(to, left.get(to)! - 1);
        if (left.get(to) === 0) next.push(to);
      }
    }
    ready = next;
  }
  return depth;
}
