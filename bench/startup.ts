// What a newcomer feels: cold start to ready, memory of an idle Clover, and the page's first load.
// ./clover bench startup [--rounds 5] [--idle-seconds 30]
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { machineLine, median } from './machine.ts';
import { residentBytes, startClover } from './processes.ts';

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    'idle-seconds': { type: 'string', default: '30' },
  },
});

/** Gzipped bytes of the scripts that index.html names, with what they import at once. */
async function firstLoadBytes(): Promise<{ bytes: number; files: number }> {
  const dist = 'packages/ui/dist';
  const html = await readFile(`${dist}/index.html`, 'utf8');
  const names = [...html.matchAll(/(?:src|href)="\/?([^"]+\.js)"/g)].map(([, name]) => name!);
  const sizes = await Promise.all(
    [...new Set(names)].map(async (name) => gzipSync(await readFile(`${dist}/${name}`)).length),
  );
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), files: sizes.length };
}

console.log(machineLine());
const starts: number[] = [];
for (let round = 1; round <= Number(values.rounds); round++) {
  const clover = await startClover();
  starts.push(clover.readyMs);
  console.log(`start ${round}: ready after ${clover.readyMs.toFixed(0)} ms, empty data directory`);
  if (round === Number(values.rounds)) {
    await sleep(Number(values['idle-seconds']) * 1000);
    const bytes = await residentBytes(clover.process.pid);
    const children = await readdir(`/proc/${clover.process.pid}/task`).catch(() => []);
    console.log(
      `idle for ${values['idle-seconds']} s without the demo: ${(bytes / 1e6).toFixed(0)} MB resident, ${children.length} threads`,
    );
  }
  await clover.stop();
}
console.log(`cold start to ready, median: ${median(starts).toFixed(0)} ms`);
const page = await firstLoadBytes();
console.log(
  `first load of the page: ${(page.bytes / 1000).toFixed(0)} KB of JavaScript gzipped in ${page.files} files`,
);
