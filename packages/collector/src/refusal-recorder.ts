// Refusals on their way into the store: added up and written every few seconds, so that a flood of
// refused requests is not a flood of inserts.

import type { Signal } from '@clover/model';
import type { RefusalSink } from './sink.ts';
import { SYSTEM_CLOCK, type Clock } from './queue-limits.ts';

interface Row {
  readonly timeMs: number;
  readonly source: string;
  readonly signal: Signal;
  readonly reason: string;
  count: number;
}

export interface RefusalRecorder {
  add(row: Readonly<Row>): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

/** Counts by source, signal and reason within `intervalMs`; what the sink does not take is tried again with the next. */
export function createRefusalRecorder(options: {
  sink: RefusalSink;
  intervalMs?: number;
  clock?: Clock;
}): RefusalRecorder {
  const clock = options.clock ?? SYSTEM_CLOCK;
  let rows = new Map<string, Row>();
  let cancel: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();

  function add(row: Readonly<Row>): void {
    const key = `${row.source}\0${row.signal}\0${row.reason}`;
    const known = rows.get(key);
    if (known) known.count += row.count;
    else rows.set(key, { ...row });
    cancel ??= clock.after(options.intervalMs ?? 2000, () => {
      cancel = undefined;
      writing = write();
    });
  }

  async function write(): Promise<void> {
    const written = rows;
    rows = new Map();
    try {
      await options.sink.recordRefusals([...written.values()]);
    } catch {
      // The receivers' own counters still hold them.
      for (const row of written.values()) add(row);
    }
  }

  return {
    add,
    async close() {
      cancel?.();
      cancel = undefined;
      await writing;
      if (rows.size > 0) await options.sink.recordRefusals([...rows.values()]);
    },
  };
}
