// What ended and what was under way in each step: every span adds the time it overlaps with a step.
import { LOOKBACK_MS } from './calls.ts';
import type { Question } from './question.ts';
import type { Steps } from './steps.ts';
import { timeCondition } from './where.ts';

export interface FlowRow {
  readonly key: string;
  readonly step: number;
  /** Weight of spans that ended in the step. */
  readonly ended: number;
  /** Milliseconds of spans in the step, weighted. */
  readonly overlapMs: number;
}

/**
 * SQL of FlowRows. Spans that started up to an hour before the range still count where they overlap it.
 * `source` (with at_ms, ns, weight) takes the place of the question's spans.
 */
export function flowSql(
  question: Question,
  options: {
    steps: Steps;
    key: string;
    condition: string;
    source?: string;
    /** Columns of `source` that are carried along, and what is made of them per step; `started` is 1 in a span's first step. */
    carry?: string;
    figures?: string;
  },
): string {
  const { steps, key, carry = '', figures = '' } = options;
  const { scope, params } = question;
  const wide = { startMs: scope.startMs - LOOKBACK_MS, endMs: scope.endMs };
  const source =
    options.source ??
    `SELECT ${key} AS key, toUnixTimestamp64Nano(start) / 1e6 AS at_ms, duration_ns AS ns, weight
     FROM ${question.spans()} WHERE ${timeCondition(wide, params)} AND ${options.condition} AND ${question.filters()}`;
  const float = (ms: number | string) => `toFloat64(${ms})`;
  const first = float(Math.floor(scope.startMs));
  const end = float(Math.floor(scope.endMs));
  const index = (ms: string) =>
    `toUInt32(intDiv(toInt64(${ms}) - ${steps.firstMs}, ${steps.stepMs}))`;
  return `SELECT toString(key) AS key, step, sumIf(weight, from_ms <= end_ms AND end_ms < to_ms) AS ended,
      sum(weight * greatest(least(end_ms, to_ms) - greatest(at_ms, from_ms), toFloat64(0))) AS overlapMs${figures && `, ${figures}`}
    FROM (
      SELECT key, at_ms, end_ms, weight, ns,${carry && `${carry},`} at_ms >= from_ms AND at_ms < to_ms AS started,
        arrayJoin(range(${index(`greatest(at_ms, ${first})`)}, ${index(`least(end_ms, ${end} - 1)`)} + 1)) AS step,
        greatest(${float(`${steps.firstMs} + toInt64(step) * ${steps.stepMs}`)}, ${first}) AS from_ms,
        least(${float(`${steps.firstMs} + (toInt64(step) + 1) * ${steps.stepMs}`)}, ${end}) AS to_ms
      FROM (SELECT key, at_ms, at_ms + ns / 1e6 AS end_ms, weight, ns${carry && `, ${carry}`} FROM (${source}))
      WHERE end_ms >= ${first} AND at_ms < ${end}
    )
    GROUP BY key, step`;
}
