import type { GraphEdge, GraphNode } from '@clover/model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { graphTree } from './graph-tree.ts';

const node = (service: string): GraphNode => ({ service, requests: 1 }) as GraphNode;
const edge = (from: string, to: string, requests = 1): GraphEdge =>
  ({ from, to, requests }) as GraphEdge;
const drawn = (nodes: string[], edges: GraphEdge[]) =>
  graphTree({ nodes: nodes.map(node), edges }).map(
    (line) => `${'.'.repeat(line.depth)}${line.node.service}${line.elsewhere ? '^' : ''}`,
  );

it('begins where nobody calls and follows the busiest arrow first', () => {
  expect(drawn(['b', 'a', 'c'], [edge('a', 'b', 1), edge('a', 'c', 5)])).toEqual(['a', '.c', '.b']);
});

it('follows the arrows of a service once', () => {
  expect(
    drawn(
      ['a', 'b', 'c', 'd'],
      [edge('a', 'b', 2), edge('a', 'c'), edge('b', 'd'), edge('c', 'b')],
    ),
  ).toEqual(['a', '.b', '..d', '.c', '..b^']);
});

it('ends in cycles and in calls of itself', () => {
  expect(drawn(['a', 'b'], [edge('a', 'b', 3), edge('b', 'a')])).toEqual(['a', '.b', '..a^']);
  expect(drawn(['a'], [edge('a', 'a')])).toEqual(['a', '.a^']);
});

it('has every service and every arrow, whatever the graph', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, name), { selector: ([from, to]) => `${from}>${to}` }),
      (pairs) => {
        const edges = pairs.map(([from, to]) => edge(from, to));
        const lines = graphTree({ nodes: ['a', 'b', 'c', 'd', 'e', 'f'].map(node), edges });
        expect(new Set(lines.map((line) => line.node.service)).size).toBe(6);
        const arrows = lines.flatMap((line) =>
          line.edge ? [`${line.edge.from}>${line.edge.to}`] : [],
        );
        expect(arrows.toSorted()).toEqual(pairs.map(([from, to]) => `${from}>${to}`).toSorted());
      },
    ),
  );
});
