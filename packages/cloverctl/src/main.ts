#!/usr/bin/env node
// The process: signals, broken pipes and the exit code. Everything else is in run.ts.
import { processIo } from './io.ts';
import { InterruptedError } from './run-program.ts';
import { run } from './run.ts';

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // The second time at once.
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort(new InterruptedError(signal));
  });
// `cloverctl … | head` closes our stdout: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
process.stderr.on('error', () => {});

process.exitCode = await run(process.argv.slice(2), processIo(process, interrupt.signal));
