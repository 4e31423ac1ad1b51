// One line on stderr that is drawn over itself; nothing where stderr is no terminal.
import type { Context } from '../context.ts';

export interface DrawnLine {
  /** At most ten times a second. */
  update(parts: () => readonly string[]): void;
  /** A bar for a ratio of 0..1. */
  cells(ratio: number): string;
  /** Takes the line away. */
  end(): void;
}

const CELLS = 24;

export function drawLine({ io, errorStyle: style, figures }: Context, wanted: boolean): DrawnLine {
  const [done, open] = figures.unicode ? ['━', style.colour ? '━' : '─'] : ['#', '.'];
  const cells = (ratio: number): string => {
    const full = Math.round(Math.min(1, ratio) * CELLS);
    return style.cyan(done!.repeat(full)) + style.dim(open!.repeat(CELLS - full));
  };
  if (!wanted || !io.stderr.isTerminal || io.env['TERM'] === 'dumb')
    return { update() {}, cells, end() {} };
  let lastMs = 0;
  return {
    cells,
    update(parts) {
      const nowMs = io.nowMs();
      if (nowMs - lastMs < 100) return;
      lastMs = nowMs;
      io.stderr.write(`\r\u001B[K${parts().join('  ')}`);
    },
    end: () => io.stderr.write('\r\u001B[K'),
  };
}
