// Clover and the load generator as processes, and what they weigh.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { type RunningProgram, type ReadyFile, startProgram, tempDir } from '@clover/test-support';
import type { LoadReport } from './load-generator.ts';

// The programs as built; benchmarks run in the repository's folder.
const MAIN = 'packages/controller/dist/main.js';
const GENERATOR = '.cache/clover/bench/load-generator.mjs';

export interface RunningClover extends RunningProgram<ReadyFile> {
  /** From the start of the process to its ready file. */
  readonly readyMs: number;
  readonly dataDir: string;
}

/** The real program with an empty data directory, on free ports, without the demo. */
export async function startClover(args: readonly string[] = []): Promise<RunningClover> {
  const data = await tempDir('clover-bench-');
  const started = performance.now();
  const program = await startProgram({
    main: MAIN,
    args: [
      '--no-demo',
      `--data=${data.path}`,
      '--log-level=warn',
      '--port=0',
      '--otlp-http-port=0',
      '--otlp-grpc-port=0',
      '--zipkin-port=0',
      ...args,
    ],
  });
  return {
    ...program,
    readyMs: performance.now() - started,
    dataDir: data.path,
    async stop() {
      await program.stop();
      await data.remove();
    },
  };
}

/** Resident memory of a process in bytes; 0 when it is gone. Linux only. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

/** Processor time that a process has used, in milliseconds. Linux only. */
export async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // After the name, which may hold spaces: utime and stime are the 14th and 15th field of all, in ticks of 10 ms.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Runs the load generator to its end; `onSecond` is told each second. Rejects when it fails. */
export function generateLoad(
  args: readonly string[],
  onSecond: (report: LoadReport) => void = () => {},
): Promise<LoadReport> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [GENERATOR, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let last: LoadReport | undefined;
    createInterface({ input: child.stdout }).on('line', (line) => {
      last = JSON.parse(line) as LoadReport;
      onSecond(last);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0 && last?.done) resolve(last);
      else reject(new Error(`the load generator ended with exit code ${code}`));
    });
  });
}
