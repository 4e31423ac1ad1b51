// One scrape of one target: ask, parse, and say what it brought or why not.

import type { MetricBatch, MetricSeries } from '@clover/model';
import { createExpositionParser } from '../metrics/exposition-parser.ts';
import { createMetricBatchBuilder } from '../metrics/metric-batch-builder.ts';

export interface ScrapeTarget {
  /** With path, as http://127.0.0.1:9100/metrics. */
  readonly url: string;
  /** Default `scrape`. */
  readonly job?: string;
  /** Further labels of every series. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface ScrapeSettings {
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  readonly maxSamples: number;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** The series that the last scrape of a target had, by key: those that vanish get a staleness marker. */
export type SeenSeries = ReadonlyMap<string, MetricSeries>;

export interface ScrapeResult {
  readonly batch: MetricBatch;
  readonly seen: SeenSeries;
  readonly samples: number;
  readonly timeMs: number;
  readonly durationMs: number;
  /** null when the target was up. */
  readonly error: string | null;
}

const ACCEPT =
  'application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.6,text/plain;q=0.5,*/*;q=0.1';

/** The labels that a target gives to all of its series. */
export function targetLabels(target: ScrapeTarget): Record<string, string> {
  return { ...target.labels, job: target.job ?? 'scrape', instance: new URL(target.url).host };
}

/**
 * Scrapes once. The batch holds the target's samples, staleness markers for series that were in
 * `before` and are gone, and `up`, `scrape_duration_seconds` and `scrape_samples_scraped`; after a
 * failure (which does not throw) only markers and those three.
 */
export async function scrapeOnce(
  target: ScrapeTarget,
  before: SeenSeries,
  settings: ScrapeSettings,
): Promise<ScrapeResult> {
  const timeMs = settings.now();
  const started = performance.now();
  const own = targetLabels(target);
  let builder = createMetricBatchBuilder('scrape');
  let seen = new Map<string, MetricSeries>();
  let samples = 0;
  let error: string | null = null;
  try {
    const { text, openMetrics } = await fetchExposition(target, settings);
    const parser = createExpositionParser(builder, {
      format: openMetrics ? 'openmetrics' : 'text',
      timeUnixMs: timeMs,
      relabel: (labels) => withTargetLabels(labels, own),
      maxSamples: settings.maxSamples,
    });
    parser.push(text);
    parser.end();
    samples = parser.samples;
    seen = seenIn(builder, timeMs);
  } catch (cause) {
    error = describe(cause, settings);
    builder = createMetricBatchBuilder('scrape');
  }
  const durationMs = performance.now() - started;
  for (const [key, series] of before) {
    if (!seen.has(key))
      builder.stalePoint(
        builder.series(`stale ${key}`, () => series),
        timeMs,
      );
  }
  const report = (name: string, help: string, unit: string, value: number) => {
    const series: MetricSeries = { name, labels: own, type: 'gauge', unit, help };
    builder.point(
      builder.series(`own ${name}`, () => series),
      timeMs,
      value,
    );
  };
  report('up', '1 when the last scrape succeeded, 0 when not', '', error === null ? 1 : 0);
  report('scrape_duration_seconds', 'How long the scrape took', 'seconds', durationMs / 1000);
  report('scrape_samples_scraped', 'Samples that the target exposed', '', samples);
  return { batch: builder.take(), seen, samples, timeMs, durationMs, error };
}

/** A batch with nothing but staleness markers: for a target that is no longer scraped. */
export function staleBatch(seen: SeenSeries, timeMs: number): MetricBatch {
  const builder = createMetricBatchBuilder('scrape');
  for (const [key, series] of seen)
    builder.stalePoint(
      builder.series(key, () => series),
      timeMs,
    );
  return builder.take();
}

// As Prometheus without honor_labels: the target's own labels win, a series' own are kept beside.
function withTargetLabels(
  labels: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const entries = Object.entries(labels).map(([name, value]) => {
    let free = name;
    while (Object.hasOwn(own, free)) free = `exported_${free}`;
    return [free, value] as const;
  });
  return Object.fromEntries([...entries, ...Object.entries(own)]);
}

function seenIn(
  builder: ReturnType<typeof createMetricBatchBuilder>,
  timeMs: number,
): Map<string, MetricSeries> {
  const seen = new Map<string, MetricSeries>();
  // Series with times of their own are not tracked, as in Prometheus.
  for (const [key, series] of builder.seriesAt(timeMs)) seen.set(key, series);
  return seen;
}

async function fetchExposition(target: ScrapeTarget, settings: ScrapeSettings) {
  const response = await settings.fetch(target.url, {
    headers: {
      accept: ACCEPT,
      'user-agent': 'Clover',
      'x-prometheus-scrape-timeout-seconds': String(settings.timeoutMs / 1000),
    },
    signal: AbortSignal.any([settings.signal, AbortSignal.timeout(settings.timeoutMs)]),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the target answered ${response.status} ${response.statusText}`.trim());
  }
  const type = response.headers.get('content-type') ?? '';
  const openMetrics = /^application\/openmetrics-text\b/i.test(type);
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > settings.maxBodyBytes) {
      throw new Error(`the answer is larger than ${settings.maxBodyBytes} bytes`);
    }
    text += utf8.decode(chunk, { stream: true });
  }
  return { text: text + utf8.decode(), openMetrics };
}

function describe(cause: unknown, settings: ScrapeSettings): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === 'TimeoutError') return `no answer within ${settings.timeoutMs} ms`;
  // fetch says "fetch failed"; why stands in its cause.
  const inner = cause.cause instanceof Error ? cause.cause : undefined;
  const code = (inner as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ECONNREFUSED') return 'connection refused';
  return inner === undefined ? cause.message : inner.message || (code ?? cause.message);
}
