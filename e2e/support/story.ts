// Stories: Markdown files whose `console` blocks are commands and their whole output, and whose line
// `./clover up …` says how Clover is started for them.

export interface Step {
  readonly command: string;
  readonly expected: string;
  /** Lines of the file that the expected output takes, [from, to). */
  readonly from: number;
  readonly to: number;
}

/** The commands (`$ …`) of a file's `console` blocks in their order; a line ending in `\` goes on. */
export function readSteps(markdown: string): Step[] {
  const lines = markdown.split('\n');
  const steps: Step[] = [];
  let inside = false;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    if (line.startsWith('```')) inside = line === '```console';
    if (!inside || !line.startsWith('$ ')) continue;
    let command = line.slice(2);
    while (command.endsWith('\\')) command = command.slice(0, -1) + lines[++index]!.trimStart();
    const from = index + 1;
    let to = from;
    while (!lines[to]!.startsWith('$ ') && !lines[to]!.startsWith('```')) to++;
    steps.push({ command, expected: lines.slice(from, to).join('\n'), from, to });
  }
  return steps;
}

/** The flags of Clover itself: those of the file's first `./clover up`, or none but `--no-demo`. */
export function readFlags(markdown: string): string[] {
  const [, words] = /^\.\/clover up\b([^#\n]*)/m.exec(markdown) ?? [];
  if (words === undefined) return ['--no-demo'];
  // As `./clover up` itself does it.
  return ['--demo', ...words.split(/\s+/).filter((word) => word !== '')];
}

/** The file with other outputs, one for each of its steps. */
export function withOutputs(markdown: string, steps: readonly Step[], outputs: readonly string[]) {
  const lines = markdown.split('\n');
  for (const [index, { from, to }] of [...steps.entries()].toReversed()) {
    const output = outputs[index]!;
    lines.splice(from, to - from, ...(output === '' ? [] : output.split('\n')));
  }
  return lines.join('\n');
}
