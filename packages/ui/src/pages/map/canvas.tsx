// The map itself: SVG, moved and zoomed by hand. What is not on screen is not drawn; small things lose their words.

import { useCallback, useMemo, useRef, useState, type PointerEvent } from 'react';
import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react';
import type { GraphEdge } from '@clover/model';
import { IconButton } from '../../components/button.tsx';
import { exact } from '../../format/number.ts';
import { useSize } from '../../hooks/use-size.ts';
import { Crowd } from './crowd.tsx';
import { edgeNear } from './edge-near.ts';
import { EdgeLine, EdgeWords } from './edge-line.tsx';
import { hasHulls, Hulls } from './hulls.tsx';
import { namespaceOf } from './collapse.ts';
import { MapLegend } from './map-legend.tsx';
import css from './map.module.css';
import { serviceOf, type MeshMark } from './mesh-marks.ts';
import { labelOf, NODE_HEIGHT, NODE_WIDTH, NodeBox, titleOf } from './node-box.tsx';
import { NodeGhost } from './node-ghost.tsx';
import { degrees, edgeKey, isRed, type ShownGraph } from './shown-graph.ts';
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
/** Between these a node shows its name alone, large. */
const BIG_FROM = 0.25;
const BIG_BELOW = 0.62;
/** Steps, in px, in which what is out of sight is found anew. */
const SNAP = 300;
/** More edges than this are drawn thin when small, and no hulls stand behind them. */
const CROWD = 200;
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
  const [hover, setHover] = useState<string | undefined>();

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
  const near = useMemo(
    () =>
      hover === undefined
        ? undefined
        : new Set(
            graph.edges.flatMap((one) =>
              one.from === hover || one.to === hover ? [one.from, one.to] : [],
            ),
          ),
    [hover, graph.edges],
  );
  const degree = useMemo(() => degrees(graph.edges), [graph.edges]);
  const words = view.scale >= WORDS_FROM;
  const largest = Math.max(1, ...graph.edges.map((one) => one.ratePerSecond));

  // Moving the map moves one group; what stands in it is made anew only when other things come into sight.
  const many = !words && crowd;
  const grown = useGrowing(graph.nodes.length, crowd ? (many ? 'ghosts' : 'boxes') : undefined);
  const at = { x: Math.round(view.x / SNAP) * SNAP, y: Math.round(view.y / SNAP) * SNAP };
  const content = useMemo(() => {
    if (!layout) return null;
    const visible = (x: number, y: number, margin = 160) => {
      const [sx, sy] = [x * view.scale + at.x, y * view.scale + at.y];
      const beyond = margin + SNAP;
      return sx > -beyond && sy > -beyond && sx < width + beyond && sy < height + beyond;
    };
    // Behind what is pointed at or looked for; in a crowd, behind what is in trouble.
    const fades = (edge: GraphEdge) =>
      near !== undefined ||
      (found === ''
        ? graph.edges.length > CROWD && !isRed(edge)
        : !`${edge.from} ${edge.to}`.toLowerCase().includes(found));
    const drawn = graph.edges.flatMap((edge) => {
      const key = edgeKey(edge);
      const met = edge.from === hover || edge.to === hover || selected === key;
      if (crowd && !met && (many || fades(edge))) return [];
      const [from, to] = [layout.nodes[edge.from], layout.nodes[edge.to]];
      if (!from || !to || !(visible(from.x, from.y, 600) || visible(to.x, to.y, 600))) return [];
      const [into, out] = [degree.into.get(edge.to) ?? 0, degree.out.get(edge.from) ?? 0];
      return {
        edge,
        key,
        from,
        to,
        faded: !many && !met && fades(edge),
        // Where several begin and several end, words would lie over each other.
        worded:
          words && !layout.down && ((Math.min(into, out) < 2 && graph.edges.length < 60) || met),
        wordsAt: into <= out ? ('to' as const) : ('from' as const),
      };
    });
    return (
      <>
        {hulled && (
          <Hulls nodes={graph.nodes} places={layout.nodes} scale={view.scale} onFold={onFold} />
        )}
        {drawn.map(({ edge, key, wordsAt, faded, from, to }) => (
          <EdgeLine
            key={key}
            edge={edge}
            from={from}
            to={to}
            way={layout.edges[key]}
            down={layout.down ?? false}
            largest={largest}
            wordsAt={wordsAt}
            least={(graph.edges.length > CROWD ? 0.35 : 1) / view.scale}
            hit={!many}
            faded={faded}
            selected={selected === key}
            onOpen={onEdge}
          />
        ))}
        {drawn.map(
          ({ edge, key, wordsAt, faded, from, to, worded }) =>
            worded && (
              <EdgeWords
                key={key}
                edge={edge}
                from={from}
                to={to}
                way={layout.edges[key]}
                wordsAt={wordsAt}
                faded={faded}
              />
            ),
        )}
        {graph.nodes.slice(0, grown).map((node) => {
          const place = layout.nodes[node.service];
          if (!place || !visible(place.x, place.y)) return null;
          if (many)
            return (
              <NodeGhost
                key={node.service}
                service={node.service}
                title={titleOf(node)}
                label={labelOf(node, marks.get(serviceOf(node.service)))}
                x={place.x}
                y={place.y}
                selected={selected === node.service}
                onHover={setHover}
                onOpen={onNode}
              />
            );
          const faded =
            (near !== undefined && node.service !== hover && !near.has(node.service)) ||
            (found !== '' && !node.service.toLowerCase().includes(found));
          return (
            <NodeBox
              key={node.service}
              node={node}
              x={place.x}
              y={place.y}
              words={words}
              big={view.scale < BIG_BELOW && view.scale >= BIG_FROM}
              mark={marks.get(serviceOf(node.service))}
              faded={faded}
              selected={selected === node.service}
              onHover={setHover}
              onOpen={onNode}
            />
          );
        })}
      </>
    );
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [graph, layout, at.x, at.y, view.scale, width, height, near, found, selected, marks, grown]);
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
            <g transform={`translate(${at.x} ${at.y}) scale(${view.scale})`}>{content}</g>
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
