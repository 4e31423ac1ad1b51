import { memo } from 'react';
import type { GraphEdge } from '@clover/model';
import type { Point } from './layout.ts';
import css from './map.module.css';
import { NODE_WIDTH } from './node-box.tsx';
import { isRed } from './shown-graph.ts';

interface ManyEdgesProps {
  readonly edges: readonly GraphEdge[];
  readonly places: Readonly<Record<string, Point>>;
  readonly scale: number;
}

/** Thousands of edges as two shapes, quiet and red: straight and a pixel wide. */
export const ManyEdges = memo(function ManyEdges({ edges, places, scale }: ManyEdgesProps) {
  const shapes = { quiet: '', red: '' };
  for (const edge of edges) {
    const [from, to] = [places[edge.from], places[edge.to]];
    if (!from || !to) continue;
    const half = to.x >= from.x ? NODE_WIDTH / 2 : -NODE_WIDTH / 2;
    shapes[isRed(edge) ? 'red' : 'quiet'] +=
      `M${Math.round(from.x + half)} ${Math.round(from.y)}L${Math.round(to.x - half)} ${Math.round(to.y)}`;
  }
  return (
    <g className={css.manyEdges} strokeWidth={0.7 / scale} aria-hidden>
      <path d={shapes.quiet} stroke="var(--line-strong)" />
      <path d={shapes.red} stroke="var(--mark-5xx)" />
    </g>
  );
});
