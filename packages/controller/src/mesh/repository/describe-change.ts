// A change of an entry as the API tells it.

import { createTwoFilesPatch } from 'diff';
import type { ResourceChange } from '@clover/model';
import { entryKey } from './entry.ts';
import type { EntryChange } from './revision.ts';
import { shownText } from './shown.ts';

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
    diff: unchanged
      ? ''
      : diffOf(
          entryKey((after ?? before)!),
          before && shownText(before),
          after && shownText(after, before ?? undefined),
        ),
  };
}

function diffOf(name: string, before: string | null, after: string | null): string {
  const patch = createTwoFilesPatch(
    before === null ? '/dev/null' : `a/${name}`,
    after === null ? '/dev/null' : `b/${name}`,
    before ?? '',
    after ?? '',
    undefined,
    undefined,
    { context: 3 },
  );
  // The first line is a rule of equal signs.
  return patch.slice(patch.indexOf('\n') + 1).replaceAll(/^(---|\+\+\+) ([^\t\n]*)\t?$/gm, '$1 $2');
}
