import type { GraphAnswer, GraphEdge } from '@clover/model';

export interface ShownGraph {
  readonly nodes: GraphAnswer['nodes'];
  readonly edges: GraphAnswer['edges'];
}

const TROUBLE = 0.01;

export function edgeKey(edge: { readonly from: string; readonly to: string }): string {
  return `${edge.from}→${edge.to}`;
}

/** An edge hurts when it fails or loses more than a percent. */
export function isRed(edge: GraphEdge): boolean {
  const sent = edge.requests + edge.lost;
  return edge.errorRatio >= TROUBLE || (sent > 0 && edge.lost / sent >= TROUBLE);
}

export function shownGraph(
  answer: GraphAnswer,
  options: { readonly onlyRed: boolean },
): ShownGraph {
  if (!options.onlyRed) return answer;
  const edges = answer.edges.filter(isRed);
  const names = new Set(edges.flatMap((one) => [one.from, one.to]));
  for (const node of answer.nodes) if (node.errorRatio >= TROUBLE) names.add(node.service);
  return { edges, nodes: answer.nodes.filter((one) => names.has(one.service)) };
}

/** How many edges begin and end at each service. */
export function degrees(edges: readonly { readonly from: string; readonly to: string }[]): {
  readonly into: ReadonlyMap<string, number>;
  readonly out: ReadonlyMap<string, number>;
} {
  const into = new Map<string, number>();
  const out = new Map<string, number>();
  for (const { from, to } of edges) {
    out.set(from, (out.get(from) ?? 0) + 1);
    into.set(to, (into.get(to) ?? 0) + 1);
  }
  return { into, out };
}
