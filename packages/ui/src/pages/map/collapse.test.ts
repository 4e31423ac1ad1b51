import type { GraphEdge, GraphNode } from '@clover/model';
import { expect, it } from 'vitest';
import { collapsed, namespaceOf, nodeTitle } from './collapse.ts';

const node = (service: string, namespace: string, requests: number, errors = 0) =>
  ({
    service,
    namespace,
    kind: 'service',
    requests,
    errors,
    errorRatio: errors / requests,
    ratePerSecond: requests / 60,
    latency: { p95Ns: 1 },
    versions: [],
    statusClasses: {
      ok: requests - errors,
      redirect: 0,
      clientError: 0,
      serverError: errors,
      none: 0,
    },
  }) as unknown as GraphNode;
const edge = (from: string, to: string, requests: number, errors = 0) =>
  ({
    from,
    to,
    requests,
    errors,
    errorRatio: errors / requests,
    ratePerSecond: requests / 60,
    lost: 1,
    latency: { p95Ns: 1 },
    clientLatency: null,
  }) as unknown as GraphEdge;
const graph = {
  nodes: [node('a', 'x', 60), node('b', 'x', 40, 10), node('c', 'y', 10)],
  edges: [edge('a', 'b', 40, 10), edge('a', 'c', 6, 3), edge('b', 'c', 4)],
};

it('sums a namespace into one node and its edges out of it into one', () => {
  const { nodes, edges } = collapsed(graph, new Set(['y']));
  expect(nodes.map((one) => [nodeTitle(one.service), one.requests, one.errorRatio])).toEqual([
    ['x', 100, 0.1],
    ['c', 10, 0],
  ]);
  expect(nodes[0]).toMatchObject({ latency: null, statusClasses: { ok: 90, serverError: 10 } });
  expect(edges).toHaveLength(1);
  expect(edges[0]).toMatchObject({
    to: 'c',
    requests: 10,
    errorRatio: 0.3,
    lost: 2,
    latency: null,
  });
  expect(namespaceOf(edges[0]!.from)).toBe('x');
});

it('leaves opened namespaces, and a graph of one namespace, as they are', () => {
  expect(collapsed(graph, new Set(['x', 'y']))).toEqual(graph);
  const single = { nodes: graph.nodes.slice(0, 2), edges: graph.edges.slice(0, 1) };
  expect(collapsed(single, new Set())).toBe(single);
});
