import type { ImportProgress } from '@clover/client';
import type { Context } from '../../context.ts';
import { formatBytes, formatCount } from '../../output/numbers.ts';
import { harmless, shorten } from '../../output/text.ts';

export interface ProgressBar {
  update(progress: ImportProgress): void;
  /** Takes it away. */
  end(): void;
}

const CELLS = 24;

/** One line on stderr that is drawn over itself; nothing where stderr is no terminal. */
export function createProgressBar(
  context: Context,
  file: string,
  sizeBytes: number | undefined,
  wanted: boolean,
): ProgressBar {
  const { io, errorStyle: style, figures } = context;
  if (!wanted || !io.stderr.isTerminal || io.env['TERM'] === 'dumb')
    return { update() {}, end() {} };
  const name = shorten(harmless(file), 32);
  const draw = (progress: ImportProgress) => {
    const reading = progress.phase === 'reading';
    const parts = [
      name,
      ...(sizeBytes === undefined
        ? []
        : [barOf(reading ? progress.bytes / Math.max(1, sizeBytes) : 1, figures.unicode)]),
      reading && sizeBytes !== undefined
        ? `${formatBytes(progress.bytes)} of ${formatBytes(sizeBytes)}`
        : `${progress.phase} ${formatBytes(progress.bytes)}`,
      ...(progress.spans > 0 ? [`${formatCount(progress.spans)} spans`] : []),
      ...(progress.points > 0 ? [`${formatCount(progress.points)} points`] : []),
    ];
    io.stderr.write(`\r\u001B[K${parts.join('  ')}`);
  };
  const barOf = (ratio: number, unicode: boolean): string => {
    const full = Math.round(Math.min(1, ratio) * CELLS);
    const [done, open] = unicode ? ['━', '━'] : ['#', '.'];
    return style.cyan(done!.repeat(full)) + style.dim(open!.repeat(CELLS - full));
  };
  draw({ phase: 'reading', bytes: 0, spans: 0, points: 0 });
  return { update: draw, end: () => io.stderr.write('\r\u001B[K') };
}
