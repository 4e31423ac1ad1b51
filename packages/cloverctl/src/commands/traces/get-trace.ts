import type { TraceDetail } from '@clover/model';
import { waterfallLines } from '../../draw/waterfall.ts';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { outputFlag } from '../../flags.ts';
import { serviceColumn } from '../../output/columns.ts';
import { REPORT, showObject, showTable } from '../../output/show.ts';
import { harmless } from '../../output/text.ts';

export const getTrace: Command = {
  path: 'get trace',
  summary: 'One trace as a waterfall with its critical path',
  text: 'Every span with its place in time. Heavy lines are the critical path: the times that the whole trace waited for. Under it each service’s own time and its part of the critical path. With -o wide the attributes of each span too.',
  examples: [
    { says: 'a trace', line: 'get trace 4bf92f3577b34da6a3ce929d0e0e4736' },
    {
      says: 'the slowest of the last hour',
      line: 'get trace $(cloverctl get traces --since 1h --sort slowest --limit 1 -o name)',
    },
  ],
  arguments: [
    {
      name: 'ID',
      says: '32 hexadecimal digits, or the first 16 of a short one',
      completes: 'trace',
    },
  ],
  flags: [outputFlag],
  run: async (context) => {
    const trace = await context.client.trace(context.args[0]!, context.call);
    if (context.output === 'json' || context.output === 'yaml') return showObject(context, trace);
    if (context.output === 'name') {
      for (const span of trace.spans) context.io.stdout.write(`${harmless(span.spanId)}\n`);
      return;
    }
    writeTrace(context, trace);
  },
};

function writeTrace(context: Context, trace: TraceDetail): void {
  const { io, style, figures, errorStyle } = context;
  const [root] = trace.spans;
  const errors = trace.spans.filter((span) => span.failed).length;
  io.stdout.write(
    [
      style.bold(`trace ${trace.traceId}`),
      ...(root
        ? [`${style.service(root.service)(harmless(root.service))} ${harmless(root.name)}`]
        : []),
      figures.time(trace.startTimeUnixNano),
      style.bold(figures.duration(trace.durationNs)),
      `${trace.spans.length} span${trace.spans.length === 1 ? '' : 's'}`,
      ...(errors > 0 ? [style.red(`${errors} error${errors === 1 ? '' : 's'}`)] : []),
    ].join('  ') + '\n\n',
  );
  const lines = waterfallLines(trace, { style, figures, width: context.width });
  io.stdout.write(`${lines.shift()}\n`);
  for (const [index, line] of lines.entries()) {
    io.stdout.write(`${line}\n`);
    if (context.output === 'wide') writeAttributes(context, trace.spans[index]!);
  }
  io.stdout.write('\n');
  const critical = trace.services.reduce((sum, { criticalNs }) => sum + criticalNs, 0);
  showTable(
    context,
    trace.services.toSorted((a, b) => b.criticalNs - a.criticalNs),
    [
      serviceColumn('SERVICE', (row) => row.service),
      { title: 'SPANS', align: 'right', text: (row) => String(row.spans) },
      { title: 'OWN TIME', align: 'right', text: (row) => figures.duration(row.selfTimeNs) },
      {
        title: 'ON CRITICAL PATH',
        align: 'right',
        text: (row) => figures.duration(row.criticalNs),
      },
      {
        title: 'SHARE',
        align: 'right',
        text: (row) => figures.ratio(critical === 0 ? null : row.criticalNs / critical),
      },
    ],
    REPORT,
  );
  for (const note of trace.notes) context.note(`${errorStyle.yellow('note')}: ${harmless(note)}`);
}

function writeAttributes(context: Context, span: TraceDetail['spans'][number]): void {
  const indent = ' '.repeat(2 * span.depth + 4);
  const own = {
    span: span.spanId,
    kind: span.kind,
    version: span.version,
    node: span.node,
    message: span.statusMessage,
  };
  const facts = [
    ...Object.entries(own).filter(([, value]) => value !== ''),
    ...Object.entries(span.attributes),
    ...span.events.map((event): [string, unknown] => [
      `event ${event.name}`,
      Object.entries(event.attributes)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(' '),
    ]),
  ];
  for (const [key, value] of facts) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    context.io.stdout.write(`${indent}${context.style.dim(harmless(key))} ${harmless(text)}\n`);
  }
}
