// A real store in a folder of its own, for tests of the queries: spans go in as objects.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/open-store.ts';
import type { Store } from '../../src/store.ts';
import { spanBatchFrom, type TestSpan } from './test-spans.ts';

export interface TestStore extends Store {
  insert(spans: readonly TestSpan[]): Promise<void>;
}

const BATCH = 20_000;

/** Well past the time for which a writer may go on touching a minute it has announced. */
const REST_MS = 120_000;

/**
 * Opens an empty store; close() removes it. Windows are computed only by refreshRollups(), which lets the
 * store's clock go on first, so that what was written before has come to rest and its windows are used.
 */
export async function openTestStore(): Promise<TestStore> {
  const dataDir = mkdtempSync(join(tmpdir(), 'clover-queries-'));
  let ahead = 0;
  const store = await openStore({
    dataDir,
    backgroundRollups: false,
    clock: () => Date.now() + ahead,
  });
  return {
    ...store,
    async insert(spans) {
      for (let at = 0; at < spans.length; at += BATCH)
        await store.writeSpans(spanBatchFrom(spans.slice(at, at + BATCH)));
    },
    async refreshRollups() {
      ahead += REST_MS;
      await store.refreshRollups();
    },
    async close() {
      await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
