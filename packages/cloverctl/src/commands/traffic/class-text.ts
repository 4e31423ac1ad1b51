// A class of requests that would meet something else, as people read it.

import type { DiffClass, SourceFile } from '@clover/traffic';
import type { Context } from '../../context.ts';
import { createStyle } from '../../output/style.ts';
import { harmless } from '../../output/text.ts';
import { callerWords, ruleWords } from './decision-words.ts';
import { afterApply, loadInForce, resourcesOf } from './load-resources.ts';

/** A request to try, the rules that take it before and after, and the changes; ends in an empty line. */
export function classText(context: Context, one: DiffClass, style = context.style): string {
  const { request, caller } = one.witness;
  const arrow = context.figures.unicode ? '→' : '->';
  const url = `${request.method} ${request.scheme ?? 'http'}://${request.headers['host']}${request.path}`;
  const headers = Object.entries(request.headers)
    .filter(([name]) => name !== 'host')
    .map(([name, value]) => ` -H ${JSON.stringify(`${name}: ${value}`)}`)
    .join('');
  const others = one.hosts.length - 1;
  const also = others > 0 ? `, also ${others} other ${others === 1 ? 'host' : 'hosts'}` : '';
  return [
    `${style.bold(harmless(url))}${harmless(headers)}  ${style.dim(harmless(callerWords(caller, request.port) + also))}`,
    `  ${style.red(harmless(ruleWords(one.before, one.effects.before.line)))} ${arrow} ${style.green(harmless(ruleWords(one.after, one.effects.after.line)))}`,
    ...one.changes.map(({ kind, text }) => `    ${style.dim(`${kind}:`)} ${harmless(text)}`),
    '',
    '',
  ].join('\n');
}

const SHOWN = 10;

/** Says on stderr which requests would meet something else after an apply of the files. */
export async function noteClasses(
  context: Context,
  files: readonly SourceFile[],
  prune: boolean,
): Promise<void> {
  const { compile, diffTables } = await import('@clover/traffic');
  const inForce = await loadInForce(context);
  const after = afterApply(
    inForce,
    await resourcesOf(context, files, context.text('namespace')),
    prune,
  );
  const side = ({ read: { resources } }: typeof inForce) => ({
    resources,
    table: compile(resources),
  });
  const { classes } = diffTables(side(inForce), side(after));
  const plain = createStyle(context.errorStyle.colour);
  for (const one of classes.slice(0, SHOWN)) context.note(classText(context, one, plain).trimEnd());
  if (classes.length > SHOWN)
    context.note(
      `and ${classes.length - SHOWN} more: ${context.io.programName} diff --classes shows them`,
    );
}
