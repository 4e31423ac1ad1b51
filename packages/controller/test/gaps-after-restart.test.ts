// What a start makes of the gaps of earlier runs: an outage stays as long as it was.

import type { Meta } from '@clover/model';
import { openStore, services, type Store } from '@clover/store';
import { tempDir } from '@clover/test-support';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGapRecorder } from '../src/visibility/gap-recorder.ts';

const SECOND = 1000;
const DAY = 86_400_000;
const T = Math.floor(Date.now() / SECOND) * SECOND - 20 * DAY;
const SOURCE = { source: 'jaeger', signal: 'traces' as const };

let nowMs = T;
let dir: Awaited<ReturnType<typeof tempDir>>;
let store: Store;
const open = () => openStore({ dataDir: dir.path, backgroundRollups: false, clock: () => nowMs });
beforeEach(async () => {
  nowMs = T;
  dir = await tempDir('clover-gaps-after-restart-');
  store = await open();
});
afterEach(async () => {
  await store.close();
  await dir.remove();
});

/** As a process does that died and is started again `afterMs` later. */
async function restart(afterMs: number) {
  await store.close();
  nowMs += afterMs;
  store = await open();
  await store.endLeftGaps();
}

const recorder = () =>
  createGapRecorder({
    store,
    ...SOURCE,
    clock: () => nowMs,
    onError: (error) => expect(error).toBeUndefined(),
  });
const up = (askedFromMs: number, ms = nowMs) => ({
  failures: 0,
  detail: '',
  incomplete: '',
  lastPullUnixMs: ms,
  lastSuccessUnixMs: ms,
  askedFromMs,
});
const down = () => ({ ...up(T), failures: 1, detail: 'connection refused', lastSuccessUnixMs: T });

/** Seconds after T between which a range of the next 20 days is said to miss something. */
async function missing(): Promise<number[]> {
  const scope = { startMs: T - DAY, endMs: T + 20 * DAY, filters: [] };
  const { notes }: Meta = (await services(store, scope)).meta;
  return notes.flatMap((note) =>
    [...note.matchAll(/(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/g)].map(
      ([, day, time]) => (Date.parse(`${day}T${time}Z`) - T) / SECOND,
    ),
  );
}

it('an outage that was not caught up with lasts until the pull that asked again, not until the next start', async () => {
  const gaps = recorder();
  gaps.note(up(T - 15 * SECOND));
  nowMs = T + 5 * SECOND;
  gaps.note(down());
  nowMs = T + 10 * SECOND;
  gaps.note(up(nowMs)); // a Jaeger that was started anew and knows no services
  await gaps.close();
  expect(await missing()).toEqual([0, 10]);
  await restart(10 * DAY);
  expect(await missing()).toEqual([0, 10]);
});

it('a gap that a dead process left open is not stretched over the days until the next start', async () => {
  recorder().note(down());
  await expect.poll(missing).toEqual([0, 120]);
  await restart(10 * DAY);
  expect(await missing()).toEqual([0, 120]);
});

it('a gap that a dead process left open ends at a start soon after', async () => {
  recorder().note(down());
  await expect.poll(missing).toEqual([0, 120]);
  await restart(30 * SECOND);
  expect(await missing()).toEqual([0, 30]);
});

it('a gap of an earlier run is taken back as far as a pull catches up with it', async () => {
  recorder().note(down());
  await expect.poll(missing).toEqual([0, 120]);
  await restart(600 * SECOND);
  const later = recorder();
  later.note(up(T + 60 * SECOND));
  await later.close();
  expect(await missing()).toEqual([0, 60]);
  const reachingBack = recorder();
  reachingBack.note(up(T));
  await reachingBack.close();
  expect(await missing()).toEqual([]);
});
