// Stories: Markdown files whose `console` blocks are commands and their whole output.
import { spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

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

/** Runs a command as a person would, with `cloverctl` on the PATH; what it wrote to both streams, and a last line for an exit code that is not 0. */
export async function runStep(
  command: string,
  options: { readonly cwd: string; readonly server: string; readonly binDir: string },
): Promise<string> {
  const shim = join(options.binDir, 'cloverctl');
  const main = resolve('packages/cloverctl/dist/main.js');
  await writeFile(shim, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  await chmod(shim, 0o755);
  return new Promise((done, fail) => {
    const child = spawn('bash', ['-c', `exec 2>&1; ${command}`], {
      cwd: options.cwd,
      env: {
        PATH: `${options.binDir}${delimiter}${process.env['PATH'] ?? ''}`,
        HOME: options.binDir,
        CLOVER_SERVER: options.server,
        NO_COLOR: '1',
        COLUMNS: '120',
        TZ: 'UTC',
        LANG: 'C.UTF-8',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', fail);
    child.once('close', (code) => {
      const lines = output.replace(/\s+$/, '');
      done(code === 0 ? lines : `${lines}\n[exit code ${code}]`.trimStart());
    });
  });
}
