// The service graph as a tree: from those that nobody calls, along the arrows.
import type { GraphAnswer, GraphEdge, GraphNode } from '@clover/model';

export interface GraphLine {
  readonly depth: number;
  readonly node: GraphNode;
  /** How one gets here; undefined for a root. */
  readonly edge: GraphEdge | undefined;
  /** Its own arrows are drawn at another line. */
  readonly elsewhere: boolean;
}

/**
 * Depth first, busiest first. Each service's arrows are followed once, so cycles end and every arrow
 * has exactly one line. Services in a cycle that nobody outside calls begin at the busiest.
 */
export function graphTree(graph: Pick<GraphAnswer, 'nodes' | 'edges'>): GraphLine[] {
  const nodes = new Map(graph.nodes.map((node) => [node.service, node]));
  const outgoing = new Map<string, GraphEdge[]>();
  const called = new Set<string>();
  for (const edge of graph.edges.toSorted((a, b) => b.requests - a.requests)) {
    if (!nodes.has(edge.from) || !nodes.has(edge.to)) continue;
    const list = outgoing.get(edge.from);
    if (list) list.push(edge);
    else outgoing.set(edge.from, [edge]);
    if (edge.from !== edge.to) called.add(edge.to);
  }
  const lines: GraphLine[] = [];
  const followed = new Set<string>();
  // A stack of its own: a chain of ten thousand services must not end the program.
  const follow = (root: GraphNode) => {
    const stack: { node: GraphNode; depth: number; edge: GraphEdge | undefined }[] = [
      { node: root, depth: 0, edge: undefined },
    ];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const arrows = outgoing.get(next.node.service) ?? [];
      const elsewhere = followed.has(next.node.service) && arrows.length > 0;
      lines.push({ ...next, elsewhere });
      if (followed.has(next.node.service)) continue;
      followed.add(next.node.service);
      for (const edge of arrows.toReversed())
        stack.push({ node: nodes.get(edge.to)!, depth: next.depth + 1, edge });
    }
  };
  const busiest = graph.nodes.toSorted((a, b) => callsOf(b, outgoing) - callsOf(a, outgoing));
  for (const node of busiest) if (!called.has(node.service)) follow(node);
  for (const node of busiest) if (!followed.has(node.service)) follow(node);
  return lines;
}

const callsOf = (node: GraphNode, outgoing: ReadonlyMap<string, readonly GraphEdge[]>): number =>
  Math.max(
    node.requests,
    (outgoing.get(node.service) ?? []).reduce((sum, edge) => sum + edge.requests, 0),
  );
