import type { GraphAnswer } from '@clover/model';
import { graphDot, graphMermaid } from '../../draw/graph-export.ts';
import { graphTree, type GraphLine } from '../../draw/graph-tree.ts';
import { treeLines, type TreeLine } from '../../draw/tree.ts';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { scopeFlags, watchFlags } from '../../flags.ts';
import { countColumn, paintRatio } from '../../output/columns.ts';
import { noteMeta } from '../../output/meta-notes.ts';
import { showObject, showTable } from '../../output/show.ts';
import { repeat } from '../../watch.ts';

const FORMS = ['table', 'dot', 'mermaid', 'json', 'yaml', 'name'] as const;

export const graph: Command = {
  path: 'graph',
  summary: 'Who calls whom, as a tree, Graphviz or Mermaid',
  text: 'The service graph from those that nobody calls, along the arrows, with rate, errors and duration of each arrow as the callee saw them. A service whose arrows stand at another line is marked ↑.',
  examples: [
    { says: 'the tree', line: 'graph' },
    {
      says: 'around one service, as a picture',
      line: 'graph --focus http-lb --hops 1 -o dot | dot -Tsvg > graph.svg',
    },
    { says: 'for Markdown', line: 'graph -o mermaid' },
  ],
  flags: [
    {
      name: 'output',
      short: 'o',
      value: 'FORM',
      choices: FORMS,
      says: `form of the output: ${FORMS.join(', ')}`,
    },
    { name: 'focus', value: 'NAME', says: 'only services near this one', completes: 'service' },
    { name: 'hops', value: 'N', type: 'whole', says: 'with --focus: how near (default 2)' },
    ...scopeFlags,
    ...watchFlags,
  ],
  run: (context) =>
    repeat(context, async (round) => {
      const answer = await round.client.graph(
        { ...round.scope(), focus: round.text('focus'), hops: round.whole('hops') },
        round.call,
      );
      await write(round, answer);
      return 0;
    }),
};

async function write(context: Context, answer: GraphAnswer): Promise<void> {
  const { io, figures } = context;
  const form = context.settings.output.value;
  if (form === 'dot') io.stdout.write(`${graphDot(answer, figures)}\n`);
  else if (form === 'mermaid') io.stdout.write(`${graphMermaid(answer, figures)}\n`);
  else if (context.output === 'json' || context.output === 'yaml')
    await showObject(context, answer);
  else if (context.output === 'name')
    for (const node of answer.nodes) io.stdout.write(`${node.service}\n`);
  else writeTree(context, answer);
  if (answer.nodes.length === 0) context.note('no services in this time range');
  noteMeta(context, answer.meta);
}

type Row = TreeLine<GraphLine>;

function writeTree(context: Context, answer: GraphAnswer): void {
  const { figures } = context;
  const again = figures.unicode ? ' ↑' : ' (above)';
  const rows = treeLines(graphTree(answer), (line) => line.depth, figures.unicode);
  showTable<Row>(context, rows, [
    {
      title: 'SERVICE',
      text: ({ branch, item }) => `${branch}${item.node.service}${item.elsewhere ? again : ''}`,
      paint:
        ({ branch, item }, style) =>
        (text) =>
          style.dim(text.slice(0, branch.length)) +
          style.service(item.node.service)(text.slice(branch.length)),
      shrinkTo: 24,
    },
    {
      title: 'KIND',
      text: ({ item }) => (item.node.kind === 'service' ? '' : item.node.kind),
      paint: (_, style) => style.dim,
    },
    { title: 'PROTOCOL', text: ({ item }) => item.edge?.protocol ?? '' },
    {
      title: 'RATE',
      align: 'right',
      text: ({ item }) => figures.rate((item.edge ?? item.node).ratePerSecond),
    },
    {
      title: 'ERRORS',
      align: 'right',
      text: ({ item }) => figures.ratio((item.edge ?? item.node).errorRatio),
      paint: ({ item }, style) => paintRatio((item.edge ?? item.node).errorRatio, style),
    },
    { title: 'P50', align: 'right', text: ({ item }) => figures.duration(latencyOf(item)?.p50Ns) },
    { title: 'P95', align: 'right', text: ({ item }) => figures.duration(latencyOf(item)?.p95Ns) },
    {
      title: 'P99',
      align: 'right',
      wide: true,
      text: ({ item }) => figures.duration(latencyOf(item)?.p99Ns),
    },
    countColumn<Row>('LOST', ({ item }) => item.edge?.lost ?? 0, {
      paint: ({ item }, style) => ((item.edge?.lost ?? 0) > 0 ? style.red : style.dim),
    }),
    {
      title: 'VERSIONS',
      text: ({ item }) =>
        item.node.versions
          .map(({ version }) => version)
          .filter(Boolean)
          .join(','),
      shrinkTo: 6,
    },
  ]);
}

const latencyOf = ({ edge, node }: GraphLine) =>
  edge ? (edge.latency ?? edge.clientLatency) : node.latency;
