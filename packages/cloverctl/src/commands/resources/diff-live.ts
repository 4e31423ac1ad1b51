import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { EXIT } from '../../errors.ts';
import { outputFlag } from '../../flags.ts';
import { showObject } from '../../output/show.ts';
import { readSourceFiles } from '../traffic/read-files.ts';
import { diffLines, noteFindings } from './change-lines.ts';
import { filesFlag, namespaceFlag } from './names.ts';

export const diff: Command = {
  path: 'diff',
  summary: 'What files would change in the resources in force',
  text: 'Compares files with what is in force at the controller, as unified differences. Exits with 3 when there is one.',
  examples: [
    { says: 'a folder', line: 'diff -f mesh/' },
    { says: 'is everything applied?', line: 'diff -f mesh/ --prune' },
  ],
  flags: [
    filesFlag,
    { name: 'prune', says: 'what the files do not have counts as removed' },
    namespaceFlag,
    outputFlag,
  ],
  run: (context) => diffLive(context),
};

/** The differences on stdout; the exit code says whether there are any. */
export async function diffLive(context: Context): Promise<number> {
  const answer = await context.client.trafficApply(
    {
      files: await readSourceFiles(context),
      dryRun: true,
      force: true,
      prune: context.on('prune'),
      namespace: context.text('namespace') ?? 'default',
    },
    context.call,
  );
  const changed = answer.changes.filter(({ action }) => action !== 'unchanged');
  if (context.output === 'json' || context.output === 'yaml')
    await showObject(context, { ...answer, changes: changed });
  else for (const line of diffLines(changed, context.style)) context.io.stdout.write(`${line}\n`);
  noteFindings(context, answer.findings);
  return changed.length > 0 ? EXIT.negative : EXIT.ok;
}
