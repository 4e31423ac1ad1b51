// A change of an entry as the API tells it.

import { createTwoFilesPatch } from 'diff';
import type { ResourceChange } from '@clover/model';
import { entryKey } from './entry.ts';
import type { EntryChange } from './revision.ts';

/** With the difference of the texts as a unified diff of three lines' context. */
export function describeChange({ before, after }: EntryChange): ResourceChange {
  const { kind, namespace, name } = (after ?? before)!;
  const unchanged = before?.text === after?.text;
  return {
    kind,
    namespace,
    name,
    action: unchanged
      ? 'unchanged'
      : before === null
        ? 'created'
        : after === null
          ? 'deleted'
          : 'configured',
    diff: unchanged ? '' : diffOf(entryKey((after ?? before)!), before?.text, after?.text),
  };
}

function diffOf(name: string, before: string | undefined, after: string | undefined): string {
  const patch = createTwoFilesPatch(
    before === undefined ? '/dev/null' : `a/${name}`,
    after === undefined ? '/dev/null' : `b/${name}`,
    before ?? '',
    after ?? '',
    undefined,
    undefined,
    { context: 3 },
  );
  // The first line is a rule of equal signs.
  return patch.slice(patch.indexOf('\n') + 1).replaceAll(/^(---|\+\+\+) ([^\t\n]*)\t?$/gm, '$1 $2');
}
