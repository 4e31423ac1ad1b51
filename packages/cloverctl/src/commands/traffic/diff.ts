import type { TableDiff } from '@clover/traffic';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { EXIT, usageError } from '../../errors.ts';
import { outputFlagOf } from '../../flags.ts';
import { showObject } from '../../output/show.ts';
import { diffLive } from '../resources/diff-live.ts';
import { filesFlag, namespaceFlag } from '../resources/names.ts';
import { absentFlag } from './caller-flags.ts';
import { classTexts } from './class-text.ts';
import { afterApply, loadInForce, loadResources, type LoadedResources } from './load-resources.ts';
import { countOfObserved, diffTraffic, observedTexts } from './observed-text.ts';

export const diff: Command = {
  path: 'diff',
  summary: 'Which requests would go elsewhere, or what files would change',
  text: 'With two -f, the old and the new resources (files or folders): every class of requests, and of connections by tcp and tls routes, that would meet something else, each with one to try. The conditions of both sides are enumerated, so requests that are not in a class meet the same; where that cannot be done to the end it is said. Shares, faults, timeouts, retries, mirrors, rewrites and the policies of DestinationRules are compared. With --traffic the recorded requests of so long are decided by both sides: how many would meet something else, by client, URL and version of the client, with their traces; those whose headers were not recorded count as undecided when it depends on them. Exits with 0, with --exit-code with 3 when there is a difference.\nWith one -f what the files would change in the resources in force at the controller, as unified differences; exits with 3 when there is one. With --classes or --traffic beside one -f the requests that would meet something else than under those.',
  examples: [
    { says: 'before and after', line: 'diff -f mesh/ -f mesh-new/' },
    {
      says: 'what it would have done to the last hour, for CI',
      line: 'diff -f mesh/ -f mesh-new/ --traffic 1h --exit-code',
    },
    { says: 'files against what is in force, as text', line: 'diff -f mesh/' },
    { says: 'the same as classes of requests', line: 'diff -f mesh/ --classes' },
  ],
  flags: [
    { ...filesFlag, says: 'the old and the new resources, or what to compare with those in force' },
    { name: 'classes', says: 'classes of requests, against the resources in force' },
    {
      name: 'traffic',
      value: 'DURATION',
      type: 'duration',
      says: 'the recorded requests of so long: 30m, 1h',
    },
    absentFlag,
    { name: 'exit-code', says: 'exit with 3 when a request would meet something else' },
    { name: 'prune', says: 'with one -f: what the files do not have counts as removed' },
    namespaceFlag,
    outputFlagOf('table', 'wide', 'json', 'yaml'),
  ],
  async run(context) {
    const given = context.list('file');
    if (given.length > 2)
      throw usageError(
        '-f takes the old and the new resources',
        'put files of one side into a folder',
      );
    const live = given.length < 2;
    if (live && !context.on('classes') && context.text('traffic') === undefined)
      return diffLive(context);
    const [old, young] = live
      ? await liveSides(context, given)
      : await Promise.all(
          given.map((name) => loadResources(context, [name], context.text('namespace'))),
        );
    return diffSides(context, old!, young!);
  },
};

async function liveSides(
  context: Context,
  given: readonly string[],
): Promise<[LoadedResources, LoadedResources]> {
  const inForce = await loadInForce(context);
  const files = await loadResources(context, given, context.text('namespace'));
  return [inForce, afterApply(inForce, files, context.on('prune'))];
}

async function diffSides(
  context: Context,
  old: LoadedResources,
  young: LoadedResources,
): Promise<number> {
  const traffic = await import('@clover/traffic');
  const sideOf = ({ read, files }: LoadedResources) => ({
    table: traffic.compile(read.resources),
    resources: read.resources,
    files,
  });
  const [before, after] = [sideOf(old), sideOf(young)];
  if (context.text('traffic') === undefined) {
    const found = traffic.diffTables(before, after);
    if (context.output === 'json' || context.output === 'yaml')
      await showObject(context, plainDiff(found));
    else for (const text of classTexts(context, found)) context.io.stdout.write(text);
    if (!found.complete)
      context.note(
        `${context.errorStyle.yellow('note')}: not all conditions could be enumerated: there may be more`,
      );
    context.note(countText(found));
    return found.classes.length + found.connections.length > 0 && context.on('exit-code')
      ? EXIT.negative
      : EXIT.ok;
  }
  const found = await diffTraffic(context, before, after);
  if (context.output === 'json' || context.output === 'yaml') await showObject(context, found);
  else for (const text of observedTexts(found, context.style)) context.io.stdout.write(text);
  context.note(countOfObserved(found));
  return found.changed > 0 && context.on('exit-code') ? EXIT.negative : EXIT.ok;
}

function countText({ classes, connections }: TableDiff): string {
  const of = (count: number, what: string) =>
    count === 0 ? [] : [`${count} ${count === 1 ? 'class' : 'classes'} of ${what}`];
  const counts = [...of(classes.length, 'requests'), ...of(connections.length, 'connections')];
  return counts.length === 0
    ? 'no request and no connection would meet anything else'
    : `${counts.join(' and ')} would meet something else`;
}

function plainDiff({ classes, connections, complete }: TableDiff): object {
  return {
    complete,
    connections: connections.map(({ before, after, changes, witness, effects, callers }) => ({
      before: before ?? null,
      after: after ?? null,
      changes,
      witness,
      decisions: { before: effects.before.decision, after: effects.after.decision },
      callers,
    })),
    classes: classes.map(({ before, after, changes, witness, effects, hosts, callers }) => ({
      before: before ?? null,
      after: after ?? null,
      changes,
      witness,
      decisions: { before: effects.before.line, after: effects.after.line },
      hosts,
      callers,
    })),
  };
}
