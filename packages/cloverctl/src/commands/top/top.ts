// A live table of services: in its place on a terminal, a block of lines a round in a pipe.
import type { ServicesAnswer, ServiceSummary, SourcesAnswer } from '@clover/model';
import { wholeValues } from '@clover/model/whole-steps';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { EXIT } from '../../errors.ts';
import { outputFlag, scopeFlags } from '../../flags.ts';
import { oneOf } from '../../one-of.ts';
import { errorColumn, latencyColumn, paintRatio, serviceColumn } from '../../output/columns.ts';
import { showObject } from '../../output/show.ts';
import { tableLines, type Column } from '../../output/table.ts';
import { SORTS, sortServices, type Sort } from './sort.ts';
import { openScreen } from './screen.ts';

export const top: Command = {
  path: 'top',
  summary: 'Live table of services',
  text: 'Rate, errors and duration of every service over the last minute, again every two seconds. On a terminal: q ends it, s sorts by the next column, r turns the order round, space holds it. In a pipe each round is a block of lines that begin with the time.',
  examples: [
    { says: 'live', line: 'top' },
    { says: 'three rounds for a log, slowest first', line: 'top --count 3 --sort p95' },
  ],
  flags: [
    { name: 'sort', value: 'BY', choices: SORTS, says: `${SORTS.join(', ')} (default rate)` },
    {
      name: 'interval',
      value: 'DURATION',
      type: 'duration',
      says: 'pause between rounds (default 2s)',
    },
    { name: 'count', short: 'n', value: 'N', type: 'whole', says: 'end after so many rounds' },
    outputFlag,
    ...scopeFlags.map((flag) =>
      flag.name === 'since' ? { ...flag, says: 'over how long: 30s, 5m (default 1m)' } : flag,
    ),
  ],
  run: async (context) => {
    const sort = oneOf(SORTS, 'sort', context.text('sort')) ?? 'rate';
    const live = context.terminal && context.output !== 'json' && context.output !== 'yaml';
    return live ? runLive(context, sort) : runPlain(context, sort);
  },
};

interface Round {
  readonly services: ServicesAnswer;
  readonly totals: SourcesAnswer['totals'];
}

async function ask(context: Context): Promise<Round> {
  const scope = context.scope();
  const since = context.text('since') ?? (scope.start === undefined ? '1m' : undefined);
  const [services, sources] = await Promise.all([
    context.client.services({ ...scope, since }, context.call),
    context.client.sources({}, context.call),
  ]);
  return { services, totals: sources.totals };
}

async function runPlain(context: Context, sort: Sort): Promise<number> {
  const { io } = context;
  const { setTimeout: sleep } = await import('node:timers/promises');
  const most = context.whole('count') ?? Infinity;
  for (let round = 1; ; round++) {
    const { services } = await ask(context);
    const sorted = { ...services, items: sortServices(services.items, sort, false) };
    if (context.output === 'json' || context.output === 'yaml') await showObject(context, sorted);
    else {
      const now = context.withIo(io);
      const time = now.figures.time(services.meta.end);
      const lines = tableLines(sorted.items, columns(now, sorted), optionsOf(now));
      for (const line of lines) io.stdout.write(`${time}  ${line}\n`);
    }
    if (round >= most) return EXIT.ok;
    await sleep(context.durationMs('interval') ?? 2000, undefined, { signal: io.signal }).catch(
      () => {},
    );
    if (io.signal.aborted) return EXIT.interrupted;
  }
}

