import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { processIo } from '../src/io.ts';
import { run } from '../src/run.ts';

it('the README’s example does what it says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, code] = /```ts\n(.*?)```/s.exec(readme)!;
  const [, said] = /prints `(.*?)`\./.exec(readme)!;
  const body = code!.replaceAll(/^import .*$/gm, '').replaceAll(': string', '');
  const AsyncFunction = (async () => {}).constructor as new (
    ...words: string[]
  ) => (...given: unknown[]) => Promise<void>;
  const lines: string[] = [];
  const console = { log: (...words: unknown[]) => lines.push(words.join(' ')) };
  await new AsyncFunction('run', 'processIo', 'console', body)(run, processIo, console);
  expect(lines).toEqual([said]);
});
