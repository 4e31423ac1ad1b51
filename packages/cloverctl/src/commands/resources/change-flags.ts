// Flags and options of the commands that change resources.
import type { Flag } from '../../command.ts';
import type { Context } from '../../context.ts';
import { namespaceFlag } from './names.ts';

export const changeFlags: readonly Flag[] = [
  { name: 'dry-run', says: 'ask the controller what would change, and change nothing' },
  { name: 'force', says: 'though a reference leads nowhere; fields must be right anyway' },
  { name: 'reason', value: 'TEXT', says: 'kept in the history' },
  {
    name: 'revision',
    value: 'N',
    type: 'whole',
    says: 'only if this is the revision in force',
  },
  namespaceFlag,
];

export const changeOptions = (context: Context) => ({
  dryRun: context.on('dry-run'),
  force: context.on('force'),
  reason: context.text('reason') ?? '',
  revision: context.whole('revision'),
  namespace: context.text('namespace') ?? 'default',
});
