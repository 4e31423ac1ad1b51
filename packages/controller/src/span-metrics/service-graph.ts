// traces_service_graph_*: the calls between services under Tempo's names, out of the store's exact join.
// The store is asked about the last minutes; what grew since is added, so that the counters never fall:
// not when data is cleared, not when old days are dropped.

import { edgeHistograms, type Bins, type EdgeHistogram, type Queryable } from '@clover/store';
import { header, histogramSeries, labelText, type Labels } from './exposition.ts';

export interface ServiceGraphMetrics {
  /** Exposition text; asks the store first when the last answer is older than ten seconds. */
  text(): Promise<string>;
}

export interface ServiceGraphOptions {
  readonly store: Queryable;
  readonly maxSeries: number;
  readonly startMs: number;
  readonly nowMs?: () => number;
  /** How long a scrape waits for the store before it gets the figures of the last time; default 2 s. */
  readonly waitMs?: number;
  readonly onError?: (error: unknown) => void;
}

/** Tempo's default: seconds. */
export const EDGE_BOUNDS: readonly number[] = Array.from({ length: 8 }, (_, i) => 0.1 * 2 ** i);
const BOUNDS_NS = EDGE_BOUNDS.map((seconds) => seconds * 1e9);
const MINUTE_MS = 60_000;
/** Calls are counted when both sides have had time to come. */
const SETTLED_MS = 15_000;
/** Spans that come later than this are not counted here any more. */
const OPEN_MS = 10 * MINUTE_MS;
const MOST_OPEN_MS = 15 * MINUTE_MS;
const REFRESH_MS = 10_000;
/** A question that takes long is asked less often: a tenth of the time at most. */
const REST = 9;
const WAIT_MS = 2_000;

/** Everything that only grows, in one row. requests, failed, unpaired, server bins and sum, client bins and sum. */
type Figures = Float64Array;
const BINS = EDGE_BOUNDS.length + 1;
const UNPAIRED = 2;
const SERVER = 3;
const CLIENT = SERVER + BINS + 1;
const WIDTH = CLIENT + BINS + 1;

interface Series {
  readonly labels: Labels;
  readonly shown: Figures;
  /** Minutes that are closed, and all that was seen at the last look. */
  readonly closed: Figures;
  seen: Figures;
}

export function createServiceGraphMetrics(options: ServiceGraphOptions): ServiceGraphMetrics {
  const { store, maxSeries } = options;
  const nowMs = options.nowMs ?? Date.now;
  const series = new Map<string, Series>();
  let openMs = Math.floor(options.startMs / MINUTE_MS) * MINUTE_MS;
  let nextMs = 0;
  let refreshing: Promise<void> | undefined;

  function figuresByEdge(rows: readonly EdgeHistogram[]): Map<string, Figures> {
    const sums = new Map<string, Figures>();
    for (const row of rows) {
      const key = keyOf(row);
      const figures = sums.get(key) ?? new Float64Array(WIDTH);
      sums.set(key, figures);
      addRow(figures, row);
    }
    return sums;
  }

  function keyOf(row: EdgeHistogram): string {
    const key = `${row.from}\0${row.to}`;
    if (series.has(key)) return key;
    const isFull = series.size >= maxSeries;
    const known = isFull ? OTHER_KEY : key;
    if (!series.has(known))
      series.set(known, {
        labels: isFull ? OTHER : labelsOf(row),
        shown: new Float64Array(WIDTH),
        closed: new Float64Array(WIDTH),
        seen: new Float64Array(WIDTH),
      });
    return known;
  }

  async function refresh(): Promise<void> {
    const endMs = nowMs() - SETTLED_MS;
    if (endMs <= openMs) return;
    if (endMs - openMs > MOST_OPEN_MS) {
      const closeMs = Math.floor((endMs - OPEN_MS) / MINUTE_MS) * MINUTE_MS;
      const rows = await edgeHistograms(store, scope(openMs, closeMs), BOUNDS_NS);
      for (const [key, figures] of figuresByEdge(rows)) add(series.get(key)!.closed, figures);
      openMs = closeMs;
    }
    const open = figuresByEdge(await edgeHistograms(store, scope(openMs, endMs), BOUNDS_NS));
    for (const [key, one] of series) {
      const total = Float64Array.from(one.closed);
      const figures = open.get(key);
      if (figures) add(total, figures);
      for (let i = 0; i < WIDTH; i++) one.shown[i]! += Math.max(0, total[i]! - one.seen[i]!);
      one.seen = total;
    }
  }

  function refreshed(): Promise<void> {
    if (refreshing || nowMs() < nextMs) return refreshing ?? Promise.resolve();
    const began = nowMs();
    refreshing = refresh()
      .catch((error: unknown) => options.onError?.(error))
      .finally(() => {
        refreshing = undefined;
        nextMs = Math.max(began + REFRESH_MS, nowMs() + (nowMs() - began) * REST);
      });
    return refreshing;
  }

  return {
    async text() {
      const late = new AbortController();
      await Promise.race([refreshed(), timeout(options.waitMs ?? WAIT_MS, late.signal)]);
      late.abort();
      return exposition([...series.values()]);
    },
  };
}

const scope = (startMs: number, endMs: number) => ({ startMs, endMs, filters: [] });

const OTHER_KEY = '\0other';
const OTHER: Labels = { client: 'other', server: 'other', connection_type: '' };

function labelsOf(row: EdgeHistogram): Labels {
  const type =
    row.protocol === 'db'
      ? 'database'
      : row.protocol === 'messaging'
        ? 'messaging_system'
        : row.external
          ? 'virtual_node'
          : '';
  return { client: row.from, server: row.to, connection_type: type };
}

function addRow(figures: Figures, row: EdgeHistogram): void {
  figures[0]! += row.requests;
  figures[1]! += row.failed;
  figures[UNPAIRED]! += row.unpaired;
  addBins(figures, SERVER, row.server);
  addBins(figures, CLIENT, row.client);
}

function addBins(figures: Figures, at: number, { counts, sumNs }: Bins): void {
  counts.forEach((count, i) => (figures[at + i]! += count));
  figures[at + BINS]! += sumNs / 1e9;
}

function add(to: Figures, more: Figures): void {
  for (let i = 0; i < WIDTH; i++) to[i]! += more[i]!;
}

function exposition(all: readonly Series[]): string {
  const out: string[] = [];
  const counter = (name: string, help: string, at: number) => {
    header(out, name, 'counter', help);
    for (const { labels, shown } of all) out.push(`${name}${labelText(labels)} ${shown[at]}`);
  };
  const histogram = (name: string, help: string, at: number) => {
    header(out, name, 'histogram', help);
    for (const { labels, shown } of all)
      histogramSeries(out, name, labels, {
        bounds: EDGE_BOUNDS,
        bins: shown.subarray(at, at + BINS),
        sum: shown[at + BINS]!,
      });
  };
  counter('traces_service_graph_request_total', 'Calls between services.', 0);
  counter('traces_service_graph_request_failed_total', 'Calls that failed on either side.', 1);
  counter(
    'traces_service_graph_unpaired_spans_total',
    'Client-side spans of calls that no span of the callee answers for.',
    UNPAIRED,
  );
  histogram(
    'traces_service_graph_request_server_seconds',
    'Durations of calls as the callee saw them.',
    SERVER,
  );
  histogram(
    'traces_service_graph_request_client_seconds',
    'Durations of calls as the caller saw them.',
    CLIENT,
  );
  return `${out.join('\n')}\n`;
}

function timeout(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
