import { setTimeout as sleep } from 'node:timers/promises';
import { CloverError, type Span } from '@clover/model';
import { SpanCounts } from '../decode-result.ts';
import type { SpanPipeline } from '../queue.ts';

export type SpanWriter = (
  spans: readonly Span[],
) => Promise<readonly { readonly reason: string; readonly count: number }[]>;

/**
 * Spans in object form into the pipeline, so that the processors apply to them as to all others.
 * Resolves when they are durable, with what was refused; waits while the pipeline is full, as long
 * as `patienceMs` (default 30 s), then rejects with its error.
 */
export function createSpanWriter(
  pipeline: SpanPipeline,
  source: string,
  options: { patienceMs?: number } = {},
): SpanWriter {
  const patienceMs = options.patienceMs ?? 30_000;
  return async (spans) => {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      try {
        const { counts } = await pipeline.submit((builder) => {
          const tally = new SpanCounts();
          for (const span of spans) tally.add(builder.appendSpan(span, source));
          return tally;
        });
        return [...counts.refused].map(([reason, count]) => ({ reason, count }));
      } catch (error) {
        if (!(error instanceof CloverError) || error.status !== 429 || Date.now() > deadline) {
          throw error;
        }
        await sleep(Math.max(20, pipeline.retryAfterMs()));
      }
    }
  };
}
