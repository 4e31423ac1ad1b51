// Files through the pipeline: what an import writes is what a receiver would have written.

import { createReadStream } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SpanBatch } from '@clover/model';
import { testData } from '@clover/test-support';
import { importStream } from '../src/importers/import-stream.ts';
import { createSpanWriter } from '../src/pulls/pipeline-writer.ts';
import { createPipeline } from '../src/queue.ts';

interface Row {
  service: string;
  version: string;
  subset: string;
  responseFlags: string;
  direction: number;
  status: number;
  source: string;
}

function rowsOf(batch: SpanBatch): Row[] {
  const text = (column: keyof SpanBatch['columns'], i: number) =>
    batch.strings[batch.columns[column][i]!]!;
  return Array.from({ length: batch.count }, (_, i) => ({
    service: text('service', i),
    version: text('version', i),
    subset: text('subset', i),
    responseFlags: text('responseFlags', i),
    direction: batch.directions[i]!,
    status: batch.httpStatusCodes[i]!,
    source: text('source', i),
  }));
}

async function importThrough(stream: AsyncIterable<Uint8Array>) {
  const rows: Row[] = [];
  // The sink must be done with the batch when it resolves: its arrays are used again.
  const pipeline = createPipeline({
    sink: { writeSpans: async (batch) => void rows.push(...rowsOf(batch)) },
  });
  const answer = await importStream(stream, {
    writeSpans: createSpanWriter(pipeline, 'import'),
    writeMetrics: async () => undefined,
  });
  await pipeline.close();
  return { answer, rows };
}

async function* bytes(value: unknown) {
  yield Buffer.from(JSON.stringify(value));
}

describe('importing through the pipeline', () => {
  it('counts what the builder refuses and takes the rest', async () => {
    const span = { traceId: '1', id: '2', timestamp: 1, localEndpoint: { serviceName: 'a' } };
    const { answer, rows } = await importThrough(
      bytes([
        { ...span, timestamp: 1_700_000_000_000_000 },
        { ...span, id: '3', timestamp: 9e15 },
      ]),
    );
    expect(rows).toHaveLength(1);
    expect(answer).toMatchObject({
      spans: 1,
      refused: [{ reason: 'invalid_time, first at the collector', count: 1 }],
    });
  });

  const social = testData('jaeger/deathstarbench-social-network.json.gz');
  it.skipIf(social === undefined)(
    'takes the social network whole (needs CLOVER_TEST_DATA)',
    async () => {
      const { answer, rows } = await importThrough(
        createReadStream(social!) as AsyncIterable<Uint8Array>,
      );
      expect(answer).toMatchObject({ spans: 660, traces: 20, refused: [] });
      expect(new Set(rows.map((row) => row.service)).size).toBe(12);
      expect(rows.every((row) => row.source === 'import')).toBe(true);
    },
  );

  it.skipIf(testData('istio-telemetry') === undefined).each([
    ['jaeger-api-from-zipkin-provider.json.gz', 544],
    ['jaeger-api-from-opentelemetry-provider.json.gz', 545],
  ])('understands %s of a real Istio (needs CLOVER_TEST_DATA)', async (file, count) => {
    const path = testData(`istio-telemetry/${file}`)!;
    const { rows } = await importThrough(createReadStream(path) as AsyncIterable<Uint8Array>);
    expect(rows).toHaveLength(count);
    const web = rows.filter((row) => row.service === 'web.demo' && row.direction === 1);
    expect(new Set(web.map((row) => row.version))).toEqual(new Set(['v1', 'v2']));
    expect(rows.some((row) => row.direction === 2 && row.subset === 'v2')).toBe(true);
    const aborted = rows.filter((row) => row.responseFlags === 'FI');
    expect(aborted).toHaveLength(6);
    expect(aborted.every((row) => row.status === 451 && row.direction === 2)).toBe(true);
  });
});
