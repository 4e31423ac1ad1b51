import type { MeshAnswer, WorkloadsAnswer } from '@clover/model';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { outputFlag, watchFlags } from '../../flags.ts';
import { serviceColumn, textColumn } from '../../output/columns.ts';
import { factLines } from '../../output/facts.ts';
import { show, showObject } from '../../output/show.ts';
import { repeat } from '../../watch.ts';

type Row = WorkloadsAnswer['items'][number];

export const getWorkloads: Command = {
  path: 'get workloads',
  aliases: ['workload', 'wl'],
  summary: 'Programs in the mesh',
  text: 'Every program that joined, where it listens, whether it gets requests, and until when its lease holds if it has one. -o wide also says where its own requests go into the mesh.',
  examples: [
    { says: 'all', line: 'get workloads' },
    { says: 'with their listeners', line: 'get workloads -o wide' },
  ],
  flags: [outputFlag, ...watchFlags],
  run: (context) =>
    repeat(context, async (round) => {
      const answer = await round.client.workloads({}, round.call);
      await show<WorkloadsAnswer, Row>(round, answer, {
        rows: ({ items }) => items,
        name: (row) => `${row.namespace}/${row.name}`,
        empty: 'no program is in the mesh; `mesh run` starts one in it',
        columns: [
          textColumn('NAMESPACE', (row) => row.namespace, { wide: true }),
          textColumn('NAME', (row) => row.name),
          serviceColumn('SERVICE', (row) => row.service),
          textColumn('LABELS', (row) =>
            Object.entries(row.labels)
              .map(([key, value]) => `${key}=${value}`)
              .join(','),
          ),
          textColumn('ADDRESS', (row) =>
            row.ports
              .map(({ port, targetPort }) => `${port}->${row.address}:${targetPort}`)
              .join(','),
          ),
          {
            title: 'READY',
            text: (row) => (row.ready ? 'yes' : 'no'),
            paint: (row, style) => (row.ready ? style.green : style.yellow),
          },
          textColumn('JOINED', (row) => round.figures.time(row.joinedAt)),
          textColumn('LEASE', (row) => round.figures.time(row.leaseEndsAt)),
          textColumn('HTTP PROXY', (row) => row.listeners?.httpProxy ?? '', { wide: true }),
          textColumn(
            'INBOUND',
            (row) => row.listeners?.inbound.map(({ address }) => address).join(',') ?? '',
            { wide: true },
          ),
        ],
      });
      return 0;
    }),
};

export const getMesh: Command = {
  path: 'get mesh',
  summary: 'The data plane: state, gateways, what it enforces',
  text: 'Whether a data plane runs, which revision of the configuration it enforces, where its gateways listen, and where Prometheus finds its metrics.',
  examples: [
    { says: 'here', line: 'get mesh' },
    { says: 'again and again', line: 'get mesh --watch' },
  ],
  flags: [outputFlag, ...watchFlags],
  run: (context) =>
    repeat(context, async (round) => {
      const answer = await round.client.mesh({}, round.call);
      if (round.output === 'json' || round.output === 'yaml') await showObject(round, answer);
      else for (const line of lines(round, answer)) round.io.stdout.write(`${line}\n`);
      return 0;
    }),
};

function lines(
  context: Context,
  { dataPlane, workloads, gateways, metrics }: MeshAnswer,
): string[] {
  const { style, figures } = context;
  const paint =
    dataPlane.state === 'up' ? style.green : dataPlane.state === 'off' ? style.dim : style.red;
  return factLines(
    [
      {
        name: 'data plane',
        text: dataPlane.detail === '' ? dataPlane.state : `${dataPlane.state}, ${dataPlane.detail}`,
        paint,
      },
      { name: 'since', text: figures.time(dataPlane.startedAt) },
      { name: 'revision', text: dataPlane.revision === null ? '-' : String(dataPlane.revision) },
      { name: 'workloads', text: String(workloads) },
      ...gateways.flatMap((one) =>
        one.listeners.map(({ port, address }) => ({
          name: `gateway ${one.name}`,
          text: `${port} on ${address}`,
        })),
      ),
      { name: 'metrics', text: metrics ?? '-' },
    ],
    context,
  );
}
