import type { Overview } from '@clover/model';
import { wholeValues } from '@clover/model/whole-steps';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { outputFlag, scopeFlags, watchFlags } from '../../flags.ts';
import { paintRatio } from '../../output/columns.ts';
import { factLines, type Fact } from '../../output/facts.ts';
import { noteMeta } from '../../output/meta-notes.ts';
import { showObject } from '../../output/show.ts';
import { harmless } from '../../output/text.ts';
import { repeat } from '../../watch.ts';

const SPARK = 40;

export const getOverview: Command = {
  path: 'get overview',
  aliases: ['ov'],
  summary: 'Is anything wrong: traffic, errors, what changed',
  text: 'Requests, errors, p95 and lost requests of the range against the window of the same length before, and what changed in words, worst first. Requests from outside count once; "every hop" are also those that services send to each other.',
  examples: [
    { says: 'the last 15 minutes', line: 'get overview' },
    { says: 'the last hour, again and again', line: 'get overview --since 1h --watch' },
  ],
  flags: [outputFlag, ...scopeFlags, ...watchFlags],
  run: (context) =>
    repeat(context, async (round) => {
      const answer = await round.client.overview(round.scope(), round.call);
      if (round.output === 'json' || round.output === 'yaml') await showObject(round, answer);
      else if (round.output === 'name')
        for (const one of answer.changes) round.io.stdout.write(`${harmless(one.service)}\n`);
      else write(round, answer);
      return 0;
    }),
};

function write(context: Context, answer: Overview): void {
  const { io, style, figures } = context;
  for (const line of factLines(factsOf(answer, context), context)) io.stdout.write(`${line}\n`);
  io.stdout.write(`\n${style.bold('Changes')}\n`);
  const paints = { bad: style.red, warn: style.yellow, info: style.dim };
  for (const one of answer.changes)
    io.stdout.write(`${paints[one.severity](one.severity.padEnd(4))}  ${harmless(one.text)}\n`);
  if (answer.changes.length === 0) {
    const since = answer.dataSinceMs;
    io.stdout.write(
      answer.beforeCovered
        ? 'nothing significant\n'
        : since === null
          ? 'there are no spans\n'
          : `nothing to compare with: the first span is of ${figures.time(since)}\n`,
    );
  }
  noteMeta(context, answer.meta);
}

function factsOf(answer: Overview, { figures, style, terminal }: Context): Fact[] {
  const { now, before, entry, lost, series, beforeCovered } = answer;
  const against = (text: string) => (beforeCovered ? [`before ${text}`] : []);
  const spark = (values: readonly (number | null)[]) =>
    terminal && figures.unicode && values.length > 1 ? [figures.spark(values, SPARK)] : [];
  const fact = (name: string, parts: readonly string[], paint?: Fact['paint']): Fact => ({
    name,
    text: parts.filter((part) => part !== '').join('  '),
    ...(paint && { paint }),
  });
  const steps = { ...answer, timesMs: series.map((one) => one.timeMs) };
  const requests = wholeValues(
    series.map((one) => one.requests),
    steps,
  );
  return [
    ...(entry
      ? [
          fact('from outside', [
            figures.rate(entry.now.ratePerSecond),
            `${figures.count(Math.round(entry.now.requests))} requests`,
            ...against(figures.rate(entry.before.ratePerSecond)),
          ]),
        ]
      : []),
    fact('every hop', [
      figures.rate(now.ratePerSecond),
      `${figures.count(now.requests)} requests`,
      ...against(figures.rate(before.ratePerSecond)),
      ...spark(requests),
    ]),
    fact(
      'errors',
      [
        figures.ratio(now.errorRatio),
        `${figures.count(now.errors)} failed`,
        ...against(figures.ratio(before.errorRatio)),
        ...spark(
          now.errors > 0
            ? wholeValues(
                series.map((one) => one.errors),
                steps,
              )
            : [],
        ),
      ],
      paintRatio(now.errorRatio, style),
    ),
    fact('p95', [
      figures.duration(now.latency?.p95Ns),
      ...against(figures.duration(before.latency?.p95Ns)),
      ...spark(
        wholeValues(
          series.map((one) => one.p95Ns),
          steps,
        ),
      ),
    ]),
    fact(
      'lost',
      [figures.count(lost.now), ...against(figures.count(lost.before))],
      lost.now > 0 ? style.red : style.dim,
    ),
  ];
}
