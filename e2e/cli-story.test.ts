// Each folder of examples/ with `console` blocks in its README is a story: its commands run against the
// real program with an empty store, and their whole output must be what the README shows.
// CLOVER_TEST_UPDATE=1 writes what came into the README instead.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '@clover/test-support';
import { startProduct } from './support/product.ts';
import { readSteps, runStep } from './support/story.ts';

const stories = readdirSync('examples').filter((name) => {
  const file = join('examples', name, 'README.md');
  return existsSync(file) && readSteps(readFileSync(file, 'utf8')).length > 0;
});

describe('the stories of examples/', () => {
  it.each(stories)('%s runs as it is written', async (name) => {
    const file = join('examples', name, 'README.md');
    const text = readFileSync(file, 'utf8');
    const bin = await tempDir('clover-story-');
    const product = await startProduct({ args: ['--no-demo'] });
    try {
      const lines = text.split('\n');
      const came: { command: string; output: string }[] = [];
      const steps = readSteps(text);
      for (const { command } of steps) {
        const output = await runStep(command, {
          cwd: join('examples', name),
          server: product.ready.controller,
          binDir: bin.path,
        });
        came.push({ command, output });
      }
      if (process.env['CLOVER_TEST_UPDATE']) {
        for (const [index, { from, to }] of [...steps.entries()].toReversed())
          lines.splice(from, to - from, ...came[index]!.output.split('\n'));
        writeFileSync(file, lines.join('\n'));
      } else {
        expect(came).toEqual(steps.map(({ command, expected }) => ({ command, output: expected })));
      }
    } finally {
      await product.stop();
      await bin.remove();
    }
  });
});
