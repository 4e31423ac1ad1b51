import { Graph, layout } from '@dagrejs/dagre';
import { denseLayout, isDense } from './dense-layout.ts';
import { gridLayout } from './grid-layout.ts';
import type { Layout, LayoutRequest, Point } from './layout.ts';
import { towerLayout } from './tower-layout.ts';

/** Beyond this dagre takes too long: layers without crossing minimisation. */
const DAGRE_NODES = 250;
const DAGRE_EDGES = 900;

self.onmessage = ({ data }: MessageEvent<{ id: number; request: LayoutRequest }>) => {
  const { nodes, edges } = data.request;
  if (data.request.columns !== undefined) {
    self.postMessage({ id: data.id, layout: towerLayout(data.request, data.request.columns) });
    return;
  }
  if (isDense(data.request)) {
    self.postMessage({ id: data.id, layout: denseLayout(data.request) });
    return;
  }
  const many = nodes.length > DAGRE_NODES || edges.length > DAGRE_EDGES;
  const drawn = many ? undefined : layered(data.request);
  // A hundred callees of one service are a tower: they are better wrapped into columns.
  const tower = drawn && nodes.length > 40 && drawn.height > 2 * drawn.width;
  const result = !drawn || tower ? gridLayout(data.request) : drawn;
  self.postMessage({ id: data.id, layout: result });
};

function layered({ nodes, edges }: LayoutRequest): Layout {
  const graph = new Graph({ compound: true });
  graph.setGraph({
    rankdir: 'LR',
    nodesep: 26,
    ranksep: 170,
    marginx: 24,
    marginy: 24,
    ranker: 'network-simplex',
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height, group } of nodes) {
    graph.setNode(id, { width, height });
    if (group === undefined) continue;
    // No service is called so.
    const parent = `\u0001${group}`;
    if (!graph.hasNode(parent)) graph.setNode(parent, {});
    graph.setParent(id, parent);
  }
  for (const { from, to, weight } of edges) if (from !== to) graph.setEdge(from, to, { weight });
  layout(graph);
  const places: Record<string, Point> = {};
  for (const { id } of nodes) {
    const { x, y } = graph.node(id) as Point;
    places[id] = { x, y };
  }
  const layers = new Set(Object.values(places).map(({ x }) => Math.round(x)));
  const ways: Record<string, Point[]> = {};
  for (const { from, to } of edges) {
    if (from === to) continue;
    // dagre bends edges between the layers too; those curves are drawn here.
    const { points = [] } = graph.edge(from, to) as { points?: Point[] };
    const within = points.slice(1, -1).filter(({ x }) => layers.has(Math.round(x)));
    if (within.length > 0) ways[`${from}→${to}`] = within;
  }
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return { width, height, nodes: places, edges: ways };
}
