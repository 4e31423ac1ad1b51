// The README's example, as it stands there.

import { readFileSync, rmSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import * as clover from '../src/index.ts';
import { batchOf } from './test-batch.ts';

it('the example of the README runs', async () => {
  rmSync('/tmp/clover-example', { recursive: true, force: true });
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(readme)![1]!.replace(/^import .*$/m, '');
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const batch = batchOf([
    {
      traceId: 'ab'.repeat(16),
      spanId: 'cd'.repeat(8),
      startUnixNano: BigInt(Date.now() - 1000) * 1_000_000n,
      columns: { service: 'front' },
    },
  ]);
  const run = new Function(
    'openStore',
    'services',
    'batch',
    'console',
    `return (async () => { ${code}; return rows; })()`,
  ) as (...args: unknown[]) => Promise<unknown>;
  expect(await run(clover.openStore, clover.services, batch, console)).toEqual([{ spans: 1 }]);
  expect(log).toHaveBeenCalledWith(['front 1']);
  log.mockRestore();
  rmSync('/tmp/clover-example', { recursive: true, force: true });
});
