// kill -9 of the whole program while spans come in: what was acknowledged is there once after the next
// start, which needs no repair.
import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createClient } from '@clover/client';
import { tempDir, waitFor } from '@clover/test-support';
import { startProduct } from './support/product.ts';

const hex = (bytes: number) => randomBytes(bytes).toString('hex');

/** One OTLP/JSON request with ten spans of one trace. */
function otlpRequest(traceId: string): string {
  const now = BigInt(Date.now()) * 1_000_000n;
  const spans = Array.from({ length: 10 }, (_, index) => ({
    traceId,
    spanId: hex(8),
    name: `GET /step/${index}`,
    kind: 2,
    startTimeUnixNano: String(now),
    endTimeUnixNano: String(now + 1_000_000n),
  }));
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'killed' } }] },
        scopeSpans: [{ spans }],
      },
    ],
  });
}

describe('kill -9 during ingest', () => {
  it('loses nothing that was acknowledged and stores nothing twice', async () => {
    const data = await tempDir('clover-kill-');
    const acknowledged: string[] = [];
    const unanswered: string[] = [];
    for (let round = 0; round < 3; round++) {
      const product = await startProduct({ dataDir: data.path });
      let killed = false;
      const sender = async () => {
        while (!killed) {
          const traceId = hex(16);
          const response = await fetch(`${product.ready.otlpHttp}/v1/traces`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: otlpRequest(traceId),
          }).catch(() => undefined);
          if (response?.status === 200) acknowledged.push(traceId);
          else unanswered.push(traceId);
        }
      };
      const senders = Array.from({ length: 8 }, sender);
      // In the midst of it, wherever that is, and after enough was acknowledged to lose something.
      const before = acknowledged.length;
      await waitFor('forty acknowledged requests', async () => acknowledged.length >= before + 40);
      await sleep(round * 130);
      await product.kill();
      killed = true;
      await Promise.all(senders);
    }

    const product = await startProduct({ dataDir: data.path });
    try {
      const client = createClient({ baseUrl: product.ready.controller });
      const { spans, traces } = await client.system({ since: '1h' });
      expect(acknowledged.length).toBeGreaterThanOrEqual(120);
      // A request whose answer was cut off may be in or not, but never in part.
      expect(spans).toBe(traces * 10);
      expect(traces).toBeGreaterThanOrEqual(acknowledged.length);
      expect(traces).toBeLessThanOrEqual(acknowledged.length + unanswered.length);
      for (const traceId of acknowledged.filter((_, index) => index % 5 === 0)) {
        const trace = await client.trace(traceId);
        expect(trace.spans.map(({ duplicates }) => duplicates)).toEqual(Array(10).fill(0));
      }
      const { items } = await client.services({ since: '1h' });
      expect(items.map(({ service, requests }) => [service, requests])).toEqual([
        ['killed', spans],
      ]);
    } finally {
      await product.stop();
      await data.remove();
    }
  });
});
