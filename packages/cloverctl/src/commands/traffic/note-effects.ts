// What an apply will do to requests, said on stderr before it is made.

import type { SourceFile } from '@clover/traffic';
import type { Context } from '../../context.ts';
import { createStyle } from '../../output/style.ts';
import { classTexts } from './class-text.ts';
import { afterApply, loadInForce, resourcesOf } from './load-resources.ts';
import { countOfObserved, diffTraffic, observedTexts } from './observed-text.ts';

const SHOWN = 10;

/** Classes that would meet something else and, with `--traffic`, recorded requests that would. */
export async function noteEffects(
  context: Context,
  files: readonly SourceFile[],
  prune: boolean,
): Promise<void> {
  const { compile, diffTables } = await import('@clover/traffic');
  const inForce = await loadInForce(context);
  const sent = await resourcesOf(context, files, context.text('namespace'));
  const side = (loaded: typeof inForce) => ({
    resources: loaded.read.resources,
    files: loaded.files,
    table: compile(loaded.read.resources),
  });
  const [before, after] = [side(inForce), side(afterApply(inForce, sent, prune))];
  const plain = createStyle(context.errorStyle.colour);
  const note = (texts: readonly string[], more: string) => {
    for (const text of texts.slice(0, SHOWN)) context.note(text.trimEnd());
    if (texts.length > SHOWN)
      context.note(
        `and ${texts.length - SHOWN} more: ${context.io.programName} ${more} shows them`,
      );
  };
  note(classTexts(context, diffTables(before, after), plain), 'diff --classes');
  const duration = context.text('traffic');
  if (duration === undefined) return;
  const found = await diffTraffic(context, before, after);
  note(observedTexts(found, plain), `diff --traffic ${duration}`);
  context.note(countOfObserved(found));
}
