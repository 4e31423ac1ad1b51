import { memo } from 'react';
import type { GraphEdge } from '@clover/model';
import { duration } from '../../format/duration.ts';
import { percent, rate } from '../../format/number.ts';
import { nodeTitle } from './collapse.ts';
import type { Point } from './layout.ts';
import css from './map.module.css';
import { NODE_HEIGHT, NODE_WIDTH } from './node-box.tsx';
import { isRed } from './shown-graph.ts';

interface EdgeLineProps {
  readonly edge: GraphEdge;
  readonly from: Point;
  readonly to: Point;
  /** Where it passes the layers between. */
  readonly way?: readonly Point[] | undefined;
  /** From below one service to above the other. */
  readonly down: boolean;
  readonly largest: number;
  /** The end with fewer edges, where its words do not meet others'. */
  readonly wordsAt: 'from' | 'to';
  /** A wide unseen line that is easier to meet; too dear for thousands. */
  readonly hit: boolean;
  /** A pixel of the screen, as wide as the map is drawn. */
  readonly least: number;
  readonly faded: boolean;
  readonly selected: boolean;
  readonly onOpen: (edge: GraphEdge) => void;
}

/** An arrow: wide by the logarithm of its rate, red by its failures, dashed when nobody traces its end. */
export const EdgeLine = memo(function EdgeLine({
  edge,
  from,
  to,
  way,
  down,
  largest,
  wordsAt,
  hit,
  least,
  faded,
  selected,
  onOpen,
}: EdgeLineProps) {
  const width =
    least * 0.2 + Math.max(1, least) + 4.2 * (Math.log1p(edge.ratePerSecond) / Math.log1p(largest));
  const self = edge.from === edge.to;
  const { path, middle } =
    down && !self ? downward(from, to) : curve({ from, to, way, self, wordsAt });
  const red = isRed(edge);
  const untraced = edge.requests === 0 && edge.clientLatency !== null;
  const share = Math.min(1, edge.errorRatio * 8);
  return (
    <g
      className={`${css.edge} ${faded ? css.faded : ''} ${selected ? css.edgeSelected : ''}`}
      onClick={() => onOpen(edge)}
    >
      {hit && <path d={path} className={css.edgeHit} />}
      <path
        d={path}
        className={css.edgePath}
        strokeWidth={width}
        strokeDasharray={untraced ? '5 4' : undefined}
        style={{
          stroke: red
            ? `color-mix(in oklch, var(--mark-5xx) ${55 + share * 45}%, var(--line-strong))`
            : undefined,
        }}
      />
      {edge.lost > 0 && (
        <path
          d={`M${middle.x - 4} ${middle.y - 7}L${middle.x + 4} ${middle.y + 7}`}
          className={css.lostTick}
        />
      )}
      <title>
        {`${nodeTitle(edge.from)} → ${nodeTitle(edge.to)}\n${rate(edge.ratePerSecond)} · p95 ${duration(edge.latency?.p95Ns ?? edge.clientLatency?.p95Ns)} · ${percent(edge.errorRatio)} fail${edge.lost > 0 ? ` · ${edge.lost} lost` : ''}`}
      </title>
    </g>
  );
});

/** What an edge says, drawn over all curves so that none crosses it. */
export const EdgeWords = memo(function EdgeWords({
  edge,
  from,
  to,
  way,
  wordsAt,
  faded,
}: Pick<EdgeLineProps, 'edge' | 'from' | 'to' | 'way' | 'wordsAt' | 'faded'>) {
  const { start, end, forward } = curve({ from, to, way, self: edge.from === edge.to, wordsAt });
  const wordsPlace = wordsAt === 'to' ? end : start;
  const inwards = (wordsAt === 'to') === forward ? -1 : 1;
  const red = isRed(edge);
  return (
    <g className={faded ? css.faded : undefined} aria-hidden>
      <text
        x={wordsPlace.x + inwards * 9}
        y={wordsPlace.y - 8}
        className={css.edgeText}
        textAnchor={edge.from === edge.to ? 'middle' : inwards < 0 ? 'end' : 'start'}
      >
        {rate(edge.ratePerSecond)}
        {red && <tspan className={css.nodeBad}> {percent(edge.errorRatio)}</tspan>}
      </text>
      {edge.toVersions.length > 1 && (
        <text
          x={wordsPlace.x + inwards * 9}
          y={wordsPlace.y + 16}
          className={css.edgeText}
          textAnchor={inwards < 0 ? 'end' : 'start'}
        >
          {sharesOf(edge)}
        </text>
      )}
    </g>
  );
});

