import type { Command } from '../../command.ts';
import { usageError } from '../../errors.ts';
import { outputFlag } from '../../flags.ts';
import type { Context } from '../../context.ts';
import { readSourceFiles } from '../traffic/read-files.ts';
import { noteFindings, showChange } from './change-lines.ts';
import { changeFlags, changeOptions } from './change-flags.ts';
import { filesFlag, namedResources, namesArgument, type NamedResource } from './names.ts';

export const deleteResources: Command = {
  path: 'delete',
  summary: 'Remove Istio resources',
  text: 'Removes the resources that are named, or those in files. It is refused when others need them, unless --force. `undo` brings them back.',
  examples: [
    { says: 'one', line: 'delete virtualservice lb' },
    { says: 'all of a folder', line: 'delete -f mesh/' },
    { says: 'several kinds', line: 'delete vs/lb dr/lb --dry-run' },
  ],
  arguments: [namesArgument],
  flags: [filesFlag, ...changeFlags, outputFlag],
  async run(context) {
    const named = [...namedResources(context), ...(await inFiles(context))];
    if (named.length === 0)
      throw usageError('name the resources, or files with -f', 'for example: delete vs lb');
    const answer = await context.client.trafficDelete(
      { ...changeOptions(context), resources: named },
      context.call,
    );
    noteFindings(context, answer.findings);
    await showChange(context, answer);
  },
};

async function inFiles(context: Context): Promise<NamedResource[]> {
  if (context.list('file').length === 0) return [];
  const { readResources } = await import('@clover/traffic');
  const files = await readSourceFiles(context);
  const { resources } = readResources(files, context.text('namespace') ?? 'default');
  return resources.map(({ kind, metadata: { namespace, name } }) => ({ kind, namespace, name }));
}
