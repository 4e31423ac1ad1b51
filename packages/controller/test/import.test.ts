// POST /api/v1/import over a real socket: files plain and gzipped, progress, and files that are broken.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { ImportAnswer, Problem, SystemCounts } from '@clover/model';
import { testData } from '@clover/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RealApp, startRealApp } from './support/real-app.ts';

const file = readFileSync(new URL('fixtures/istio-zipkin.json', import.meta.url));
const spans = (JSON.parse(file.toString()) as { data: { spans: unknown[] }[] }).data.flatMap(
  (trace) => trace.spans,
).length;

describe('import', () => {
  let real: RealApp;
  let url: string;
  beforeEach(async () => {
    real = await startRealApp({
      limits: {
        queryTimeoutMs: 30_000,
        concurrentQueries: 32,
        bodyBytes: 1 << 20,
        importBytes: 8 << 20,
      },
    });
    url = `${await real.app.listen({ port: 0 })}/api/v1/import`;
  });
  afterEach(() => real?.close());
  const post = (body: Uint8Array<ArrayBuffer>, query = '', headers: Record<string, string> = {}) =>
    fetch(url + query, { method: 'POST', body, headers });
  const stored = async () => (await real.get<SystemCounts>('/api/v1/system?since=30d')).storedSpans;

  it('takes a file plain and gzipped, whatever its content type, and once', async () => {
    const plain = await post(new Uint8Array(file));
    expect(plain.status).toBe(200);
    const answer = (await plain.json()) as ImportAnswer;
    expect(answer).toMatchObject({ format: 'jaeger', spans, traces: 4, refused: [] });
    expect(answer.services).toContain('front.demo');
    const packed = await post(new Uint8Array(gzipSync(file)), '?name=traces.json.gz', {
      'content-type': 'application/gzip',
    });
    expect(((await packed.json()) as ImportAnswer).spans).toBe(spans);
    const counts = await real.get<SystemCounts>('/api/v1/system?since=30d');
    expect(counts.spans).toBe(spans);
  });

  it('tells its progress line by line, the answer last', async () => {
    const response = await post(new Uint8Array(file), '', { accept: 'application/x-ndjson' });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { progress?: object; answer?: ImportAnswer });
    expect(lines.at(-1)!.answer).toMatchObject({ spans });
    expect(lines.slice(0, -1).every((line) => line.progress !== undefined)).toBe(true);
  });

  it('stores nothing of a file that is broken', async () => {
    const text = file.toString();
    const broken = [
      text.slice(0, -200),
      text.replace(/\]\s*\}\s*$/, ', nonsense]}'),
      'neither of them',
      '',
    ];
    for (const one of broken) {
      const response = await post(new Uint8Array(Buffer.from(one)));
      expect({ one: one.slice(0, 20), status: response.status }).toMatchObject({ status: 400 });
      expect(((await response.json()) as Problem).code).toMatch(/^(import|metrics)\./);
    }
    const half = new Uint8Array(gzipSync(file).subarray(0, 1000));
    expect((await post(half)).status).toBe(400);
    const asLines = await post(new Uint8Array(Buffer.from(broken[0]!)), '', {
      accept: 'application/x-ndjson',
    });
    const last = (await asLines.text()).trimEnd().split('\n').at(-1)!;
    expect(JSON.parse(last)).toMatchObject({ problem: { status: 400 } });
    expect(await stored()).toBe(0);
  });

  it('refuses what is too large, and stores nothing of it', async () => {
    const padding = Buffer.alloc(9 << 20, 0x20);
    const response = await post(new Uint8Array(Buffer.concat([file, padding]))).catch(
      () => undefined,
    );
    // The answer comes before the body's end; a client that still writes may see a reset.
    if (response) expect(response.status).toBe(413);
    expect(await stored()).toBe(0);
  });

  const data = testData('jaeger/deathstarbench-social-network.json.gz');
  it.skipIf(data === undefined)(
    'takes the export of a social network whole: 660 spans, 12 services (needs CLOVER_TEST_DATA)',
    async () => {
      const response = await post(new Uint8Array(readFileSync(data ?? '')));
      const answer = (await response.json()) as ImportAnswer;
      expect(answer).toMatchObject({ spans: 660, traces: 20, refused: [] });
      expect(answer.services).toHaveLength(12);
    },
  );
});
