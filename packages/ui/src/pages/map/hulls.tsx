import { memo } from 'react';
import type { GraphNode } from '@clover/model';
import { namespaceOf, nodeTitle } from './collapse.ts';
import type { Point } from './layout.ts';
import css from './map.module.css';
import { NODE_HEIGHT, NODE_WIDTH } from './node-box.tsx';

/** More services than this and hulls would lie over each other. */
const MOST = 150;
const PAD = 14;

/** Hulls say something when there is more than one namespace, and few enough services to keep them apart. */
export function hasHulls(nodes: readonly GraphNode[]): boolean {
  return nodes.length <= MOST && new Set(nodes.map((one) => one.namespace)).size > 1;
}

interface HullsProps {
  readonly nodes: readonly GraphNode[];
  readonly places: Readonly<Record<string, Point>>;
  /** Of the map: names keep their size on screen. */
  readonly scale: number;
  readonly onFold: (namespace: string) => void;
}

/** A soft ground behind the services of each namespace; its name folds it into one node. */
export const Hulls = memo(function Hulls({ nodes, places, scale, onFold }: HullsProps) {
  const hulls = new Map<string, { left: number; top: number; right: number; bottom: number }>();
  for (const { service, namespace } of nodes) {
    const place = places[service];
    if (!place || namespace === '' || namespaceOf(service) !== undefined) continue;
    const hull = hulls.get(namespace);
    hulls.set(namespace, {
      left: Math.min(hull?.left ?? Infinity, place.x - NODE_WIDTH / 2),
      top: Math.min(hull?.top ?? Infinity, place.y - NODE_HEIGHT / 2),
      right: Math.max(hull?.right ?? -Infinity, place.x + NODE_WIDTH / 2),
      bottom: Math.max(hull?.bottom ?? -Infinity, place.y + NODE_HEIGHT / 2),
    });
  }
  return [...hulls].map(([namespace, { left, top, right, bottom }]) => (
    <g key={namespace} transform={`translate(${left - PAD} ${top - PAD})`}>
      <rect
        className={css.hull}
        width={right - left + 2 * PAD}
        height={bottom - top + 2 * PAD}
        rx={14}
      />
      <text
        className={css.hullName}
        x={4}
        y={-6}
        fontSize={12 / Math.min(1, Math.max(0.4, scale))}
        role="button"
        tabIndex={0}
        aria-label={`Fold namespace ${namespace}`}
        onClick={() => onFold(namespace)}
        onKeyDown={(event) => event.key === 'Enter' && onFold(namespace)}
      >
        {nodeTitle(namespace)}
        <title>Fold into one node</title>
      </text>
    </g>
  ));
});
