// The process: `clover`. Reads its settings, puts everything together, and takes it down in good order.

import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { CloverError } from '@clover/model';
import { helpText } from './config/arguments.ts';
import { loadConfig } from './config/load.ts';
import { VERSION } from './version.ts';

// The engine runs each statement on a thread of libuv's pool, which has four by default.
process.env['UV_THREADPOOL_SIZE'] ??= '12';

async function main(argv: readonly string[]): Promise<void> {
  if (argv.includes('--help') || argv.includes('-h')) return print(helpText(VERSION));
  if (argv.includes('--version')) return print(`clover ${VERSION}`);
  if (argv[0] === 'token') {
    const { tokenCommand } = await import('./security/token-command.ts');
    return print(await tokenCommand(argv.slice(1)));
  }
  const config = await loadConfig({
    argv,
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    readFile: (path) =>
      readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      }),
  });
  const { runClover } = await import('./process/run.ts');
  const started = runClover(config);
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143);
    stopping = true;
    // What was being started is taken down in good order too.
    started
      .then((running) => running.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`clover: ${(error as Error).stack}\n`);
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  await started;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof CloverError) {
    process.stderr.write(
      `clover: ${error.message}\n${error.hint === undefined ? '' : `        ${error.hint}\n`}`,
    );
    for (const { at, message } of error.issues) process.stderr.write(`        ${at}: ${message}\n`);
  } else process.stderr.write(`clover: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(error instanceof CloverError && error.status === 400 ? 2 : 1);
});
