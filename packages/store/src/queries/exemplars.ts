import type { ExemplarsAnswer, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { effectiveSide } from './effective-side.ts';
import { latencyCondition, type LatencyOptions } from './latency-histogram.ts';
import { isSampled, startMeta } from './meta.ts';
import { ask } from './question.ts';
import { FAILED } from './sides.ts';
import { stepsOf } from './steps.ts';

export interface ExemplarsOptions extends LatencyOptions {
  /** Seconds; about 60 steps when not given. */
  readonly step?: number | undefined;
  /** 8 when not given. */
  readonly limit?: number | undefined;
}

/** The slowest spans of a scope, at most one a step, so that they stand apart on a chart; slowest first. */
export async function exemplars(
  store: Queryable,
  scope: Scope,
  options: ExemplarsOptions = {},
): Promise<ExemplarsAnswer> {
  const meta = startMeta(store, scope);
  const { stepMs } = stepsOf(scope, {
    stepMs: options.step === undefined ? undefined : options.step * 1000,
    points: 60,
  });
  const { side, notes } = await effectiveSide(store, scope, options.side);
  const question = await ask(store, scope);
  const items = await store.select<ExemplarsAnswer['items'][number] & { weight: number }>(
    `SELECT lower(hex(trace_id)) AS traceId, lower(hex(span_id)) AS spanId, toString(service) AS service, toString(name) AS name,
       toString(toUnixTimestamp64Nano(start)) AS startTimeUnixNano, toFloat64(duration_ns) AS durationNs, ${FAILED} = 1 AS failed, weight
     FROM ${question.spans()} WHERE ${latencyCondition(question, { ...options, side })}
     ORDER BY duration_ns DESC, start, spanId
     LIMIT 1 BY intDiv(toUnixTimestamp64Milli(start), ${stepMs}) LIMIT ${options.limit ?? 8}`,
    question.params.values,
  );
  const weights = items.map(({ weight }) => ({ spans: 1, requests: weight }));
  return {
    meta: await meta.finish({ notes, sampled: isSampled(weights) }),
    items: items.map(
      ({ traceId, spanId, service, name, startTimeUnixNano, durationNs, failed }) => ({
        traceId,
        spanId,
        service,
        name,
        startTimeUnixNano,
        durationNs,
        failed: Boolean(failed),
      }),
    ),
  };
}
