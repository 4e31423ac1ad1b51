import type { LatencyHeatmap, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { askedOnce } from './asked-once.ts';
import { effectiveSide } from './effective-side.ts';
import { latencyBins, latencyCondition, type LatencyOptions } from './latency-histogram.ts';
import { startMeta } from './meta.ts';
import { ask } from './question.ts';
import { FAILED } from './sides.ts';
import { bucketSql } from './sketch.ts';
import { stepsOf, wholeSteps } from './steps.ts';

export interface HeatmapOptions extends LatencyOptions {
  /** Time steps wished for; 120 when not given. Steps are round, so there may be fewer. */
  readonly columns?: number | undefined;
}

const ROWS = 40;

/** Spans of a scope per time step and latency: up to 40 rows of equal ratio; steps begin with the first data. */
export async function latencyHeatmap(
  source: Queryable,
  scope: Scope,
  options: HeatmapOptions = {},
): Promise<LatencyHeatmap> {
  const store = askedOnce(source);
  const meta = startMeta(store, scope);
  // What is planned meanwhile is the plan wanted next where data begins before the range.
  const [{ startMs }] = await Promise.all([meta.ratedRange(), ask(store, scope)]);
  const known = { ...scope, startMs };
  const steps = stepsOf(known, { points: options.columns ?? 120 });
  const { side, notes } = await effectiveSide(store, known, options.side);
  const question = await ask(store, known);
  const rows = await store.select<{
    step: number;
    slot: number;
    total: number;
    failed: number;
    spans: number;
  }>(
    `SELECT toUInt32(intDiv(toUnixTimestamp64Milli(start) - ${steps.firstMs}, ${steps.stepMs})) AS step,
       ${bucketSql('duration_ns')} AS slot, sum(weight) AS total, sumIf(weight, ${FAILED}) AS failed,
       toFloat64(count()) AS spans
     FROM ${question.spans()} WHERE ${latencyCondition(question, { ...options, side })}
     GROUP BY step, slot`,
    question.params.values,
  );
  const bins = latencyBins(
    rows.map((row) => row.slot),
    ROWS,
  );
  const grid = () =>
    Array.from({ length: steps.count }, () => Array.from({ length: bins.edges.length }, () => 0));
  const counts = grid();
  const errors = grid();
  for (const row of rows) {
    if (row.step >= steps.count) continue; // an older span that came between the questions
    const bin = bins.indexOf(row.slot);
    counts[row.step]![bin]! += row.total;
    errors[row.step]![bin]! += row.failed;
  }
  return {
    meta: await meta.finish({
      notes,
      sampled: rows.some((row) => Math.abs(row.total - row.spans) > 1e-6),
    }),
    stepMs: steps.stepMs,
    timesMs: [...steps.timesMs],
    ...wholeSteps(steps, known),
    buckets: [...bins.edges],
    counts,
    errors,
  };
}
