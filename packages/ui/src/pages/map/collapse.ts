// Too many services for one look: each namespace as one node, until it is opened.

import type { GraphEdge, GraphNode } from '@clover/model';
import type { ShownGraph } from './shown-graph.ts';
import { edgeKey } from './shown-graph.ts';

/** More services than this begin as namespaces. */
export const COLLAPSE_FROM = 300;

/** Marks a node that stands for a namespace; no service is called so. */
const PREFIX = '\u0001';

export function namespaceOf(id: string): string | undefined {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : undefined;
}

/** What a node is called: its namespace when it stands for one. */
export function nodeTitle(id: string): string {
  const namespace = namespaceOf(id);
  if (namespace === undefined) return id;
  return namespace === '' ? 'no namespace' : namespace;
}

/**
 * The graph with each namespace that is not in `open` as one node: requests and failures are summed; a percentile of
 * many services cannot be had from theirs, so it is left out. Edges within a namespace disappear into it. A graph of a
 * single namespace stays as it is.
 */
export function collapsed(graph: ShownGraph, open: ReadonlySet<string>): ShownGraph {
  const names = new Set(graph.nodes.map((one) => one.namespace));
  if (names.size < 2) return graph;
  const shut = (namespace: string) => !open.has(namespace);
  const idOf = new Map(
    graph.nodes.map((one) => [
      one.service,
      shut(one.namespace) ? PREFIX + one.namespace : one.service,
    ]),
  );
  const nodes = new Map<string, GraphNode>();
  for (const node of graph.nodes) {
    const id = idOf.get(node.service)!;
    const before = nodes.get(id);
    nodes.set(
      id,
      before ? sumOfNodes(before, node) : { ...node, ...(id !== node.service && asNamespace(id)) },
    );
  }
  const edges = new Map<string, GraphEdge>();
  for (const edge of graph.edges) {
    const from = idOf.get(edge.from) ?? edge.from;
    const to = idOf.get(edge.to) ?? edge.to;
    if (from === to && from !== edge.from) continue;
    const key = edgeKey({ from, to });
    const before = edges.get(key);
    const same = from === edge.from && to === edge.to;
    edges.set(
      key,
      before
        ? sumOfEdges(before, edge)
        : same
          ? edge
          : { ...edge, from, to, latency: null, clientLatency: null },
    );
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

function asNamespace(id: string): Partial<GraphNode> & { service: string } {
  return { service: id, kind: 'service', versions: [], latency: null };
}

function sumOfNodes(a: GraphNode, b: GraphNode): GraphNode {
  const requests = a.requests + b.requests;
  const errors = a.errors + b.errors;
  return {
    ...a,
    requests,
    errors,
    errorRatio: requests === 0 ? 0 : errors / requests,
    ratePerSecond: a.ratePerSecond + b.ratePerSecond,
    statusClasses: {
      ok: a.statusClasses.ok + b.statusClasses.ok,
      redirect: a.statusClasses.redirect + b.statusClasses.redirect,
      clientError: a.statusClasses.clientError + b.statusClasses.clientError,
      serverError: a.statusClasses.serverError + b.statusClasses.serverError,
      none: a.statusClasses.none + b.statusClasses.none,
    },
  };
}

function sumOfEdges(a: GraphEdge, b: GraphEdge): GraphEdge {
  const requests = a.requests + b.requests;
  const errors = a.errors + b.errors;
  return {
    ...a,
    requests,
    errors,
    errorRatio: requests === 0 ? 0 : errors / requests,
    ratePerSecond: a.ratePerSecond + b.ratePerSecond,
    lost: a.lost + b.lost,
  };
}
