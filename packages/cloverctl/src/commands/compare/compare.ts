import type { CompareAnswer } from '@clover/model';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { EXIT } from '../../errors.ts';
import { outputFlag, scopeFlags } from '../../flags.ts';
import { hintService } from '../../hint-service.ts';
import { showObject } from '../../output/show.ts';
import { parseSides } from './sides.ts';
import { writeComparison } from './write.ts';

export const compare: Command = {
  path: 'compare',
  summary: 'What changed between two windows, versions or filters',
  text: 'A against B over all their spans: rate, errors and latency by service and operation with their significance (p after Benjamini-Hochberg), edges that are new or gone, and attribute values that set B apart. A side is a filter (version=v2) or a window (START..END); the other flags hold for both. Without sides A is the window of the same length before B.',
  examples: [
    { says: 'two versions', line: 'compare --a version=v1 --b version=v2 --service http-lb' },
    { says: 'the last 15 minutes against those before', line: 'compare --since 15m' },
    {
      says: 'now against the same hour yesterday',
      line: 'compare --a now-25h..now-24h --b now-1h..now',
    },
    {
      says: 'in CI: exit code 3 when B is worse, 5 when there is too little of a side',
      line: 'compare --a version=v1 --b version=v2 --check',
    },
  ],
  flags: [
    {
      name: 'a',
      value: 'SIDE',
      many: true,
      says: 'a filter or a window; may be repeated',
      completes: 'filter',
    },
    { name: 'b', value: 'SIDE', many: true, says: 'the same for B', completes: 'filter' },
    {
      name: 'check',
      says: 'exit code 3 when B is significantly worse, 5 when a side has too few requests',
    },
    {
      name: 'min-requests',
      value: 'N',
      type: 'whole',
      says: 'with --check: too few is fewer than this (default 30)',
    },
    outputFlag,
    ...scopeFlags,
  ],
  run: async (context) => {
    const answer = await context.client.compare(
      { ...context.scope(), ...parseSides(context.list('a'), context.list('b')) },
      context.call,
    );
    if (context.output === 'json' || context.output === 'yaml') await showObject(context, answer);
    else writeComparison(context, answer);
    if (answer.a.spans === 0 && answer.b.spans === 0) await hintService(context);
    return context.on('check') ? judge(context, answer) : EXIT.ok;
  },
};

/** Worse: significantly more errors, or significantly slower. A different rate is only traffic. */
function judge(context: Context, answer: CompareAnswer): number {
  const { errorStyle: style } = context;
  const worse = answer.changes.filter(
    (change) => change.significant && change.kind !== 'rate' && change.effect > 0,
  );
  const least = context.whole('min-requests') ?? 30;
  const [first] = worse;
  if (first) {
    context.note(
      `${style.red('worse')}: ${first.text}${worse.length > 1 ? ` (and ${worse.length - 1} more)` : ''}`,
    );
    return EXIT.negative;
  }
  for (const side of [answer.a, answer.b]) {
    if (side.red.requests >= least) continue;
    context.note(
      `${style.yellow('inconclusive')}: ${side.label} has ${side.red.requests} requests, fewer than ${least}`,
    );
    return EXIT.inconclusive;
  }
  context.note(`${style.green('not worse')}: no significant rise in errors or latency`);
  return EXIT.ok;
}
