// What a story says of an output that is not the same each time: `…` stands for the rest of a line or for a part
// of it, alone on a line for any lines; `~70` for a number that is about 70, as chance has it. In an output that
// has either, blanks count as one, because columns are as wide as what is in them.

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

const ABOUT = /~(\d+(?:\.\d+)?)/;
const isPattern = (text: string) => text.includes('…') || ABOUT.test(text);
const oneBlank = (line: string) => line.trim().replaceAll(/\s+/g, ' ');

function lineMatches(expected: string, came: string): boolean {
  const wanted: number[] = [];
  const source = oneBlank(expected)
    .split(/(…|~\d+(?:\.\d+)?)/)
    .map((part) => {
      if (part === '…') return '.*';
      const about = ABOUT.exec(part);
      if (!about) return part.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
      wanted.push(Number(about[1]));
      return '(\\d+(?:\\.\\d+)?)';
    });
  const found = new RegExp(`^${source.join('')}$`).exec(oneBlank(came));
  return found !== null && wanted.every((one, index) => isAbout(Number(found[index + 1]), one));
}

/** Within four standard deviations of a count that is 70 on average: one in ten thousand is not. */
const isAbout = (value: number, wanted: number) =>
  Math.abs(value - wanted) <= 4 * Math.sqrt(wanted);
