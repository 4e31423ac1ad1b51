import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as collector from '../src/index.ts';

test('the example of the README runs and prints what it says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n(.*?)```/s.exec(readme)![1]!;
  const body = code.replace(/^import (\{.*\}) from .*$/m, 'const $1 = exported;');
  const printed: unknown[][] = [];
  const run = new Function('exported', 'console', `return (async () => {${body}})();`) as (
    ...values: unknown[]
  ) => Promise<void>;
  await run(collector, { log: (...words: unknown[]) => printed.push(words) });
  expect(printed).toEqual([
    [1, 'spans are durable'],
    ['zipkin', 1, []],
  ]);
});
