// A change of resources on the terminal: before it is made as differences, afterwards a line each.
import type { TrafficChangeAnswer } from '@clover/model';
import type { Context } from '../../context.ts';
import { showObject } from '../../output/show.ts';
import { harmless } from '../../output/text.ts';
import { resourceLabel } from './names.ts';

type Change = TrafficChangeAnswer['changes'][number];
type Finding = TrafficChangeAnswer['findings'][number];

/** The unified differences, coloured where there are colours. */
export function diffLines(changes: readonly Change[], style: Context['style']): string[] {
  return changes.flatMap(({ diff }) =>
    diff
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const text = harmless(line);
        if (/^(---|\+\+\+) /.test(line)) return style.bold(text);
        if (line.startsWith('@@')) return style.cyan(text);
        if (line.startsWith('+')) return style.green(text);
        return line.startsWith('-') ? style.red(text) : text;
      }),
  );
}

/** On stderr: what a change is about to do. */
export function noteDiffs(context: Context, changes: readonly Change[]): void {
  for (const line of diffLines(changes, context.errorStyle)) context.note(line);
}

/** On stderr: what is worth knowing though the change is taken. */
export function noteFindings(context: Context, findings: readonly Finding[]): void {
  const { errorStyle } = context;
  for (const { severity, code, message, hint, at, resource } of findings) {
    if (severity === 'info') continue;
    const paint = severity === 'error' ? errorStyle.red : errorStyle.yellow;
    const place = at ? `${at.file}:${at.line}:${at.column}` : resource;
    context.note(
      harmless(`${place}: ${paint(severity)} ${code} ${message}${hint ? ` (${hint})` : ''}`),
    );
  }
}

/** On stdout: what became of each resource. */
export async function showChange(context: Context, answer: TrafficChangeAnswer): Promise<void> {
  const { io, output, style } = context;
  if (output === 'json' || output === 'yaml') return showObject(context, answer);
  for (const change of answer.changes) {
    const label = harmless(resourceLabel(change));
    if (output === 'name') io.stdout.write(`${label}\n`);
    else {
      const paint =
        change.action === 'deleted'
          ? style.red
          : change.action === 'unchanged'
            ? style.dim
            : style.green;
      io.stdout.write(`${label} ${paint(change.action)}${answer.dryRun ? ' (dry run)' : ''}\n`);
    }
  }
  if (answer.dryRun || answer.changes.every(({ action }) => action === 'unchanged')) return;
  const { state, detail, tookMs } = answer.dataPlane;
  const took = tookMs === null ? '' : ` after ${context.figures.duration(tookMs * 1e6)}`;
  context.note(
    state === 'applied'
      ? `revision ${answer.revision}, in force${took}`
      : `revision ${answer.revision}, not in force: ${detail}`,
  );
}