/** `v1 80 %  v2 20 %`: where its requests went. */
function sharesOf({ toVersions }: GraphEdge): string {
  const sum = toVersions.reduce((all, one) => all + one.requests, 0);
  return toVersions
    .slice(0, 3)
    .map((one) => `${one.version || '?'} ${percent(Math.round((one.requests / sum) * 100) / 100)}`)
    .join('  ');
}

interface Curve {
  readonly path: string;
  readonly middle: Point;
  readonly start: Point;
  readonly end: Point;
  readonly forward: boolean;
}

/** Before its words an edge runs level, so that they stand on it and no slope crosses them. */
const LEVEL = 92;

interface CurveOptions {
  readonly from: Point;
  readonly to: Point;
  readonly way: readonly Point[] | undefined;
  readonly self: boolean;
  readonly wordsAt: 'from' | 'to';
}

/** From the lower side of a box to the upper side of another; between those of a row, or up, in a bow below. */
function downward(from: Point, to: Point): Pick<Curve, 'path' | 'middle'> {
  const half = NODE_HEIGHT / 2;
  const below = to.y > from.y;
  const [y1, y2] = [from.y + half, below ? to.y - half : to.y + half];
  const bend = below ? (y2 - y1) / 2 : 40;
  return {
    path: `M${from.x} ${y1}C${from.x} ${y1 + bend} ${to.x} ${below ? y2 - bend : y2 + bend} ${to.x} ${y2}`,
    middle: { x: (from.x + to.x) / 2, y: (y1 + y2) / 2 + (below ? 0 : bend * 0.75) },
  };
}

function curve({ from, to, way, self, wordsAt }: CurveOptions): Curve {
  if (self) {
    const [x, y] = [from.x, from.y - NODE_HEIGHT / 2];
    return {
      path: `M${x - 20} ${y}C${x - 40} ${y - 46} ${x + 40} ${y - 46} ${x + 20} ${y}`,
      middle: { x, y: y - 34 },
      start: { x, y: y - 34 },
      end: { x, y: y - 34 },
      forward: true,
    };
  }
  const forward = to.x >= from.x;
  const sign = forward ? 1 : -1;
  const start = { x: from.x + (sign * NODE_WIDTH) / 2, y: from.y };
  const end = { x: to.x - (sign * NODE_WIDTH) / 2, y: to.y };
  if (!forward) {
    const bend = -Math.max(40, Math.abs(end.x - start.x) / 2);
    return {
      path: `M${start.x} ${start.y}C${start.x + bend} ${start.y + NODE_HEIGHT} ${end.x - bend} ${end.y + NODE_HEIGHT} ${end.x} ${end.y}`,
      middle: { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 + NODE_HEIGHT * 0.75 },
      start,
      end,
      forward,
    };
  }
  // Level pieces (past nodes of a layer between, under the words), and a slope from each to the next.
  const level = Math.min(LEVEL, Math.max(0, end.x - start.x - 60));
  const pieces = [
    { y: start.y, left: start.x, right: start.x + (wordsAt === 'from' ? level : 0) },
    ...(way ?? []).map(({ x, y }) => ({ y, left: x - NODE_WIDTH / 2, right: x + NODE_WIDTH / 2 })),
    { y: end.y, left: end.x - (wordsAt === 'to' ? level : 0), right: end.x },
  ];
  let path = `M${start.x} ${start.y}`;
  pieces.forEach((piece, index) => {
    const before = pieces[index - 1];
    if (before) {
      const half = (before.right + piece.left) / 2;
      path += `C${half} ${before.y} ${half} ${piece.y} ${piece.left} ${piece.y}`;
    }
    path += `L${piece.right} ${piece.y}`;
  });
  const last = pieces.at(-2)!;
  return {
    path,
    middle: { x: (last.right + pieces.at(-1)!.left) / 2, y: (last.y + end.y) / 2 },
    start,
    end,
    forward,
  };
}
