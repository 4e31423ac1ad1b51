// Times in which targets of the scraper gave nothing, kept in the store: answers about metrics own up to them.

import type { ScrapeStatus } from '@clover/collector';
import type { Store } from '@clover/store';
import { createGapRecorder, type GapRecorder } from '../visibility/gap-recorder.ts';

export interface ScrapeGaps {
  /** Told of every scrape. */
  note(status: ScrapeStatus): void;
  /** Only these are scraped from now on: the others' gaps end. */
  keep(urls: readonly string[]): Promise<void>;
}

export function createScrapeGaps(
  store: Pick<Store, 'recordGap' | 'closeGaps'>,
  onError: (error: unknown) => void,
): ScrapeGaps {
  const recorders = new Map<string, GapRecorder>();
  return {
    note(status) {
      const { url, error, lastScrapeUnixMs, lastSuccessUnixMs } = status;
      let recorder = recorders.get(url);
      if (!recorder) {
        recorder = createGapRecorder({
          store,
          source: `scrape:${url}`,
          signal: 'metrics',
          missesForGood: true,
          onError,
        });
        recorders.set(url, recorder);
      }
      recorder.note({
        failures: error === null ? 0 : 1,
        detail: error ?? '',
        lastPullUnixMs: lastScrapeUnixMs,
        lastSuccessUnixMs,
        askedFromMs: null,
        incomplete: '',
      });
    },
    async keep(urls) {
      const gone = [...recorders].filter(([url]) => !urls.includes(url));
      for (const [url] of gone) recorders.delete(url);
      await Promise.all(gone.map(([, recorder]) => recorder.close()));
    },
  };
}
