// A shell as a person has it open through a story: what one command leaves (a variable, a program in the background)
// is there for the next.
import { spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

export interface Shell {
  /** What a command wrote to both streams, and a last line for an exit code that is not 0. Rejects when it takes longer than a minute. */
  run(command: string): Promise<string>;
  /** Ends it with every program that is left in it. */
  close(): Promise<void>;
}

const WITHIN_MS = 60_000;
const MARK = 'the command has ended:';

/** With `cloverctl` on the PATH, which a person has as an alias of `./clover ctl`. */
export async function openShell(options: {
  readonly cwd: string;
  readonly server: string;
  readonly binDir: string;
}): Promise<Shell> {
  const shim = join(options.binDir, 'cloverctl');
  const main = resolve('packages/cloverctl/dist/main.js');
  await writeFile(shim, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  await chmod(shim, 0o755);
  const child = spawn('bash', ['--norc'], {
    cwd: options.cwd,
    detached: true, // a group of its own, to be ended as a whole
    env: {
      PATH: `${options.binDir}${delimiter}${process.env['PATH'] ?? ''}`,
      HOME: options.binDir,
      TMPDIR: options.binDir,
      CLOVER_SERVER: options.server,
      NO_COLOR: '1',
      COLUMNS: '120',
      TZ: 'UTC',
      LANG: 'C.UTF-8',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  let told: () => void = () => undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    told();
  });
  const exited = new Promise<void>((done) => {
    child.once('exit', () => done());
    child.once('error', () => done());
  });
  const ended = () => new RegExp(`\\n${MARK} (\\d+)\\n`).exec(output);
  child.stdin.write('exec 2>&1\n');

  return {
    async run(command) {
      output = '';
      const quoted = `'${command.replaceAll("'", String.raw`'\''`)}'`;
      child.stdin.write(`eval ${quoted} </dev/null\nprintf '\\n%s %d\\n' '${MARK}' $?\n`);
      const until = AbortSignal.timeout(WITHIN_MS);
      await new Promise<void>((done, fail) => {
        told = () => ended() && done();
        until.addEventListener('abort', () =>
          fail(new Error(`${command} did not end within a minute\n${output}`)),
        );
        void exited.then(() => fail(new Error(`the shell ended at ${command}\n${output}`)));
      });
      const end = ended()!;
      const lines = output.slice(0, end.index).replace(/\s+$/, '');
      return end[1] === '0' ? lines : `${lines}\n[exit code ${end[1]}]`.trimStart();
    },
    async close() {
      try {
        process.kill(-child.pid!, 'SIGTERM');
      } catch {
        // It has ended, and all of its programs.
      }
      child.stdin.end();
      await exited;
    },
  };
}
