// Each folder of examples/ with `console` blocks in its README is a story: its commands run against the
// real program with an empty store, and their whole output must be what the README shows.
// CLOVER_TEST_UPDATE=1 writes what came into the README instead.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findApache } from '@clover/services';
import { tempDir } from '@clover/test-support';
import { keepPatterns, matches } from './support/pattern.ts';
import { startProduct } from './support/product.ts';
import { openShell } from './support/shell.ts';
import { readFlags, readSteps, withOutputs } from './support/story.ts';

const apache = findApache(process.env);
/** What a story needs beside Clover and is not here. */
const MISSING: Readonly<Record<string, string>> =
  'missing' in apache ? { waf: ` (skipped: ${apache.missing})` } : {};

const stories = readdirSync('examples')
  .filter((name) => {
    const file = join('examples', name, 'README.md');
    return existsSync(file) && readSteps(readFileSync(file, 'utf8')).length > 0;
  })
  .map((name) => [name, MISSING[name] ?? ''] as const);

describe('the stories of examples/', () => {
  it.for(stories)('%s runs as it is written%s', async ([name, missing], { skip }) => {
    skip(missing !== '');
    const file = join('examples', name, 'README.md');
    const text = readFileSync(file, 'utf8');
    const steps = readSteps(text);
    const bin = await tempDir('clover-story-');
    const product = await startProduct({ args: readFlags(text) });
    const shell = await openShell({
      cwd: join('examples', name),
      server: product.ready.controller,
      binDir: bin.path,
    });
    try {
      const outputs: string[] = [];
      for (const { command } of steps) outputs.push(await shell.run(command));
      if (process.env['CLOVER_TEST_UPDATE']) {
        const kept = steps.map(({ expected }, index) => keepPatterns(expected, outputs[index]!));
        writeFileSync(file, withOutputs(text, steps, kept));
      } else {
        const told = steps.map(({ command, expected }, index) => {
          const came = outputs[index]!;
          return { command, output: matches(expected, came) ? expected : came };
        });
        expect(told).toEqual(steps.map(({ command, expected }) => ({ command, output: expected })));
      }
    } finally {
      await shell.close();
      await product.stop();
      await bin.remove();
    }
  });
});
