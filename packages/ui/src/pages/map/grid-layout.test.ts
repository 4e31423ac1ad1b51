import { expect, it } from 'vitest';
import { gridLayout } from './grid-layout.ts';

const node = (id: string) => ({ id, width: 100, height: 40 });

it('puts callees right of their callers and survives a cycle', () => {
  const { nodes } = gridLayout({
    nodes: ['a', 'b', 'c', 'd'].map(node),
    edges: [
      { from: 'a', to: 'b', weight: 1 },
      { from: 'b', to: 'c', weight: 1 },
      { from: 'c', to: 'd', weight: 1 },
      { from: 'd', to: 'c', weight: 1 },
    ],
  });
  expect(nodes['a']!.x).toBeLessThan(nodes['b']!.x);
  expect(nodes['b']!.x).toBeLessThan(nodes['c']!.x);
  expect(Object.keys(nodes)).toHaveLength(4);
});

it('gives each of 1,200 services a place of its own', () => {
  const ids = Array.from({ length: 1200 }, (_, index) => `s${index}`);
  const edges = Array.from({ length: 4300 }, (_, index) => ({
    from: `s${(index * 7) % 400}`,
    to: `s${(index * 13) % 1200}`,
    weight: 1,
  }));
  const { nodes } = gridLayout({ nodes: ids.map(node), edges });
  expect(new Set(Object.values(nodes).map(({ x, y }) => `${x},${y}`)).size).toBe(1200);
});
