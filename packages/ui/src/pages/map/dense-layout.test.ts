import { expect, it } from 'vitest';
import { denseLayout, isDense } from './dense-layout.ts';

const nodes = Array.from({ length: 24 }, (_, index) => ({
  id: `n${index}`,
  width: 200,
  height: 60,
}));
const edges = nodes.flatMap((from, a) =>
  nodes.filter((_, b) => b > a).map((to) => ({ from: from.id, to: to.id, weight: 1 })),
);

it('is for graphs where nearly all call nearly all', () => {
  expect(isDense({ nodes, edges })).toBe(true);
  expect(isDense({ nodes, edges: edges.slice(0, 60) })).toBe(false);
  expect(isDense({ nodes: nodes.slice(0, 5), edges: edges.slice(0, 100) })).toBe(false);
});

it('has callers left, callees right, none over another, all within', () => {
  const { nodes: places, width, height } = denseLayout({ nodes, edges });
  expect(places['n0']!.x).toBeLessThan(places['n23']!.x);
  const all = Object.values(places);
  for (const [index, a] of all.entries()) {
    expect(a.x - 100 >= 0 && a.x + 100 <= width && a.y - 30 >= 0 && a.y + 30 <= height).toBe(true);
    for (const b of all.slice(index + 1))
      expect(Math.abs(a.x - b.x) >= 200 || Math.abs(a.y - b.y) >= 60).toBe(true);
  }
});
