import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import * as client from '../src/index.ts';

test('the example of the README runs and prints what it says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n(.*?)```/s.exec(readme)![1]!;
  const server = createServer((_request, response) =>
    response.end('{"items":[{"service":"http-lb","ratePerSecond":12.5}]}'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const body = code
    .replace(/^import .*$/m, 'const { CloverError, createClient } = exported;')
    .replace('http://127.0.0.1:9400', address);
  const printed: unknown[][] = [];
  const run = new Function('exported', 'console', `return (async () => {${body}})();`) as (
    ...values: unknown[]
  ) => Promise<void>;
  const print = (...words: unknown[]) => printed.push(words);
  await run(client, { log: print, error: print });
  server.close();
  expect(printed).toEqual([['http-lb', 12.5]]);
});
