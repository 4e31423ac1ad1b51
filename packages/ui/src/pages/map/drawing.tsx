// What stands in the map's SVG: hulls, edges, their words, services. What is not on screen is not drawn; small things
// lose their words.

import { memo, useMemo, useState } from 'react';
import type { GraphEdge } from '@clover/model';
import { EdgeLine, EdgeWords } from './edge-line.tsx';
import { Hulls } from './hulls.tsx';
import type { Layout } from './layout.ts';
import { serviceOf, type MeshMark } from './mesh-marks.ts';
import { labelOf, NodeBox, titleOf } from './node-box.tsx';
import { NodeGhost } from './node-ghost.tsx';
import { degrees, edgeKey, isRed, type ShownGraph } from './shown-graph.ts';

interface DrawingProps {
  readonly graph: ShownGraph;
  readonly layout: Layout;
  /** Where the layout's own 0, 0 is seen, px. */
  readonly atX: number;
  readonly atY: number;
  readonly scale: number;
  /** Of what is seen, px; what lies `beyond` it is drawn too, so that it can be moved. */
  readonly width: number;
  readonly height: number;
  readonly beyond: number;
  /** What is looked for, in lower case. */
  readonly found: string;
  readonly marks: ReadonlyMap<string, MeshMark>;
  readonly selected: string | undefined;
  /** So many services stand in the document by now. */
  readonly grown: number;
  /** Edges, and services without words, are painted: here is what stands out. */
  readonly crowd: boolean;
  readonly words: boolean;
  readonly onNode: (service: string) => void;
  readonly onEdge: (edge: GraphEdge) => void;
  /** Hulls stand around namespaces when given. */
  readonly onFold: ((namespace: string) => void) | undefined;
}

/** More edges than this are drawn thin when small, and no hulls stand behind them. */
export const CROWD = 200;
/** Between these a node shows its name alone, large. */
const BIG_FROM = 0.25;
const BIG_BELOW = 0.62;

/** Made anew only when other things come into sight: moving the map moves what it stands in. */
export const Drawing = memo(function Drawing(props: DrawingProps) {
  const { graph, layout, atX, atY, scale, width, height, beyond, found, marks, selected } = props;
  const { grown, crowd, words, onNode, onEdge, onFold } = props;
  const [hover, setHover] = useState<string | undefined>();
  const { edges } = graph;
  const many = crowd && !words;
  const near = useMemo(
    () =>
      hover === undefined
        ? undefined
        : new Set(
            edges.flatMap((one) =>
              one.from === hover || one.to === hover ? [one.from, one.to] : [],
            ),
          ),
    [hover, edges],
  );
  const degree = useMemo(() => degrees(edges), [edges]);
  const largest = useMemo(() => Math.max(1, ...edges.map((one) => one.ratePerSecond)), [edges]);
  const visible = (x: number, y: number, margin = 160) => {
    const [sx, sy] = [x * scale + atX, y * scale + atY];
    const around = margin + beyond;
    return sx > -around && sy > -around && sx < width + around && sy < height + around;
  };
  // Behind what is pointed at or looked for; in a crowd, behind what is in trouble.
  const fades = (edge: GraphEdge) =>
    near !== undefined ||
    (found === ''
      ? edges.length > CROWD && !isRed(edge)
      : !`${edge.from} ${edge.to}`.toLowerCase().includes(found));
  const drawn = edges.flatMap((edge) => {
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
      worded: words && !layout.down && ((Math.min(into, out) < 2 && edges.length < 60) || met),
      wordsAt: into <= out ? ('to' as const) : ('from' as const),
    };
  });
  return (
    <>
      {onFold && <Hulls nodes={graph.nodes} places={layout.nodes} scale={scale} onFold={onFold} />}
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
          least={(edges.length > CROWD ? 0.35 : 1) / scale}
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
            big={scale < BIG_BELOW && scale >= BIG_FROM}
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
});
