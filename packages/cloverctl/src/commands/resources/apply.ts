import type { Command } from '../../command.ts';
import { outputFlag } from '../../flags.ts';
import { absentFlag } from '../traffic/caller-flags.ts';
import { noteEffects } from '../traffic/note-effects.ts';
import { readSourceFiles } from '../traffic/read-files.ts';
import { noteDiffs, noteFindings, showChange } from './change-lines.ts';
import { changeFlags, changeOptions } from './change-flags.ts';
import { filesFlag } from './names.ts';

export const apply: Command = {
  path: 'apply',
  summary: 'Put Istio resources into force',
  text: 'Sends the files to the controller, which takes them whole or not at all: an error among them (cloverctl analyze finds the same) changes nothing. What is about to change is shown first on stderr, as differences and as the requests that will meet something else (with --traffic also how many of those that were recorded); then it is changed, unless somebody else changed something in between. --prune also removes what the files do not have.',
  examples: [
    { says: 'a folder', line: 'apply -f mesh/' },
    { says: 'what would change?', line: 'apply -f mesh/ --dry-run' },
    {
      says: 'and what would the last hour’s requests have met?',
      line: 'apply -f mesh/ --dry-run --traffic 1h',
    },
    { says: 'exactly these, and why', line: 'apply -f mesh/ --prune --reason "release 7"' },
    { says: 'from stdin', line: 'get vs lb -o yaml | cloverctl apply -f -' },
  ],
  flags: [
    filesFlag,
    { name: 'prune', says: 'remove all resources that are not in the files' },
    {
      name: 'traffic',
      value: 'DURATION',
      type: 'duration',
      says: 'also say what the recorded requests of so long would meet: 30m, 1h',
    },
    absentFlag,
    { name: 'quiet', short: 'q', says: 'do not show what is about to change' },
    ...changeFlags,
    outputFlag,
  ],
  async run(context) {
    const { client, call } = context;
    const files = await readSourceFiles(context);
    const body = { ...changeOptions(context), files, prune: context.on('prune') };
    const ahead = await client.trafficApply({ ...body, dryRun: true }, call);
    const told = !context.on('quiet');
    if (told) noteDiffs(context, ahead.changes);
    if (told && ahead.changes.some(({ action }) => action !== 'unchanged'))
      await noteEffects(context, files, body.prune);
    noteFindings(context, ahead.findings);
    // What was shown is what is done: on top of the revision that it was shown for.
    const answer = body.dryRun
      ? ahead
      : await client.trafficApply({ ...body, revision: ahead.revision }, call);
    await showChange(context, answer);
  },
};
