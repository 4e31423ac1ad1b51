// Thousands of edges and their services painted on one canvas: as shapes of the document the browser would take seconds
// for them. What can be pointed at, and what stands out, lies over it.

import { useLayoutEffect, useMemo, useRef } from 'react';
import type { GraphNode } from '@clover/model';
import { resolveColor } from '../../charts/resolve-color.ts';
import { serviceColor } from '../../domain/service-color.ts';
import { useTheme } from '../../hooks/use-theme.ts';
import { endsOf } from './edge-near.ts';
import type { Point } from './layout.ts';
import { fitCanvas } from './fit-canvas.ts';
import css from './map.module.css';
import { NODE_HEIGHT, NODE_WIDTH } from './node-box.tsx';
import { isRed, type ShownGraph } from './shown-graph.ts';

interface CrowdProps {
  readonly graph: ShownGraph;
  readonly places: Readonly<Record<string, Point>>;
  readonly at: { readonly x: number; readonly y: number };
  readonly scale: number;
  /** Of what is seen, px; `beyond` is painted around it, so that it can be moved. */
  readonly width: number;
  readonly height: number;
  readonly beyond: number;
  /** Whether a service is what one looks for. */
  readonly stands: (service: string) => boolean;
}

/** Behind what is looked for. */
const FADED = 0.22;
const EDGES_ALPHA = 0.55;

export function Crowd({ graph, places, at, scale, width, height, beyond, stands }: CrowdProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const { x: left, y: top } = at;
  const size = useMemo(
    () => ({ width: width + 2 * beyond, height: height + 2 * beyond }),
    [width, height, beyond],
  );
  const seen = width > 0;
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || !seen) return;
    const pixels = Math.min(2, devicePixelRatio);
    fitCanvas(element, size, pixels);
    context.setTransform(pixels, 0, 0, pixels, 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    const painter = {
      context,
      scale,
      size,
      color: colorsOf(element.parentElement!),
      x: (x: number) => x * scale + left + beyond,
      y: (y: number) => y * scale + top + beyond,
    };
    paintEdges(painter, graph.edges, places);
    for (const node of graph.nodes) {
      const place = places[node.service];
      if (place) paintNode(painter, node, { place, faded: !stands(node.service) });
    }
    // Its colours are those of the theme.
  }, [graph, places, left, top, scale, size, seen, beyond, stands, theme]);
  return (
    <canvas
      ref={canvas}
      className={css.crowd}
      style={{ ...size, left: -beyond, top: -beyond }}
      aria-hidden
    />
  );
}

interface Painter {
  readonly context: CanvasRenderingContext2D;
  readonly scale: number;
  readonly size: { readonly width: number; readonly height: number };
  readonly color: (value: string) => string;
  readonly x: (x: number) => number;
  readonly y: (y: number) => number;
}

/** Each colour is asked of the browser once. */
function colorsOf(element: HTMLElement): (value: string) => string {
  const known = new Map<string, string>();
  return (value) => {
    const found = known.get(value) ?? resolveColor(element, value);
    known.set(value, found);
    return found;
  };
}

/** Straight, thin, in two strokes: quiet ones, and red ones over them. */
function paintEdges(
  { context, size, color, x, y }: Painter,
  edges: ShownGraph['edges'],
  places: CrowdProps['places'],
): void {
  const shapes = { quiet: new Path2D(), red: new Path2D() };
  for (const edge of edges) {
    const [from, to] = [places[edge.from], places[edge.to]];
    if (!from || !to) continue;
    const [start, end] = endsOf(from, to);
    const [x1, y1, x2, y2] = [x(start.x), y(start.y), x(end.x), y(end.y)];
    const outside =
      Math.max(x1, x2) < 0 ||
      Math.max(y1, y2) < 0 ||
      Math.min(x1, x2) > size.width ||
      Math.min(y1, y2) > size.height;
    if (outside) continue;
    const shape = shapes[isRed(edge) ? 'red' : 'quiet'];
    shape.moveTo(x1, y1);
    shape.lineTo(x2, y2);
  }
  context.save();
  context.lineWidth = 0.7;
  context.globalAlpha = EDGES_ALPHA;
  context.strokeStyle = color('var(--line-strong)');
  context.stroke(shapes.quiet);
  context.strokeStyle = color('var(--mark-5xx)');
  context.stroke(shapes.red);
  context.restore();
}

function paintNode(
  { context, scale, size, color, x, y }: Painter,
  { service, errorRatio }: GraphNode,
  { place, faded }: { readonly place: Point; readonly faded: boolean },
): void {
  const [width, height] = [NODE_WIDTH * scale, NODE_HEIGHT * scale];
  const [left, top] = [x(place.x) - width / 2, y(place.y) - height / 2];
  if (left + width < 0 || top + height < 0 || left > size.width || top > size.height) return;
  const border = Math.min(4, 14 * scale);
  context.globalAlpha = faded ? FADED : 1;
  context.fillStyle = color(errorRatio >= 0.01 ? 'var(--mark-5xx)' : 'var(--line-strong)');
  context.fillRect(left, top, width, height);
  context.fillStyle = color(serviceColor(service));
  context.fillRect(left + border / 2, top + border / 2, width - border, height - border);
  context.globalAlpha = 1;
}
