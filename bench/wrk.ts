// Load by wrk, on one thread.
import { spawn } from 'node:child_process';

export interface WrkReport {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Throws when any request failed. `url` may be of any loopback address. */
export async function wrk(
  url: string,
  options: {
    readonly seconds: number;
    readonly connections: number;
    readonly headers?: Readonly<Record<string, string>>;
  },
): Promise<WrkReport> {
  const text = await outputOf('wrk', [
    '-t1',
    `-c${options.connections}`,
    `-d${options.seconds}s`,
    '--latency',
    ...Object.entries(options.headers ?? {}).flatMap(([name, value]) => [
      '-H',
      `${name}: ${value}`,
    ]),
    url,
  ]);
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(text);
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    p50Ms: latency(text, 50),
    p99Ms: latency(text, 99),
  };
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

function latency(text: string, percent: number): number {
  const [, value, unit] = new RegExp(`\\n\\s+${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(text) ?? [];
  return Number(value) * (UNITS[unit ?? ''] ?? Number.NaN);
}

/** What a program prints; rejects when it fails. */
export function outputOf(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}`)),
    );
  });
}
