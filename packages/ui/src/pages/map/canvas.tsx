// The map itself: an SVG and, behind many edges, a canvas, moved and zoomed by hand.

import { useCallback, useMemo, useRef, type PointerEvent } from 'react';
import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react';
import type { GraphEdge } from '@clover/model';
import { IconButton } from '../../components/button.tsx';
import { exact } from '../../format/number.ts';
import { useSize } from '../../hooks/use-size.ts';
import { Crowd } from './crowd.tsx';
import { edgeNear } from './edge-near.ts';
import { CROWD, Drawing } from './drawing.tsx';
import { hasHulls } from './hulls.tsx';
import { namespaceOf } from './collapse.ts';
import { MapLegend } from './map-legend.tsx';
import css from './map.module.css';
import type { MeshMark } from './mesh-marks.ts';
import { NODE_HEIGHT, NODE_WIDTH } from './node-box.tsx';
import type { ShownGraph } from './shown-graph.ts';
import { useGrowing } from './use-growing.ts';
import { useLayout } from './use-layout.ts';
import { useView, type View } from './use-view.ts';

interface CanvasProps {
  readonly graph: ShownGraph;
  readonly find: string;
  /** By a service's name without namespace. */
  readonly marks: ReadonlyMap<string, MeshMark>;
  readonly selected: string | undefined;
  readonly onNode: (service: string) => void;
  readonly onEdge: (edge: GraphEdge) => void;
  /** Makes one node of a namespace; hulls stand around namespaces when given. */
  readonly onFold?: ((namespace: string) => void) | undefined;
}

const WORDS_FROM = 0.45;
/** Steps, in px, in which what is out of sight is found anew. */
const SNAP = 300;
/** More edges than this are painted, with their services; what stands out, and services with words, lie over that. */
const MANY = 1000;
/** Canvases below this width have few services from top to bottom, so that names can be read. */
const NARROW = 560;
const FEW = 60;
const NARROW_COLUMNS = 3;
/** How near a click must be to a painted edge, px. */
const CLICK = 5;

export function Canvas({ graph, find, marks, selected, onNode, onEdge, onFold }: CanvasProps) {
  const root = useRef<HTMLDivElement>(null);
  const svg = useRef<SVGSVGElement>(null);
  const { width, height } = useSize(root);
  const narrow = width > 0 && width < NARROW && graph.nodes.length <= FEW;
  const hulled =
    !narrow && onFold !== undefined && graph.edges.length <= CROWD && hasHulls(graph.nodes);
  const request = useMemo(
    () => ({
      nodes: graph.nodes.map((one) => ({
        id: one.service,
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        group: hulled && namespaceOf(one.service) === undefined ? one.namespace : undefined,
      })),
      edges: graph.edges.map((one) => ({
        from: one.from,
        to: one.to,
        weight: 1 + Math.log10(1 + one.requests),
      })),
      columns: narrow ? NARROW_COLUMNS : undefined,
    }),
    [graph, hulled, narrow],
  );
  const layout = useLayout(request);
  const found = find.trim().toLowerCase();
  const crowd = graph.edges.length > MANY;
  const { view, setMoved, zoom, onWheel } = useView({
    root,
    layout,
    width,
    height,
    find: found,
    nodes: graph.nodes,
  });
  const drag = useRef<{ x: number; y: number; view: View } | undefined>(undefined);

  const onMove = (event: PointerEvent) => {
    const start = drag.current;
    if (!start) return;
    const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
    if (Math.abs(dx) + Math.abs(dy) > 3)
      setMoved({ ...start.view, x: start.view.x + dx, y: start.view.y + dy });
  };
  // What is painted has no clicks of its own.
  const onUp = (event: PointerEvent<HTMLDivElement>) => {
    const start = drag.current;
    drag.current = undefined;
    const still =
      start && Math.abs(event.clientX - start.x) + Math.abs(event.clientY - start.y) <= 3;
    if (!still || !layout || !crowd || event.target !== svg.current) return;
    const box = event.currentTarget.getBoundingClientRect();
    const edge = edgeNear(
      {
        x: (event.clientX - box.left - view.x) / view.scale,
        y: (event.clientY - box.top - view.y) / view.scale,
      },
      graph.edges,
      { places: layout.nodes, most: CLICK / view.scale },
    );
    if (edge) onEdge(edge);
  };
  const words = view.scale >= WORDS_FROM;

  const grown = useGrowing(graph.nodes.length, crowd ? (words ? 'boxes' : 'ghosts') : undefined);
  // Moving the map moves one group, until other things come into sight.
  const at = { x: Math.round(view.x / SNAP) * SNAP, y: Math.round(view.y / SNAP) * SNAP };
  const stands = useCallback(
    (service: string) => found === '' || service.toLowerCase().includes(found),
    [found],
  );

  return (
    <div
      ref={root}
      className={css.canvas}
      onWheel={onWheel}
      onPointerDown={(event) => {
        if (event.button === 0 && !(event.target as Element).closest('button'))
          drag.current = { x: event.clientX, y: event.clientY, view };
      }}
      onPointerMove={onMove}
      onPointerUp={onUp}
      onPointerLeave={() => (drag.current = undefined)}
      onDoubleClick={() => setMoved(undefined)}
    >
      {layout && (
        <div
          className={css.drawing}
          style={{ transform: `translate3d(${view.x - at.x}px, ${view.y - at.y}px, 0)` }}
        >
          {crowd && (
            <Crowd
              graph={graph}
              places={layout.nodes}
              at={at}
              scale={view.scale}
              width={width}
              height={height}
              beyond={SNAP}
              stands={stands}
            />
          )}
          <svg
            ref={svg}
            width={width}
            height={height}
            role="group"
            aria-label={`Map of ${graph.nodes.length} services and ${graph.edges.length} edges; the same as a table: the button above`}
          >
            <g transform={`translate(${at.x} ${at.y}) scale(${view.scale})`}>
              <Drawing
                graph={graph}
                layout={layout}
                atX={at.x}
                atY={at.y}
                scale={view.scale}
                width={width}
                height={height}
                beyond={SNAP}
                found={found}
                marks={marks}
                selected={selected}
                grown={grown}
                crowd={crowd}
                words={words}
                onNode={onNode}
                onEdge={onEdge}
                onFold={hulled ? onFold : undefined}
              />
            </g>
          </svg>
        </div>
      )}
      {!layout && (
        <p className={css.placing} role="status">
          Placing {exact(graph.nodes.length)} services …
        </p>
      )}
      <div className={css.zoom}>
        <IconButton label="Closer" onClick={() => zoom(1.3)}>
          <IconPlus size={16} />
        </IconButton>
        <IconButton label="Further" onClick={() => zoom(1 / 1.3)}>
          <IconMinus size={16} />
        </IconButton>
        <IconButton label="All of it" onClick={() => setMoved(undefined)}>
          <IconFocusCentered size={16} />
        </IconButton>
      </div>
      <MapLegend marks={marks} />
    </div>
  );
}
