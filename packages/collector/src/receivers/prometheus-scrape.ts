// Scrapes a list of Prometheus targets, each on its own beat.

import type { MetricSink } from '../sink.ts';
import {
  scrapeOnce,
  staleBatch,
  targetLabels,
  type ScrapeTarget,
  type SeenSeries,
} from './prometheus-scrape-target.ts';

export interface ScraperOptions {
  readonly targets: readonly ScrapeTarget[];
  readonly sink: MetricSink;
  /** Default 15,000. */
  readonly intervalMs?: number;
  /** Default 10,000, at most the interval. */
  readonly timeoutMs?: number;
  /** Of one plain answer. Default 64 MiB. */
  readonly maxBodyBytes?: number;
  /** Of one answer. Default 1,000,000. */
  readonly maxSamples?: number;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  /** Told when a target goes up or down. */
  readonly onChange?: (status: ScrapeStatus) => void;
  /** Told how each scrape ended. */
  readonly onScrape?: (status: ScrapeStatus) => void;
  readonly logger?: { warn(message: string): void };
}

export interface ScrapeStatus {
  readonly url: string;
  readonly job: string;
  readonly instance: string;
  /** idle before the first scrape. */
  readonly state: 'idle' | 'up' | 'down';
  readonly error: string | null;
  readonly lastScrapeUnixMs: number | null;
  readonly lastSuccessUnixMs: number | null;
  readonly durationMs: number | null;
  /** Of the last scrape. */
  readonly samples: number;
  readonly intervalMs: number;
  /** Since the start. */
  readonly acceptedPoints: number;
  readonly failures: number;
  /** All of them, since the start. */
  readonly scrapes: number;
}

export interface Scraper {
  start(): void;
  /** Takes another list; series of targets that are gone get staleness markers. */
  setTargets(targets: readonly ScrapeTarget[]): Promise<void>;
  status(): readonly ScrapeStatus[];
  /** Scrapes every target now, outside its beat. */
  scrapeNow(): Promise<void>;
  /** Ends all beats and waits for scrapes under way. */
  close(): Promise<void>;
}

interface Running {
  readonly target: ScrapeTarget;
  status: ScrapeStatus;
  seen: SeenSeries;
  timer: NodeJS.Timeout | undefined;
  active: Promise<void> | undefined;
  readonly abort: AbortController;
}

/** A scraper that has not started. A target that is down is a state, never an exception. */
export function createPrometheusScraper(options: ScraperOptions): Scraper {
  const intervalMs = options.intervalMs ?? 15_000;
  const timeoutMs = Math.min(options.timeoutMs ?? 10_000, intervalMs);
  const now = options.now ?? Date.now;
  let running = options.targets.map(prepare);
  let started = false;

  function prepare(target: ScrapeTarget): Running {
    const { job, instance } = targetLabels(target) as { job: string; instance: string };
    return {
      target,
      status: {
        url: target.url,
        job,
        instance,
        state: 'idle',
        error: null,
        lastScrapeUnixMs: null,
        lastSuccessUnixMs: null,
        durationMs: null,
        samples: 0,
        intervalMs,
        acceptedPoints: 0,
        failures: 0,
        scrapes: 0,
      },
      seen: new Map(),
      timer: undefined,
      active: undefined,
      abort: new AbortController(),
    };
  }

  /** Targets are spread over the interval by what they are called, so that they do not all answer at once. */
  function begin(entry: Running) {
    const spread = Math.min(intervalMs, 1000) * (hash(entry.target.url) / 2 ** 32);
    const beat = () => {
      const due = performance.now() + intervalMs;
      void scrape(entry).finally(() => {
        if (entry.abort.signal.aborted) return;
        entry.timer = setTimeout(beat, Math.max(0, due - performance.now()));
      });
    };
    entry.timer = setTimeout(beat, spread);
  }

  function scrape(entry: Running): Promise<void> {
    entry.active ??= scrapeAndStore(entry).finally(() => {
      entry.active = undefined;
    });
    return entry.active;
  }

  async function scrapeAndStore(entry: Running) {
    const result = await scrapeOnce(entry.target, entry.seen, {
      timeoutMs,
      maxBodyBytes: options.maxBodyBytes ?? 64 * 2 ** 20,
      maxSamples: options.maxSamples ?? 1_000_000,
      fetch: options.fetch ?? fetch,
      now,
      signal: entry.abort.signal,
    });
    if (entry.abort.signal.aborted) return;
    let { error } = result;
    let stored = 0;
    try {
      await options.sink.writeMetrics(result.batch);
      stored = result.batch.values.length;
      entry.seen = result.seen;
    } catch (cause) {
      error = `the samples could not be stored: ${(cause as Error).message}`;
    }
    const before = entry.status;
    const state = result.error === null ? 'up' : 'down';
    entry.status = {
      ...before,
      state,
      error,
      lastScrapeUnixMs: result.timeMs,
      lastSuccessUnixMs: error === null ? result.timeMs : before.lastSuccessUnixMs,
      durationMs: result.durationMs,
      samples: result.samples,
      acceptedPoints: before.acceptedPoints + stored,
      failures: before.failures + (error === null ? 0 : 1),
      scrapes: before.scrapes + 1,
    };
    options.onScrape?.(entry.status);
    if (state !== before.state) {
      if (state === 'down') options.logger?.warn(`scrape target ${before.url} is down: ${error}`);
      options.onChange?.(entry.status);
    }
  }

  async function end(entry: Running) {
    entry.abort.abort();
    clearTimeout(entry.timer);
    await entry.active;
  }

  return {
    start() {
      if (started) return;
      started = true;
      running.forEach(begin);
    },
    async setTargets(targets) {
      const key = (target: ScrapeTarget) => JSON.stringify([target.url, targetLabels(target)]);
      const wanted = new Map(targets.map((target) => [key(target), target]));
      const gone = running.filter((entry) => !wanted.has(key(entry.target)));
      const kept = new Map(running.map((entry) => [key(entry.target), entry]));
      running = [...wanted].map(([name, target]) => kept.get(name) ?? prepare(target));
      if (started) running.filter((entry) => !kept.has(key(entry.target))).forEach(begin);
      for (const entry of gone) {
        await end(entry);
        if (entry.seen.size > 0) await options.sink.writeMetrics(staleBatch(entry.seen, now()));
      }
    },
    status: () => running.map((entry) => entry.status),
    async scrapeNow() {
      await Promise.all(running.map(scrape));
    },
    async close() {
      await Promise.all(running.map(end));
    },
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
