// Lines to a log that may be slow, full or gone, without traffic ever waiting for it: lines are gathered
// in chunks, one chunk is written at a time, and what does not fit in memory is dropped and counted.

import { PartialWrite, type LogTarget } from './log-target.ts';

export interface LogWriterOptions {
  readonly target: LogTarget;
  /** A chunk so large is written at once; 64 KB by default. */
  readonly chunkBytes?: number;
  /** Of all lines that wait; 4 MB by default. */
  readonly maxPendingBytes?: number;
  /** A chunk that is not full is written after so long; 1 s by default, as Envoy does. */
  readonly flushMs?: number;
  /** Until the next try after a failed write; 1 s by default. */
  readonly retryMs?: number;
}

export interface LogWriterStats {
  readonly writtenLines: number;
  readonly droppedLines: number;
  readonly failedWrites: number;
  readonly pendingBytes: number;
  /** Code of the last failure; '' after a success. */
  readonly lastError: string;
}

export interface LogWriter {
  /** Text with its line break; each character is one byte (header text is read so). */
  write(line: string): void;
  stats(): LogWriterStats;
  /** Resolves when all lines up to now are written or dropped, or after `timeoutMs`. */
  flush(timeoutMs?: number): Promise<void>;
  reopen(): Promise<void>;
  close(timeoutMs?: number): Promise<void>;
}

interface Chunk {
  bytes: Buffer;
  length: number;
  lines: number;
}

/** A pipe's reader is asked again after this. */
const FULL_PIPE_MS = 20;

export function createLogWriter(options: LogWriterOptions): LogWriter {
  const { target, chunkBytes = 65_536, maxPendingBytes = 4 << 20 } = options;
  const { flushMs = 1_000, retryMs = 1_000 } = options;
  const stats = { written: 0, dropped: 0, failed: 0, lastError: '' };
  const pending: Chunk[] = [];
  const spare: Buffer[] = [];
  let pendingBytes = 0;
  let current = newChunk();
  let flushTimer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let wake: (() => void) | undefined;
  let isTorn = false;
  let closed = false;

  function newChunk(): Chunk {
    return { bytes: spare.pop() ?? Buffer.allocUnsafeSlow(chunkBytes), length: 0, lines: 0 };
  }

  function push(): void {
    if (current.lines === 0) return;
    pending.push(current);
    current = newChunk();
    running ??= run().finally(() => (running = undefined));
  }

  async function run(): Promise<void> {
    for (let chunk = pending[0]; chunk !== undefined; chunk = pending[0]) {
      await writeChunk(chunk);
      pending.shift();
      pendingBytes -= chunk.length;
      if (spare.length < 4 && chunk.bytes.length === chunkBytes) spare.push(chunk.bytes);
    }
  }

  /** Until it is out or given up. */
  async function writeChunk(chunk: Chunk): Promise<void> {
    let rest: Uint8Array = chunk.bytes.subarray(0, chunk.length);
    for (;;) {
      try {
        // A line that was cut off must not take the next one with it.
        if (isTorn) await target.write(NEWLINE);
        isTorn = false;
        await target.write(rest);
        stats.written += chunk.lines;
        stats.lastError = '';
        return;
      } catch (error) {
        const code = codeOf(error);
        if (error instanceof PartialWrite && error.written > 0) rest = rest.subarray(error.written);
        if (code !== 'EAGAIN') {
          stats.failed++;
          stats.lastError = code;
        }
        const isUndone = rest.length === chunk.length;
        if (code === 'EAGAIN' && !closed) {
          await pause(FULL_PIPE_MS);
          continue;
        }
        stats.dropped += chunk.lines;
        isTorn ||= !isUndone;
        if (!closed) await pause(retryMs);
        return;
      }
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      timer.unref();
      function done(): void {
        clearTimeout(timer);
        wake = undefined;
        resolve();
      }
      wake = done;
    });
  }

  function onTimer(): void {
    flushTimer = undefined;
    push();
  }

  async function flush(timeoutMs = 5_000): Promise<void> {
    push();
    if (running === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
    await Promise.race([running, limit]);
    clearTimeout(timer);
  }

  return {
    write(line) {
      const { length } = line;
      if (closed || pendingBytes + length > maxPendingBytes) {
        stats.dropped++;
        return;
      }
      if (current.length + length > current.bytes.length) {
        push();
        if (length > current.bytes.length) current.bytes = Buffer.allocUnsafeSlow(length);
      }
      current.bytes.write(line, current.length, 'latin1');
      current.length += length;
      current.lines++;
      pendingBytes += length;
      if (flushTimer === undefined) flushTimer = setTimeout(onTimer, flushMs).unref();
    },
    stats: () => ({
      writtenLines: stats.written,
      droppedLines: stats.dropped,
      failedWrites: stats.failed,
      pendingBytes,
      lastError: stats.lastError,
    }),
    flush,
    reopen: () => target.reopen(),
    async close(timeoutMs = 2_000) {
      await flush(timeoutMs);
      closed = true;
      clearTimeout(flushTimer);
      wake?.();
      await flush(500);
      await target.close();
    },
  };
}

const NEWLINE = Buffer.from('\n');

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? String(error);
}
