// The service graph for other programs: Graphviz and Mermaid.
import type { GraphAnswer, GraphEdge, GraphNode } from '@clover/model';
import type { Figures } from '../output/figures.ts';
import { harmless } from '../output/text.ts';

type Graph = Pick<GraphAnswer, 'nodes' | 'edges'>;

/** Graphviz: `cloverctl graph -o dot | dot -Tsvg > graph.svg`. */
export function graphDot(graph: Graph, figures: Figures): string {
  const quote = (text: string) =>
    `"${harmless(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const widest = Math.max(1, ...graph.edges.map((edge) => edge.requests));
  return [
    'digraph clover {',
    '  rankdir=LR;',
    '  node [shape=box, style="rounded,filled", fillcolor=white, fontname="sans-serif"];',
    '  edge [fontname="sans-serif", fontsize=10];',
    ...graph.nodes.map(
      (node) =>
        `  ${quote(node.service)} [label=${quote(`${node.service}\n${nodeFigures(node, figures)}`).replaceAll('\\\\n', '\\n')}` +
        `${node.kind === 'service' ? '' : ', style="rounded,dashed"'}${node.errorRatio >= 0.05 ? ', color=red' : ''}];`,
    ),
    ...graph.edges.map(
      (edge) =>
        `  ${quote(edge.from)} -> ${quote(edge.to)} [label=${quote(edgeFigures(edge, figures))}, ` +
        `penwidth=${(1 + 4 * (edge.requests / widest)).toFixed(1)}${edge.errorRatio >= 0.05 ? ', color=red' : ''}];`,
    ),
    '}',
  ].join('\n');
}

/** Mermaid, for Markdown. */
export function graphMermaid(graph: Graph, figures: Figures): string {
  const ids = new Map(graph.nodes.map((node, index) => [node.service, `n${index}`]));
  const quote = (text: string) =>
    `"${harmless(text).replaceAll(/[&<>"#|]/g, (letter) => `#${letter.charCodeAt(0)};`)}"`;
  return [
    'flowchart LR',
    ...graph.nodes.map((node) => {
      const [open, close] =
        node.kind === 'database'
          ? ['[(', ')]']
          : node.kind === 'service'
            ? ['[', ']']
            : ['([', '])'];
      return `  ${ids.get(node.service)}${open}${quote(node.service)}${close}`;
    }),
    ...graph.edges.flatMap((edge) => {
      const from = ids.get(edge.from);
      const to = ids.get(edge.to);
      return from && to ? [`  ${from} -->|${quote(edgeFigures(edge, figures))}| ${to}`] : [];
    }),
  ].join('\n');
}

const nodeFigures = (node: GraphNode, figures: Figures): string =>
  node.latency
    ? `${figures.rate(node.ratePerSecond)}, p95 ${figures.duration(node.latency.p95Ns)}`
    : node.kind;

function edgeFigures(edge: GraphEdge, figures: Figures): string {
  return [
    figures.rate(edge.ratePerSecond),
    ...(edge.errorRatio > 0 ? [`${figures.ratio(edge.errorRatio)} errors`] : []),
    ...((edge.latency ?? edge.clientLatency)
      ? [`p95 ${figures.duration((edge.latency ?? edge.clientLatency)!.p95Ns)}`]
      : []),
    ...(edge.lost > 0 ? [`${figures.count(edge.lost)} lost`] : []),
  ].join(', ');
}
