// A rule file's lines: those that end in a backslash are joined with the next, and so are the lines of a
// rule whose parentheses are still open.

export interface LogicalLine {
  readonly text: string;
  /** Where a character of `text` stands in the file. */
  place(offset: number): { readonly line: number; readonly column: number };
}

const ACTION = /^\s*(alert|pass|log|drop|reject|sdrop|block)\b/;

/** Without comments and empty lines. */
export function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let joined = '';
  let pieces: { start: number; line: number; indent: number }[] = [];
  const all = text.split(/\r?\n/);
  for (const [index, raw] of all.entries()) {
    const begins = joined === '';
    if (begins && /^\s*(#|$)/.test(raw)) continue;
    const indent = begins ? raw.length - raw.trimStart().length : 0;
    const goesOn = /\\\s*$/.test(raw);
    pieces.push({ start: joined.length, line: index + 1, indent });
    joined += goesOn ? raw.slice(indent).replace(/\\\s*$/, '') : raw.slice(indent).trimEnd();
    if (goesOn || isOpen(joined, all[index + 1])) continue;
    lines.push(logicalLine(joined, pieces));
    joined = '';
    pieces = [];
  }
  if (joined.trim() !== '') lines.push(logicalLine(joined, pieces));
  return lines;
}

function isOpen(rule: string, next: string | undefined): boolean {
  return (
    next !== undefined &&
    ACTION.test(rule) &&
    rule.includes('(') &&
    !rule.endsWith(')') &&
    !ACTION.test(next) &&
    !/^\s*(#|$)/.test(next)
  );
}

function logicalLine(
  text: string,
  pieces: readonly { start: number; line: number; indent: number }[],
): LogicalLine {
  return {
    text,
    place(offset) {
      const piece = pieces.findLast(({ start }) => start <= offset) ?? pieces[0]!;
      return { line: piece.line, column: offset - piece.start + piece.indent + 1 };
    },
  };
}
