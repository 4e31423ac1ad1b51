// `get virtualservices`, `get gw`, …: one command for each kind, with the columns that matter for it.
import type { TrafficResource } from '@clover/model';
import { RESOURCE_KINDS, type ResourceKind } from '@clover/model/resource-kinds';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { outputFlag, watchFlags } from '../../flags.ts';
import { countColumn, textColumn } from '../../output/columns.ts';
import { showTable } from '../../output/show.ts';
import type { Column } from '../../output/table.ts';
import { harmless } from '../../output/text.ts';
import { repeat } from '../../watch.ts';
import { columnsOf } from './kind-columns.ts';
import { namespaceFlag, resourceLabel } from './names.ts';

type Row = TrafficResource;

export const getKinds: readonly Command[] = RESOURCE_KINDS.map((one) => getKind(one));

export const getResources: Command = {
  path: 'get resources',
  aliases: ['all'],
  summary: 'All Istio resources that are in force',
  text: 'Resources of all kinds, as they were applied. -o yaml gives files that `apply -f` takes, Secrets aside: their values are not shown.',
  examples: [
    { says: 'of all namespaces', line: 'get resources -A' },
    { says: 'as a backup', line: 'get resources -A -o yaml > mesh.yaml' },
  ],
  flags: flagsOf(),
  run: (context) => list(context, undefined),
};

function getKind({ kind, plural, short }: ResourceKind): Command {
  return {
    path: `get ${plural}`,
    aliases: [...new Set([plural === 'kubeservices' ? 'kubeservice' : kind.toLowerCase(), short])],
    summary: `${kind}s that are in force`.replace(/([^aeiou])ys that/, '$1ies that'),
    text:
      kind === 'Secret'
        ? 'The Secrets with certificates that were applied, with the findings on them. Values are not shown, in no form.'
        : `The ${kind} resources that were applied, with the findings on them. -o yaml gives what \`apply -f\` takes, comments included.`,
    examples: [
      { says: 'of the default namespace', line: `get ${plural}` },
      { says: 'one as YAML', line: `get ${short} NAME -o yaml` },
    ],
    arguments: [{ name: 'NAME', optional: true, many: true, says: 'only these' }],
    flags: flagsOf(),
    run: (context) => list(context, kind),
  };
}

function flagsOf() {
  return [
    namespaceFlag,
    { name: 'all-namespaces', short: 'A', says: 'of all namespaces' },
    outputFlag,
    ...watchFlags,
  ];
}

function list(context: Context, kind: string | undefined): Promise<number> {
  return repeat(context, async (round) => {
    const namespace = round.on('all-namespaces')
      ? undefined
      : (round.text('namespace') ?? 'default');
    const names = round.args;
    const answer = await round.client.trafficResources(
      { kind, namespace, name: names.length === 1 ? names[0] : undefined },
      round.call,
    );
    const rows = answer.items.filter(({ name }) => names.length === 0 || names.includes(name));
    await show(round, rows, kind);
    const missing = names.filter((name) => !rows.some((row) => row.name === name));
    for (const name of missing)
      round.note(`there is no ${kind} ${name}${namespace ? ` in ${namespace}` : ''}`);
    if (rows.length === 0 && names.length === 0)
      round.note(namespace === undefined ? 'there are none' : `there are none in ${namespace}`);
    return missing.length > 0 ? 1 : 0;
  });
}

async function show(context: Context, rows: readonly Row[], kind: string | undefined) {
  const { io, output } = context;
  if (output === 'yaml') io.stdout.write(rows.map(({ yaml }) => yaml).join('---\n'));
  else if (output === 'json') io.stdout.write(`${JSON.stringify(listOf(rows), null, 2)}\n`);
  else if (output === 'name')
    for (const row of rows) io.stdout.write(`${harmless(resourceLabel(row))}\n`);
  else showTable(context, rows, tableColumns(context, kind));
}

/** As kubectl writes several, which `apply` takes too. */
const listOf = (rows: readonly Row[]) => ({
  apiVersion: 'v1',
  kind: 'List',
  items: rows.map(({ apiVersion, kind, metadata, spec }) => ({ apiVersion, kind, metadata, spec })),
});

function tableColumns(context: Context, kind: string | undefined): Column<Row>[] {
  return [
    ...(context.on('all-namespaces') ? [textColumn<Row>('NAMESPACE', (row) => row.namespace)] : []),
    ...(kind === undefined ? [textColumn<Row>('KIND', (row) => row.kind)] : []),
    textColumn('NAME', (row) => row.name),
    ...(kind === undefined ? [] : columnsOf(kind)),
    textColumn('FAULTS', (row) => row.faults.join(','), { wide: true }),
    countColumn('FINDINGS', (row) => row.findings.length, {
      paint: (row, style) =>
        row.findings.some(({ severity }) => severity === 'error')
          ? style.red
          : row.findings.length > 0
            ? style.yellow
            : style.dim,
    }),
    textColumn('CHANGED', (row) => context.figures.time(row.changedAt)),
    countColumn('REVISION', (row) => row.revision, { wide: true }),
    textColumn('BY', (row) => row.changedBy, { wide: true }),
  ];
}
