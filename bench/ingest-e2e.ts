// The whole path: spans of ten attributes over OTLP/HTTP into the real program, acknowledged when they
// are durable; then the same load into a real Jaeger (JAEGER=/path/to/jaeger), in turns.
// ./clover bench ingest [--seconds 20] [--rounds 3] [--only clover] [--connections 8] [--spans 4000]
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createClient } from '@clover/client';
import { findPart, startJaeger } from '@clover/test-support';
import { machineLine, median } from './machine.ts';
import { generateLoad, residentBytes, startClover } from './processes.ts';

interface Run {
  readonly spansPerSecond: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly failed: number;
  readonly peakBytes: number;
  /** Resident memory each tenth of the run. */
  readonly memoryBytes: readonly number[];
}

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    connections: { type: 'string', default: '8' },
    spans: { type: 'string', default: '4000' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

async function measure(url: string, pid: number): Promise<Run> {
  const memory: number[] = [];
  let reading = Promise.resolve();
  const done = await generateLoad(
    [
      `--url=${url}`,
      `--seconds=${seconds}`,
      `--connections=${values.connections}`,
      `--spans=${values.spans}`,
    ],
    () => {
      reading = reading.then(async () => void memory.push(await residentBytes(pid)));
    },
  );
  await reading;
  const tenth = Math.max(1, Math.round(memory.length / 10));
  return {
    spansPerSecond: done.acknowledged / done.seconds,
    acknowledged: done.acknowledged,
    refused: done.refused,
    failed: done.failed,
    peakBytes: Math.max(...memory),
    memoryBytes: memory.filter((_, index) => index % tenth === tenth - 1),
  };
}

async function runClover(): Promise<Run> {
  const clover = await startClover();
  try {
    const run = await measure(clover.ready.otlpHttp, clover.process.pid);
    const client = createClient({ baseUrl: clover.ready.controller });
    // What is acknowledged is stored, so no waiting; and each of these spans is different.
    const { spans, storedSpans } = await client.system({ since: `${seconds + 3600}s` });
    if (spans !== run.acknowledged) {
      throw new Error(
        `${run.acknowledged} spans were acknowledged, but the store has ${spans} (${storedSpans} rows)`,
      );
    }
    return run;
  } finally {
    await clover.stop();
  }
}

async function runJaeger(storage: 'memory' | 'badger'): Promise<Run> {
  const jaeger = await startJaeger({ storage });
  try {
    return await measure(jaeger.otlpHttp, jaeger.process.pid);
  } finally {
    await jaeger.stop();
  }
}

const jaegerHere = findPart('jaeger').path !== undefined;
const systems: Record<string, () => Promise<Run>> = {
  clover: runClover,
  ...(jaegerHere
    ? { 'jaeger-badger': () => runJaeger('badger'), 'jaeger-memory': () => runJaeger('memory') }
    : {}),
};
const chosen = Object.keys(systems).filter((name) => !values.only || name === values.only);
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
const thousand = (count: number) => Math.round(count).toLocaleString('en');

console.log(`${machineLine()}; load generator on the same cores`);
console.log(
  `${seconds} s each, ${values.connections} connections, ${values.spans} spans a request, 10 attributes a span`,
);
if (!jaegerHere) console.log(`${findPart('jaeger').missing}; measuring Clover alone`);
const runs: Record<string, Run[]> = {};
for (let round = 1; round <= rounds; round++) {
  for (const name of chosen) {
    const run = await systems[name]!();
    (runs[name] ??= []).push(run);
    console.log(
      `round ${round} ${name.padEnd(14)} ${thousand(run.spansPerSecond).padStart(9)} spans/s` +
        `  ${thousand(run.acknowledged)} acknowledged, ${thousand(run.refused)} refused, ${thousand(run.failed)} failed` +
        `  peak ${megabytes(run.peakBytes)} MB (${run.memoryBytes.map(megabytes).join(' ')})`,
    );
    await sleep(2000);
  }
}
console.log('\nmedians');
const medians = Object.entries(runs).map(
  ([name, list]) => [name, median(list.map((run) => run.spansPerSecond))] as const,
);
for (const [name, spansPerSecond] of medians) {
  const clover = medians.find(([other]) => other === 'clover')?.[1];
  const ratio =
    name === 'clover' || clover === undefined
      ? ''
      : `  Clover takes ${(clover / spansPerSecond).toFixed(2)} times as many`;
  console.log(`${name.padEnd(14)} ${thousand(spansPerSecond).padStart(9)} spans/s${ratio}`);
}
