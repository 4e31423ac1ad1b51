import { Graph, layout } from '@dagrejs/dagre';
import { gridLayout } from './grid-layout.ts';
import type { Layout, LayoutRequest, Point } from './layout.ts';

/** Beyond this dagre takes too long: layers without crossing minimisation. */
const DAGRE_NODES = 250;
const DAGRE_EDGES = 900;

self.onmessage = ({ data }: MessageEvent<{ id: number; request: LayoutRequest }>) => {
  const { nodes, edges } = data.request;
  const result =
    nodes.length > DAGRE_NODES || edges.length > DAGRE_EDGES
      ? gridLayout(data.request)
      : layered(data.request);
  self.postMessage({ id: data.id, layout: result });
};

function layered({ nodes, edges }: LayoutRequest): Layout {
  const graph = new Graph();
  graph.setGraph({
    rankdir: 'LR',
    nodesep: 26,
    ranksep: 150,
    marginx: 24,
    marginy: 24,
    ranker: 'network-simplex',
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
  for (const { from, to, weight } of edges) if (from !== to) graph.setEdge(from, to, { weight });
  layout(graph);
  const places: Record<string, Point> = {};
  for (const { id } of nodes) {
    const { x, y } = graph.node(id) as Point;
    places[id] = { x, y };
  }
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return { width, height, nodes: places };
}
