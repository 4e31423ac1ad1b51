import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as model from '../src/index.ts';

it('the example of the README runs and prints what it says', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n(.*?)```/s.exec(readme)![1]!;
  const printed: unknown[][] = [];
  const body = code.replace(/^import (.*) from .*$/m, 'const $1 = model;');
  const run = new Function('model', 'console', body) as (...values: unknown[]) => void;
  run(model, { log: (...words: unknown[]) => printed.push(words) });
  expect(printed).toEqual([
    ['2026-01-31T11:45:00.000Z', [{ key: 'service', operator: '=', value: 'http-lb' }]],
    [false],
  ]);
});
