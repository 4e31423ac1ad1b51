// The map itself: SVG, moved and zoomed by hand. What is not on screen is not drawn; small things lose their words.

import { useEffect, useMemo, useRef, useState, type PointerEvent, type WheelEvent } from 'react';
import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react';
import type { GraphEdge } from '@clover/model';
import { IconButton } from '../../components/button.tsx';
import { exact } from '../../format/number.ts';
import { useSize } from '../../hooks/use-size.ts';
import { EdgeLine, EdgeWords } from './edge-line.tsx';
import { hasHulls, Hulls } from './hulls.tsx';
import { ManyEdges } from './many-edges.tsx';
import { namespaceOf } from './collapse.ts';
import { MapLegend } from './map-legend.tsx';
import css from './map.module.css';
import { serviceOf, type MeshMark } from './mesh-marks.ts';
import { NODE_HEIGHT, NODE_WIDTH, NodeBox } from './node-box.tsx';
import { degrees, edgeKey, isRed, type ShownGraph } from './shown-graph.ts';
import { useLayout } from './use-layout.ts';

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

interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

const WORDS_FROM = 0.45;
/** Between these a node shows its name alone, large. */
const BIG_FROM = 0.25;
const BIG_BELOW = 0.62;
/** Height of the legend and what stands beside it. */
const FOOT = 56;
/** Steps, in px, in which what is out of sight is found anew. */
const SNAP = 300;
/** More edges than this are drawn thin when small, and no hulls stand behind them. */
const CROWD = 200;
/** More edges than this are drawn together while they are too small for words. */
const MANY = 1000;

export function Canvas({ graph, find, marks, selected, onNode, onEdge, onFold }: CanvasProps) {
  const root = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(root);
  const hulled = onFold !== undefined && graph.edges.length <= CROWD && hasHulls(graph.nodes);
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
    }),
    [graph, hulled],
  );
  const layout = useLayout(request);
  const fitted = useMemo((): View => {
    if (!layout || width === 0) return { x: 0, y: 0, scale: 1 };
    // The legend and the buttons stand below.
    const free = height - FOOT;
    const scale = Math.min(1.15, width / layout.width, free / layout.height);
    return {
      x: (width - layout.width * scale) / 2,
      y: (free - layout.height * scale) / 2,
      scale,
    };
  }, [layout, width, height]);
  const [moved, setMoved] = useState<View | undefined>();
  const view = moved ?? fitted;
  const drag = useRef<{ x: number; y: number; view: View } | undefined>(undefined);
  const [hover, setHover] = useState<string | undefined>();
  const found = find.trim().toLowerCase();

  useEffect(() => {
    if (found === '' || !layout) return;
    const hit = graph.nodes.find((one) => one.service.toLowerCase().includes(found));
    const place = hit && layout.nodes[hit.service];
    if (place)
      setMoved({
        scale: Math.max(0.8, fitted.scale),
        x: width / 2 - place.x * Math.max(0.8, fitted.scale),
        y: height / 2 - place.y * Math.max(0.8, fitted.scale),
      });
    // Only another search moves the map, and the first places of one that the URL brought.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [found, layout === undefined]);

  const zoom = (factor: number, x = width / 2, y = height / 2) => {
    const scale = Math.min(2.5, Math.max(0.04, view.scale * factor));
    setMoved({
      scale,
      x: x - ((x - view.x) / view.scale) * scale,
      y: y - ((y - view.y) / view.scale) * scale,
    });
  };
  useEffect(() => {
    // React's wheel handlers are passive; this one must keep the page from scrolling.
    const element = root.current;
    const stop = (event: Event) =>
      (event as unknown as WheelEvent).ctrlKey && event.preventDefault();
    element?.addEventListener('wheel', stop, { passive: false });
    return () => element?.removeEventListener('wheel', stop);
  }, []);
  const onWheel = (event: WheelEvent<HTMLDivElement>) => {
    if (!event.ctrlKey && !event.metaKey) return;
    const box = event.currentTarget.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  };
  const onMove = (event: PointerEvent) => {
    const start = drag.current;
    if (!start) return;
    const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
    if (Math.abs(dx) + Math.abs(dy) > 3)
      setMoved({ ...start.view, x: start.view.x + dx, y: start.view.y + dy });
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
  const many = !words && graph.edges.length > MANY;
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
      // Thousands that are not asked about would only hide what is.
      const aside = found !== '' && graph.edges.length > MANY && fades(edge);
      if ((many || aside) && !met) return [];
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
        worded: words && ((Math.min(into, out) < 2 && graph.edges.length < 60) || met),
        wordsAt: into <= out ? ('to' as const) : ('from' as const),
      };
    });
    return (
      <>
        {hulled && (
          <Hulls nodes={graph.nodes} places={layout.nodes} scale={view.scale} onFold={onFold} />
        )}
        {many && <ManyEdges edges={graph.edges} places={layout.nodes} scale={view.scale} />}
        {drawn.map(({ edge, key, wordsAt, faded, from, to }) => (
          <EdgeLine
            key={key}
            edge={edge}
            from={from}
            to={to}
            way={layout.edges[key]}
            largest={largest}
            wordsAt={wordsAt}
            least={(graph.edges.length > CROWD ? 0.35 : 1) / view.scale}
            hit={graph.edges.length < 1000 || words}
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
        {graph.nodes.map((node) => {
          const place = layout.nodes[node.service];
          if (!place || !visible(place.x, place.y)) return null;
          const faded =
            (!many && near !== undefined && node.service !== hover && !near.has(node.service)) ||
            (found !== '' && !node.service.toLowerCase().includes(found));
          return (
            <NodeBox
              key={node.service}
              node={node}
              x={place.x}
              y={place.y}
              words={words}
              plain={many}
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
  }, [graph, layout, at.x, at.y, view.scale, width, height, near, found, selected, degree, marks]);

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
      onPointerUp={() => (drag.current = undefined)}
      onPointerLeave={() => (drag.current = undefined)}
      onDoubleClick={() => setMoved(undefined)}
    >
      {layout && (
        <svg
          className={css.drawing}
          style={{ transform: `translate3d(${view.x - at.x}px, ${view.y - at.y}px, 0)` }}
          width={width}
          height={height}
          role="group"
          aria-label={`Map of ${graph.nodes.length} services and ${graph.edges.length} edges; the same as a table: the button above`}
        >
          <g transform={`translate(${at.x} ${at.y}) scale(${view.scale})`}>{content}</g>
        </svg>
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
