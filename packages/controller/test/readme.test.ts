import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startRealApp } from './support/real-app.ts';

test('the example of the README runs and prints what it says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n(.*?)```/s.exec(readme)![1]!;
  const real = await startRealApp();
  const printed: unknown[][] = [];
  const body = code.replace(/^import .*$/m, '').replace(/^await app\.close.*$/m, '');
  const run = new Function(
    'createApp',
    'dependencies',
    'console',
    `return (async () => {${body}})();`,
  ) as (...values: unknown[]) => Promise<void>;
  // The app of the support is made by createApp with its dependencies.
  await run(() => real.app, {}, { log: (...words: unknown[]) => printed.push(words) });
  await real.close();
  expect(printed).toEqual([
    ['spans:', 0],
    [400, 'did you mean since?'],
  ]);
});
