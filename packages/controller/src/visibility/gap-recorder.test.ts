import { expect, it } from 'vitest';
import { createGapRecorder } from './gap-recorder.ts';

const T = 1_800_000_000_000;
const DOWN = { failures: 1, detail: 'connection refused', incomplete: '', askedFromMs: T - 15_000 };
const UP = { failures: 0, detail: '3 new spans', incomplete: '' };

/** A recorder whose writes are listed, in seconds after T. */
function recorder() {
  const seen: string[] = [];
  const time = { ms: T };
  const at = (ms: number) => (ms - T) / 1000;
  const gaps = createGapRecorder({
    store: {
      recordGap: async (gap) =>
        void seen.push(`${at(gap.startMs)}..${at(gap.endMs)} ${gap.reason}`),
      closeGaps: async (gap) => void seen.push(`closed from ${at(gap.fromMs)}`),
    },
    source: 'jaeger',
    signal: 'traces',
    clock: () => time.ms,
    onError: (error) => expect(error).toBeUndefined(),
  });
  return { gaps, seen, time };
}

it('a pull that fails has a gap since its last success, until one succeeds and asks for it again', async () => {
  const { gaps, seen, time } = recorder();
  const success = (ms: number) => ({
    ...UP,
    lastPullUnixMs: ms,
    lastSuccessUnixMs: ms,
    askedFromMs: ms - 15_000,
  });
  gaps.note(success(T));
  time.ms = T + 2000;
  gaps.note({ ...DOWN, lastPullUnixMs: time.ms, lastSuccessUnixMs: T });
  time.ms = T + 6000;
  gaps.note({ ...DOWN, failures: 2, lastPullUnixMs: time.ms, lastSuccessUnixMs: T });
  time.ms = T + 8000;
  gaps.note({ ...success(time.ms), askedFromMs: T - 15_000 });
  time.ms = T + 10_000;
  gaps.note(success(time.ms));
  await gaps.close();
  expect(seen).toEqual([
    'closed from -15',
    '0..122 connection refused',
    '0..126 connection refused',
    'closed from -15',
    '0..0 connection refused',
  ]);
});

it('what a success did not ask for again stays a gap, one that has ended', async () => {
  const { gaps, seen, time } = recorder();
  gaps.note({ ...DOWN, lastPullUnixMs: T, lastSuccessUnixMs: null });
  time.ms = T + 6000;
  // As of a Jaeger that knows no services, or of a Prometheus whose clock is ahead of ours.
  const success = { ...UP, lastPullUnixMs: time.ms, lastSuccessUnixMs: time.ms };
  gaps.note({ ...success, askedFromMs: T + 5000 });
  gaps.note({ ...DOWN, lastPullUnixMs: time.ms, lastSuccessUnixMs: time.ms });
  time.ms = T + 8000;
  gaps.note({ ...success, askedFromMs: T + 60_000 });
  await gaps.close();
  expect(seen).toEqual([
    '0..120 connection refused',
    'closed from 5',
    '0..5 connection refused',
    '6..126 connection refused',
    'closed from 60',
    '6..8 connection refused',
  ]);
});

it('a pull that is ended while it fails leaves its gap up to then', async () => {
  const { gaps, seen, time } = recorder();
  gaps.note({ ...DOWN, lastPullUnixMs: T, lastSuccessUnixMs: null });
  time.ms = T + 5000;
  await gaps.close();
  expect(seen).toEqual(['0..120 connection refused', '0..5 connection refused']);
});

it('what was cut stays a gap, one that grows', async () => {
  const { gaps, seen, time } = recorder();
  for (let second = 0; second <= 12; second += 2) {
    time.ms = T + second * 1000;
    gaps.note({
      ...UP,
      incomplete: second < 12 ? 'cut at the limit' : '',
      lastPullUnixMs: time.ms,
      lastSuccessUnixMs: time.ms,
      askedFromMs: time.ms - 15_000,
    });
  }
  await gaps.close();
  expect(seen).toEqual(['closed from -15', '-15..0 cut at the limit', '-15..10 cut at the limit']);
});

it('what misses for good keeps its gap when it succeeds again, up to then', async () => {
  const seen: string[] = [];
  const time = { ms: T };
  const at = (ms: number) => (ms - T) / 1000;
  const gaps = createGapRecorder({
    store: {
      recordGap: async (gap) => void seen.push(`${at(gap.startMs)}..${at(gap.endMs)}`),
      closeGaps: async (gap) => void seen.push(`closed from ${at(gap.fromMs)}`),
    },
    source: 'scrape:http://127.0.0.1:1/metrics',
    signal: 'metrics',
    missesForGood: true,
    clock: () => time.ms,
    onError: (error) => expect(error).toBeUndefined(),
  });
  const none = { askedFromMs: null };
  gaps.note({ ...UP, ...none, lastPullUnixMs: T, lastSuccessUnixMs: T });
  time.ms = T + 15_000;
  gaps.note({ ...DOWN, ...none, lastPullUnixMs: time.ms, lastSuccessUnixMs: T });
  time.ms = T + 30_000;
  gaps.note({ ...UP, ...none, lastPullUnixMs: time.ms, lastSuccessUnixMs: time.ms });
  gaps.note({ ...UP, ...none, lastPullUnixMs: time.ms, lastSuccessUnixMs: time.ms });
  await gaps.close();
  expect(seen).toEqual(['0..135', '0..30']);
});

it('a gap that cannot be written is told, and the next one is written', async () => {
  const errors: unknown[] = [];
  let full = true;
  const written: number[] = [];
  const gaps = createGapRecorder({
    store: {
      async recordGap({ endMs }) {
        if (full) throw new Error('the disk is full');
        written.push(endMs);
      },
      closeGaps: async () => undefined,
    },
    source: 'jaeger',
    signal: 'traces',
    clock: () => T,
    onError: (error) => {
      errors.push(error);
      full = false;
    },
  });
  gaps.note({ ...DOWN, lastPullUnixMs: T, lastSuccessUnixMs: null });
  gaps.note({ ...DOWN, lastPullUnixMs: T, lastSuccessUnixMs: null });
  await gaps.close();
  expect(errors).toEqual([new Error('the disk is full')]);
  expect(written).toEqual([T + 120_000, T]);
});

it('the end of a gap that cannot be written is written at the next pull', async () => {
  const errors: unknown[] = [];
  const written: string[] = [];
  let full = false;
  const write = async (what: string) => {
    if (full) throw new Error('the disk is full');
    written.push(what);
  };
  const time = { ms: T };
  const gaps = createGapRecorder({
    store: {
      recordGap: ({ startMs, endMs }) => write(`${startMs - T}..${endMs - T}`),
      closeGaps: ({ fromMs }) => write(`closed from ${fromMs - T}`),
    },
    source: 'jaeger',
    signal: 'traces',
    clock: () => time.ms,
    onError: (error) => {
      errors.push(error);
      full = false;
    },
  });
  gaps.note({ ...DOWN, lastPullUnixMs: T, lastSuccessUnixMs: T });
  await expect.poll(() => written).toEqual(['0..120000']);
  full = true;
  time.ms = T + 5000;
  const success = { ...UP, lastPullUnixMs: time.ms, lastSuccessUnixMs: time.ms };
  gaps.note({ ...success, askedFromMs: T - 15_000 });
  await expect.poll(() => errors).toEqual([new Error('the disk is full')]);
  time.ms = T + 60_000;
  gaps.note({ ...success, askedFromMs: T + 45_000 });
  await gaps.close();
  expect(written).toEqual(['0..120000', '0..0']);
});
