import type { Meta } from '@clover/model';
import type { Context } from '../context.ts';

/** Says on stderr what keeps an answer from being whole; on a terminal also what it covers. */
export function noteMeta(
  context: Context,
  meta: Meta,
  options: { readonly rows?: number; readonly label?: string } = {},
): void {
  const { errorStyle: style, figures } = context;
  const label = options.label === undefined ? '' : `${options.label}: `;
  const warn = (text: string) => context.note(`${style.yellow('note')}: ${label}${text}`);
  if (meta.cut)
    warn(
      `cut at ${figures.count(meta.cut.shown)} of ${figures.count(meta.cut.total)}${meta.cut.atLeast ? '+' : ''}; --limit takes more`,
    );
  if (meta.sampled) warn('sampled: some spans stand for more than one request');
  if (!meta.complete && !meta.cut)
    warn('incomplete: in this time range data is missing (see `get sources`)');
  if (meta.ratesSince !== undefined)
    warn(`rates count from the first span, ${figures.time(meta.ratesSince)}`);
  for (const note of meta.notes) warn(note);
  if (!context.io.stderr.isTerminal || !context.terminal || context.on('watch')) return;
  const rows =
    options.rows === undefined ? '' : `${options.rows} row${options.rows === 1 ? '' : 's'} · `;
  const range = `${figures.time(meta.start)} to ${figures.time(meta.end)}`;
  context.note(style.dim(`${label}${rows}${range} · ${figures.duration(meta.tookMs * 1e6)}`));
}
