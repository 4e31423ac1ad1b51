import type { SpanBatchBuilder } from './builder.ts';

/** When the last `count` spans of a builder had all ended, in unix milliseconds. */
export function newestEndMs(builder: SpanBatchBuilder, count: number): number {
  const { startTimes, durations } = builder.columns;
  let newest = 0;
  for (let row = builder.count - count; row < builder.count; row++) {
    const end =
      (startTimes[row * 2 + 1]! + durations[row * 2 + 1]!) * 0x1_0000_0000 +
      startTimes[row * 2]! +
      durations[row * 2]!;
    if (end > newest) newest = end;
  }
  return newest / 1e6;
}
