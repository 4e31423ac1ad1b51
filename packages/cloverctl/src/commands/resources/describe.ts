import type { TrafficHistoryAnswer, TrafficResource } from '@clover/model';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { outputFlag } from '../../flags.ts';
import { factLines } from '../../output/facts.ts';
import { showObject } from '../../output/show.ts';
import { harmless } from '../../output/text.ts';
import { namedResources, namesArgument, namespaceFlag, resourceLabel } from './names.ts';

const SHOWN_CHANGES = 5;

export const describe: Command = {
  path: 'describe',
  summary: 'An Istio resource in full: text, findings, faults, changes',
  text: 'The resource as it was applied, what is found on it, the fault switches that change its routes now, and its last changes.',
  examples: [
    { says: 'one', line: 'describe vs lb' },
    { says: 'several', line: 'describe vs/lb dr/lb -n shop' },
  ],
  arguments: [namesArgument],
  flags: [namespaceFlag, outputFlag],
  async run(context) {
    const { client, call, output, io } = context;
    const names = namedResources(context);
    if (names.length === 0) throw usageError('name the resource', 'for example: describe vs lb');
    for (const [index, name] of names.entries()) {
      const [resource, history] = await Promise.all([
        client.trafficResource(name, call),
        client.trafficHistory({ ...name, limit: SHOWN_CHANGES }, call),
      ]);
      if (output === 'json' || output === 'yaml') {
        await showObject(context, { ...resource, history: history.items });
        continue;
      }
      if (index > 0) io.stdout.write('\n');
      for (const line of lines(context, resource, history)) io.stdout.write(`${line}\n`);
    }
  },
};

function lines(context: Context, one: TrafficResource, { items }: TrafficHistoryAnswer): string[] {
  const { figures, style } = context;
  return [
    style.bold(harmless(resourceLabel(one))),
    ...factLines(
      [
        { name: 'kind', text: `${one.kind} (${one.apiVersion})` },
        { name: 'namespace', text: one.namespace },
        { name: 'created', text: figures.time(one.createdAt) },
        {
          name: 'changed',
          text: `${figures.time(one.changedAt)} by ${one.changedBy}, revision ${one.revision}`,
        },
        ...(one.faults.length === 0
          ? []
          : [{ name: 'faults on', text: one.faults.join(', '), paint: style.yellow }]),
      ],
      context,
    ),
    '',
    ...one.yaml
      .trimEnd()
      .split('\n')
      .map((line) => `  ${harmless(line)}`),
    '',
    ...(one.findings.length === 0
      ? [style.dim('nothing found on it')]
      : one.findings.map(({ severity, code, message, hint, at }) => {
          const paint = severity === 'error' ? style.red : style.yellow;
          const place = at ? `line ${at.line}: ` : '';
          return `${place}${paint(severity)} ${code} ${harmless(message)}${hint ? style.dim(` (${harmless(hint)})`) : ''}`;
        })),
    '',
    ...items.map(
      ({ revision, time, author, action, reason }) =>
        `${style.dim(`revision ${revision}`)}  ${figures.time(time)}  ${action} by ${harmless(author)}${reason ? `: ${harmless(reason)}` : ''}`,
    ),
  ];
}
