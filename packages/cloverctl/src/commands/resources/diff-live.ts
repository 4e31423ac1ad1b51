// Files against what is in force, as text.

import type { Context } from '../../context.ts';
import { EXIT } from '../../errors.ts';
import { showObject } from '../../output/show.ts';
import { readSourceFiles } from '../traffic/read-files.ts';
import { diffLines, noteFindings } from './change-lines.ts';

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
