import { expect, it } from 'vitest';
import { towerLayout } from './tower-layout.ts';

const node = (id: string) => ({ id, width: 100, height: 40 });
const edge = (from: string, to: string) => ({ from, to, weight: 1 });

it('puts callees below their callers, in rows of a few', () => {
  const ids = ['front', 'lb', 's1', 's2', 's3', 's4'];
  const { nodes, width, down } = towerLayout(
    {
      nodes: ids.map(node),
      edges: [edge('front', 'lb'), ...['s1', 's2', 's3', 's4'].map((to) => edge('lb', to))],
    },
    3,
  );
  expect(down).toBe(true);
  expect(nodes['front']!.y).toBeLessThan(nodes['lb']!.y);
  expect(nodes['lb']!.y).toBeLessThan(nodes['s1']!.y);
  const servers = ids.slice(2).map((id) => nodes[id]!);
  expect(new Set(servers.map(({ y }) => y)).size).toBe(2);
  for (const { x } of Object.values(nodes)) {
    expect(x - 50).toBeGreaterThanOrEqual(0);
    expect(x + 50).toBeLessThanOrEqual(width);
  }
  expect(new Set(Object.values(nodes).map(({ x, y }) => `${x} ${y}`)).size).toBe(ids.length);
});
