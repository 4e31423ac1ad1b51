// What a story says of an output that is not the same each time: `…` stands for the rest of a line or for a part
// of it, alone on a line for any lines; `~70/100` for how many of 100 chance gave, which are 70 on average, and
// `~70 of 100` for the same with the total behind it. In an output that has any of them, blanks count as one, because
// columns are as wide as what is in them.

/** Whether an output is as a story has it. */
export function matches(expected: string, came: string): boolean {
  if (!isPattern(expected)) return expected === came;
  return linesMatch(expected.split('\n'), came.split('\n'));
}

/** The output for a story that is written anew: lines that are as they were keep their patterns. */
export function keepPatterns(expected: string, came: string): string {
  if (matches(expected, came)) return expected;
  const patterns = expected.split('\n').filter((line) => isPattern(line) && line.trim() !== '…');
  return came
    .split('\n')
    .map((line) => patterns.find((pattern) => lineMatches(pattern, line)) ?? line)
    .join('\n');
}

function linesMatch(expected: readonly string[], came: readonly string[]): boolean {
  const [first, ...rest] = expected;
  if (first === undefined) return came.length === 0;
  if (first.trim() === '…')
    return Array.from({ length: came.length + 1 }, (_, skipped) => skipped).some((skipped) =>
      linesMatch(rest, came.slice(skipped)),
    );
  return came.length > 0 && lineMatches(first, came[0]!) && linesMatch(rest, came.slice(1));
}

const isPattern = (text: string) => /…|~\d+(?:\/| of )\d/.test(text);
const oneBlank = (line: string) => line.trim().replaceAll(/\s+/g, ' ');

function lineMatches(expected: string, came: string): boolean {
  const wanted: Share[] = [];
  const source = oneBlank(expected)
    .split(/(…|~\d+(?:\/| of )\d+)/)
    .map((part) => {
      if (part === '…') return '.*';
      const [, count, between, total] = /^~(\d+)(\/| of )(\d+)$/.exec(part) ?? [];
      if (between === undefined) return part.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
      wanted.push({ count: Number(count), total: Number(total) });
      return between === '/' ? '(\\d+)' : `(\\d+) of ${total}`;
    });
  const found = new RegExp(`^${source.join('')}$`).exec(oneBlank(came));
  return found !== null && wanted.every((one, index) => isAbout(Number(found[index + 1]), one));
}

interface Share {
  readonly count: number;
  readonly total: number;
}

/** Within four standard deviations of a binomial count: about one in 15,000 is not. */
function isAbout(value: number, { count, total }: Share): boolean {
  const variance = count * (1 - count / total);
  return value <= total && Math.abs(value - count) <= 4 * Math.sqrt(variance);
}