async function runLive(context: Context, first: Sort): Promise<number> {
  const { io } = context;
  const most = context.whole('count') ?? Infinity;
  const intervalMs = context.durationMs('interval') ?? 2000;
  let sort = first;
  let reversed = false;
  let held = false;
  let round: Round | undefined;
  let failure = '';
  const screen = openScreen(io);
  const draw = () => {
    const now = context.withIo(io);
    screen.draw(
      round ? frame(now, round, { sort, reversed, held, failure }) : [failure || 'asking …'],
    );
  };
  try {
    draw();
    for (let rounds = 1; ; rounds++) {
      if (!held) {
        try {
          round = await ask(context.withIo(io));
          failure = '';
        } catch (error) {
          if (io.signal.aborted) return EXIT.interrupted;
          // The first failure ends it, as with any command; later the table stays and says so.
          if (!round) throw error;
          failure = (error as Error).message;
        }
      }
      draw();
      if (rounds >= most) return EXIT.ok;
      for (const end = Date.now() + intervalMs; Date.now() < end;) {
        const key = await screen.key(end - Date.now());
        if (key === 'q' || key === 'end') return EXIT.ok;
        if (key === 'interrupt') return EXIT.interrupted;
        if (key === 's') sort = SORTS[(SORTS.indexOf(sort) + 1) % SORTS.length]!;
        if (key === 'r') reversed = !reversed;
        if (key === ' ') held = !held;
        if (key !== undefined) draw();
      }
    }
  } finally {
    screen.close();
  }
}

function frame(
  context: Context,
  { services, totals }: Round,
  state: { sort: Sort; reversed: boolean; held: boolean; failure: string },
): string[] {
  const { style, figures } = context;
  const rate = services.items.reduce((sum, row) => sum + row.ratePerSecond, 0);
  const requests = services.items.reduce((sum, row) => sum + row.requests, 0);
  const errors = services.items.reduce((sum, row) => sum + row.errors, 0);
  const ratio = requests === 0 ? 0 : errors / requests;
  const head = [
    style.bold(context.client.baseUrl.replace(/^https?:\/\//, '')),
    `${services.items.length} services`,
    `${style.bold(figures.rate(rate))} at every hop`,
    `${paintRatio(ratio, style)(figures.ratio(ratio))} errors`,
    `${figures.rate(totals.spansPerSecond)} spans`,
    ...(totals.refused > 0 ? [style.red(`${figures.count(totals.refused)} refused`)] : []),
    style.dim(figures.time(services.meta.end)),
  ].join('  ');
  const rows = sortServices(services.items, state.sort, state.reversed);
  const room = Math.max(1, (context.io.stdout.rows ?? 24) - 5);
  const table = tableLines(rows.slice(0, room), columns(context, services), optionsOf(context));
  const more = rows.length - Math.min(rows.length, room);
  const foot = [
    `sorted by ${state.sort}${state.reversed ? ', least first' : ''}`,
    ...(more > 0 ? [`${more} more`] : []),
    ...(state.held ? ['held'] : []),
    's sort  r reverse  space hold  q quit',
  ].join('  ');
  return [head, '', ...table, '', state.failure ? style.red(state.failure) : style.dim(foot)];
}

const optionsOf = (context: Context) => ({
  style: context.style,
  figures: context.figures,
  wide: context.output === 'wide',
  header: context.terminal,
  drawn: context.terminal && context.figures.unicode,
  width: context.terminal ? context.width : undefined,
});

function columns({ figures }: Context, services: ServicesAnswer): Column<ServiceSummary>[] {
  return [
    serviceColumn('SERVICE', (row) => row.service),
    { title: 'RATE', align: 'right', text: (row) => figures.rate(row.ratePerSecond) },
    {
      title: '',
      drawn: true,
      text: (row) => figures.spark(wholeValues(row.requestSeries, services), 12),
      paint: (_, style) => style.cyan,
    },
    errorColumn((row) => row.errorRatio),
    latencyColumn('P50', 'p50Ns', (row) => row.latency),
    latencyColumn('P95', 'p95Ns', (row) => row.latency),
    {
      title: '',
      drawn: true,
      text: (row) => figures.spark(wholeValues(row.p95Series, services), 12),
      paint: (_, style) => style.yellow,
    },
    latencyColumn('P99', 'p99Ns', (row) => row.latency),
    latencyColumn('MAX', 'maxNs', (row) => row.latency, { wide: true }),
    { title: 'VERSIONS', wide: true, text: (row) => row.versions.join(',') },
  ];
}
