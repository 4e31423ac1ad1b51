// The real traces that CLOVER_TEST_DATA names, as flat spans. Only what the queries need of Envoy's
// names is translated here; the collector's own translation has its own tests.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { TestSpan } from './test-spans.ts';

export const testData = process.env['CLOVER_TEST_DATA'];

interface JaegerSpan {
  traceID: string;
  spanID: string;
  operationName: string;
  references: { refType: string; spanID: string }[];
  startTime: number;
  duration: number;
  tags: { key: string; value: unknown }[];
  processID: string;
}

interface JaegerExport {
  data: { processes: Record<string, { serviceName: string }>; spans: JaegerSpan[] }[];
}

/** A Jaeger API export of the folder. */
export function jaegerSpans(file: string): TestSpan[] {
  const text = gunzipSync(readFileSync(join(testData as string, file))).toString();
  return (JSON.parse(text) as JaegerExport).data.flatMap((trace) =>
    trace.spans.map((span) => fromJaeger(span, trace.processes[span.processID]!.serviceName)),
  );
}

function fromJaeger(span: JaegerSpan, service: string): TestSpan {
  const tags = Object.fromEntries(span.tags.map((tag) => [tag.key, String(tag.value)]));
  const cluster = tags['upstream_cluster'] ?? '';
  const parts = cluster.split('|');
  const flags = tags['response_flags'] ?? '';
  const kind = tags['span.kind'] as TestSpan['kind'];
  return {
    trace: span.traceID.padStart(32, '0'),
    id: span.spanID.padStart(16, '0'),
    parent: span.references[0]?.spanID.padStart(16, '0') ?? '',
    startMs: span.startTime / 1000,
    durationNs: span.duration * 1000,
    kind: kind ?? 'unspecified',
    status: tags['error'] === 'true' ? 'error' : 'unset',
    httpStatus: Number(tags['http.status_code'] ?? 0),
    protocol: tags['http.method'] || tags['http.status_code'] ? 'http' : '',
    service,
    columns: {
      name: span.operationName,
      version: tags['istio.canonical_revision'] ?? '',
      node: tags['node_id'] ?? '',
      responseFlags: flags === '-' ? '' : flags,
      upstreamCluster: cluster,
      subset: kind === 'client' ? (parts[2] ?? '') : '',
      userAgent: tags['user_agent'] ?? '',
    },
    attributes: tags,
  };
}

/** Five minutes of the Online Boutique; spans have no kinds. Rows as they stand, repeats included. */
export function nezhaSpans(): TestSpan[] {
  const folder = join(testData as string, 'nezha-onlineboutique');
  return readdirSync(folder)
    .filter((name) => name.endsWith('_trace.csv.gz'))
    .flatMap((name) =>
      gunzipSync(readFileSync(join(folder, name)))
        .toString()
        .trim()
        .split('\n')
        .slice(1)
        .map((line): TestSpan => {
          const [trace, id, parent, pod, operation, start, end] = line.split(',') as string[];
          const nanos = BigInt(start as string);
          return {
            trace: trace as string,
            id: id as string,
            parent: parent === 'root' ? '' : (parent as string),
            startMs: Number(nanos / 1_000_000n) + Number(nanos % 1_000_000n) / 1e6,
            durationNs: Number(BigInt(end as string) - nanos),
            service: (pod as string).split('-').slice(0, -2).join('-'),
            columns: { name: operation as string, node: pod as string },
          };
        }),
    );
}

/** The half-open range that holds all these spans. */
export function rangeOf(spans: readonly TestSpan[]): { startMs: number; endMs: number } {
  let startMs = Number.POSITIVE_INFINITY;
  let endMs = 0;
  for (const span of spans) {
    startMs = Math.min(startMs, Math.floor(span.startMs));
    endMs = Math.max(endMs, Math.floor(span.startMs) + 1);
  }
  return { startMs, endMs };
}
