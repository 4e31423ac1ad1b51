// Real exports, whole. The files are found through CLOVER_TEST_DATA; without it these cases skip.

import { createReadStream, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { MetricBatch, Span } from '@clover/model';
import { testData } from '@clover/test-support';
import { importStream } from '../src/importers/import-stream.ts';

async function importFile(path: string) {
  const spans: Span[] = [];
  const metrics: MetricBatch[] = [];
  const answer = await importStream(createReadStream(path) as AsyncIterable<Uint8Array>, {
    writeSpans: async (part) => void spans.push(...part),
    writeMetrics: async (batch) => void metrics.push(batch),
  });
  return { answer, spans, metrics };
}

const SOCIAL = 'jaeger/deathstarbench-social-network.json.gz';
describe.skipIf(testData(SOCIAL) === undefined)(
  `importing ${SOCIAL} (needs CLOVER_TEST_DATA)`,
  () => {
    it('takes 660 spans of 12 services in 20 traces, each parent resolved', async () => {
      const { answer, spans } = await importFile(testData(SOCIAL)!);
      expect(answer).toMatchObject({ format: 'jaeger', spans: 660, traces: 20, refused: [] });
      expect(answer.services).toHaveLength(12);
      const ids = new Set(spans.map((span) => span.traceId + span.spanId));
      expect(ids.size).toBe(660);
      const orphans = spans.filter(
        (span) => span.parentSpanId !== '' && !ids.has(span.traceId + span.parentSpanId),
      );
      expect(orphans).toEqual([]);
      expect(spans.filter((span) => span.parentSpanId === '')).toHaveLength(20);
    });
  },
);

describe.skipIf(testData('istio-telemetry') === undefined)(
  'importing a real Istio (needs CLOVER_TEST_DATA)',
  () => {
    it.each([
      ['jaeger-api-from-zipkin-provider.json.gz', 150, 544],
      ['jaeger-api-from-opentelemetry-provider.json.gz', 161, 545],
    ])('takes %s whole', async (file, traces, count) => {
      const { answer, spans } = await importFile(testData(`istio-telemetry/${file}`)!);
      expect(answer).toMatchObject({ format: 'jaeger', spans: count, traces, refused: [] });
      const flags = spans.filter((span) => span.attributes.response_flags === 'FI');
      expect(flags).toHaveLength(6);
      expect(flags.every((span) => span.kind === 'client')).toBe(true);
    });

    it.each([
      'front-sidecar-15020.prom.gz',
      'front-sidecar-15090.prom.gz',
      'gateway-15090.prom.gz',
      'istiod-15014.prom.gz',
    ])('takes every sample of %s', async (file) => {
      const path = testData(`istio-telemetry/${file}`)!;
      const { answer, metrics } = await importFile(path);
      const lines = gunzipSync(readFileSync(path)).toString().split('\n');
      const samples = lines.filter((line) => line !== '' && !line.startsWith('#'));
      expect(answer).toMatchObject({ format: 'prometheus', points: samples.length, refused: [] });
      expect(metrics.flatMap((batch) => [...batch.values])).toHaveLength(samples.length);
      const unknown = metrics.flatMap((batch) => batch.series).filter((s) => s.type === 'unknown');
      expect(unknown.map((series) => series.name)).toEqual([]);
    });
  },
);
