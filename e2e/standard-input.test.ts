// What stands on standard input is nobody's data: a start in a pipe or under a supervisor is a start as any other.
import { expect, it } from 'vitest';
import { createClient } from '@clover/client';
import { tempDir } from '@clover/test-support';
import { startProduct } from './support/product.ts';

it('what it is given on standard input is neither an error nor in the store', async () => {
  const data = await tempDir('clover-input-');
  // Rows that a table of the store would take.
  const input = `{"number":4242,"name":"from standard input","source":"nobody"}\n`.repeat(10);
  try {
    for (let start = 0; start < 2; start++) {
      const product = await startProduct({ dataDir: data.path, input });
      try {
        const response = await fetch(`${product.ready.otlpHttp}/v1/traces`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"resourceSpans":[]}',
        });
        expect(response.status).toBe(200);
        const client = createClient({ baseUrl: product.ready.controller });
        expect(await client.system({ since: '1h' })).toMatchObject({ spans: 0, traces: 0 });
      } finally {
        await product.stop();
      }
    }
  } finally {
    await data.remove();
  }
});
