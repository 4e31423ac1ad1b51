// Can I trust these numbers? Every way in, what it brought and what it refused.

import type { ScrapeStatus, SourceSnapshot } from '@clover/collector';
import type { Source, SourcesAnswer } from '@clover/model';
import type { Collection } from '../process/collect.ts';
import type { RunningVisibility } from '../visibility/visibility.ts';
import { snippets, type Addresses } from './snippets.ts';

const QUIET_MS = 60_000;

export function sourcesOf(
  collection: Collection,
  visibility: RunningVisibility,
  addresses: Addresses,
  nowMs: number,
): SourcesAnswer {
  const { receivers, meters } = collection;
  const { jaeger, prometheus } = visibility.pulls();
  const local = collection.local();
  const items: Source[] = [
    fromMeter(receivers.otlpHttp.stats(), 'receiver', nowMs),
    fromMeter(receivers.otlpGrpc.stats(), 'receiver', nowMs),
    fromMeter(receivers.zipkin.stats(), 'receiver', nowMs),
    ...(local ? [fromMeter(local.stats(), 'receiver', nowMs)] : []),
    fromMeter(
      meters.remoteWrite.snapshot(`${addresses.controller}/api/v1/write`),
      'receiver',
      nowMs,
    ),
    ...collection.scraper.status().map((one): Source => {
      const counts = {
        acceptedSpans: 0,
        acceptedPoints: one.acceptedPoints,
        refused: [],
        spansPerSecond: 0,
      };
      const perSecond = one.samples / (one.intervalMs / 1000);
      return {
        id: `scrape:${one.url}`,
        name: collection.scrapeNames.get(one.url) ?? '',
        kind: 'scrape',
        state: one.state,
        detail: scrapeDetail(one),
        address: one.url,
        ...counts,
        pointsPerSecond: one.state === 'up' ? perSecond : 0,
        lagMs: one.lastSuccessUnixMs === null ? null : nowMs - one.lastSuccessUnixMs,
        completeness: one.scrapes === 0 ? null : 1 - one.failures / one.scrapes,
        lastSeen: isoOf(one.lastSuccessUnixMs),
        lastError: one.error,
      };
    }),
    ...[
      { pull: jaeger, meter: meters.jaeger },
      { pull: prometheus, meter: meters.prometheus },
    ].flatMap(({ pull, meter }): Source[] => {
      if (!pull) return [];
      const status = pull.status();
      const source = fromMeter(meter.snapshot(status.url), 'pull', nowMs);
      return [
        {
          ...source,
          state: status.state,
          detail: status.incomplete || status.detail,
          completeness: status.completeness,
          lastError: status.lastError,
        },
      ];
    }),
    fromMeter(meters.import.snapshot(), 'import', nowMs),
  ];
  const sum = (of: (source: Source) => number) => items.reduce((total, one) => total + of(one), 0);
  const known = items.flatMap((one) => (one.completeness === null ? [] : [one.completeness]));
  const { pendingSpans, limitSpans } = collection.pipeline.stats();
  return {
    items,
    totals: {
      spansPerSecond: sum((one) => one.spansPerSecond),
      pointsPerSecond: sum((one) => one.pointsPerSecond),
      refused: sum((one) => one.refused.reduce((total, { count }) => total + count, 0)),
      queuedSpans: pendingSpans,
      queueLimitSpans: limitSpans,
      completeness: known.length === 0 ? null : Math.min(...known),
    },
    snippets: snippets(addresses),
  };
}

function scrapeDetail({ state, samples, error, failures, scrapes }: ScrapeStatus): string {
  const missed = failures === 0 ? '' : `, ${failures} of ${scrapes} scrapes failed`;
  return state === 'up'
    ? `${samples.toLocaleString('en-US')} ${samples === 1 ? 'sample' : 'samples'} a scrape${missed}`
    : (error ?? 'not scraped yet');
}

function fromMeter(one: SourceSnapshot, kind: Source['kind'], nowMs: number): Source {
  const quiet = one.lastSeenMs === null || nowMs - one.lastSeenMs > QUIET_MS;
  return {
    id: one.id,
    name: '',
    kind,
    state: quiet ? 'idle' : 'up',
    detail:
      one.lastSeenMs === null
        ? 'nothing came yet'
        : quiet
          ? 'nothing came in the last minute'
          : 'receiving',
    address: one.address,
    acceptedSpans: one.acceptedSpans,
    acceptedPoints: one.acceptedPoints,
    refused: [...one.refused],
    spansPerSecond: one.spansPerSecond,
    pointsPerSecond: one.pointsPerSecond,
    lagMs: one.lagMs,
    completeness: null,
    lastSeen: isoOf(one.lastSeenMs),
    lastError: one.lastError,
  };
}

function isoOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
