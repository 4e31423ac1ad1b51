import type { Context } from '../context.ts';
import type { Paint } from './style.ts';
import { harmless, padTo, textWidth, wrapText } from './text.ts';

/** A named value in a list of such. */
export interface Fact {
  readonly name: string;
  readonly text: string;
  readonly paint?: Paint;
}

/** `name  value`, a line each; long values go on under themselves on a terminal. */
export function factLines(facts: readonly Fact[], context: Context): string[] {
  const first = Math.max(...facts.map(({ name }) => textWidth(name)));
  return facts.flatMap(({ name, text, paint = (same) => same }) => {
    const clean = harmless(text);
    const lines = context.terminal
      ? wrapText(clean, Math.max(20, context.width - first - 2))
      : [clean];
    return lines.map(
      (line, index) =>
        `${context.style.dim(padTo(index === 0 ? name : '', first))}  ${paint(line)}`,
    );
  });
}
