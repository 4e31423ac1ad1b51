// What a pull could not get, kept in the store, so that answers about that time own up to it.

import type { Signal } from '@clover/model';
import type { Gap, Store } from '@clover/store';
import type { Logger } from 'pino';

/** How a pull ended, as far as gaps go; JaegerPullStatus and PrometheusPullStatus are such. */
interface PullEnd {
  readonly failures: number;
  readonly detail: string;
  readonly lastPullUnixMs: number | null;
  readonly lastSuccessUnixMs: number | null;
  readonly askedFromMs: number | null;
  readonly incomplete: string;
}

export interface GapRecorder {
  /** Told of every pull, in order. */
  note(end: PullEnd): void;
  /** The pull is over: what it missed up to now stays missed, what comes from now on is nobody's gap. */
  close(): Promise<void>;
}

export interface GapRecorderOptions {
  readonly store: Pick<Store, 'recordGap' | 'closeGaps'>;
  readonly source: string;
  readonly signal: Signal;
  /** What it missed it cannot ask for again: a success ends the gap, and does not take it back. */
  readonly missesForGood?: boolean;
  readonly clock?: () => number;
  /** Of a write that failed; see gapNotKept. */
  readonly onError: (error: unknown) => void;
}

interface OpenGap {
  readonly startMs: number;
  readonly reason: string;
  writtenMs: number;
}

/** A failing pull's gap reaches this far ahead, past its next try; where the process dies, it ends there at the latest. */
const AHEAD_MS = 120_000;
/** A gap that only grows is written so often at most. */
const WRITE_EVERY_MS = 10_000;

/** Answers will not own up to that time: somebody must see it. */
export const gapNotKept = (logger: Pick<Logger, 'warn'>) => (error: unknown) =>
  logger.warn({ err: error }, 'what a source did not give could not be noted down');

/**
 * While a pull fails, the time since its last success is a gap; the pull that succeeds asks for it again and
 * closes it, unless it misses for good. What lies before the time that this pull asked for stays a gap, one that
 * has ended. Where an answer was cut, what that pull had asked for stays a gap.
 */
export function createGapRecorder(options: GapRecorderOptions): GapRecorder {
  const { store, source, signal } = options;
  const clock = options.clock ?? Date.now;
  let failing: OpenGap | undefined;
  let cut: OpenGap | undefined;
  /** An earlier run of this pull may have left some. */
  let mayHaveOpen = true;
  /** The last end of a gap, until the store has it: where writing it fails, the next pull does so again. */
  let unwritten: Gap | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function inOrder(work: () => Promise<void>): void {
    last = last.then(work).catch((error: unknown) => options.onError(error));
  }

  function record(gap: OpenGap, endMs: number): void {
    gap.writtenMs = clock();
    inOrder(() => store.recordGap({ source, signal, ...gap, endMs }));
  }

  async function writeEnd(ended: Gap): Promise<void> {
    await store.recordGap(ended);
    if (unwritten === ended) unwritten = undefined;
  }

  /** For a gap that is over; `first` is done before its end is written. */
  function finish(gap: OpenGap, endMs: number, first?: () => Promise<void>): void {
    const { startMs, reason } = gap;
    const ended = { source, signal, startMs, reason, endMs: Math.max(startMs, endMs) };
    inOrder(async () => {
      unwritten = ended;
      await first?.();
      await writeEnd(ended);
    });
  }

  function writeAgain(): void {
    const ended = unwritten;
    if (ended) inOrder(() => (unwritten === ended ? writeEnd(ended) : Promise.resolve()));
  }

  return {
    note(end) {
      const now = clock();
      writeAgain();
      if (end.failures > 0) {
        failing ??= {
          startMs: end.lastSuccessUnixMs ?? end.lastPullUnixMs ?? now,
          reason: end.detail,
          writtenMs: 0,
        };
        record(failing, now + AHEAD_MS);
        return;
      }
      if (options.missesForGood) {
        if (failing) finish(failing, end.lastSuccessUnixMs ?? now);
        failing = undefined;
        return;
      }
      const fromMs = end.askedFromMs ?? now;
      if (failing || mayHaveOpen) {
        const closeGaps = () => store.closeGaps({ source, signal, fromMs });
        // A source whose clock is ahead may have been asked from a time that is still to come.
        if (failing) finish(failing, Math.min(fromMs, now), closeGaps);
        else inOrder(closeGaps);
        failing = undefined;
        mayHaveOpen = false;
        cut = undefined; // what it had grown to is taken back from fromMs on too
      }
      if (end.incomplete === '') {
        cut = undefined;
      } else if (cut?.reason !== end.incomplete) {
        cut = { startMs: fromMs, reason: end.incomplete, writtenMs: 0 };
        record(cut, now);
      } else if (now - cut.writtenMs >= WRITE_EVERY_MS) {
        record(cut, now);
      }
    },
    async close() {
      writeAgain();
      if (failing) finish(failing, clock());
      failing = undefined;
      await last;
    },
  };
}
