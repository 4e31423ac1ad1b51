import type { RatesAnswer, RateSeries, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { askedOnce } from './asked-once.ts';
import { callRates } from './call-rates.ts';
import { effectiveSide } from './effective-side.ts';
import { startMeta } from './meta.ts';
import { flowSql, type FlowRow } from './flow.ts';
import { REST, type FoundRates, type RateCell } from './rate-cells.ts';
import { ask } from './question.ts';
import { redGroups, type RedGroup } from './red.ts';
import { sideCondition, type Side } from './sides.ts';
import { percentile } from './sketch.ts';
import { stepsOf, type Steps, wholeSteps } from './steps.ts';

export type RatesBy = 'none' | 'service' | 'edge' | 'url' | 'statusClass' | 'version' | 'operation';

export interface RatesOptions {
  /** `service` when not given. */
  readonly by?: RatesBy | undefined;
  /** Seconds; about 120 points when not given. */
  readonly step?: number | undefined;
  /** Largest series shown; 8 when not given. The others are summed as `rest`. */
  readonly limit?: number | undefined;
  readonly side?: Side | undefined;
}

/**
 * Requests started, answered and under way per second over time, with errors and percentiles of those
 * started; largest series first, `rest` last. Values are null before the answer's first data.
 */
export async function rates(
  source: Queryable,
  scope: Scope,
  options: RatesOptions = {},
): Promise<RatesAnswer> {
  const store = askedOnce(source);
  const meta = startMeta(store, scope);
  // From the first data on: a minute of data is not one point of a quarter of an hour.
  const [{ startMs }] = await Promise.all([meta.ratedRange(), ask(store, scope)]);
  const known = { ...scope, startMs };
  const steps = stepsOf(known, {
    stepMs: options.step === undefined ? undefined : options.step * 1000,
  });
  const by = options.by ?? 'service';
  const found =
    by === 'edge'
      ? await callRates(store, known, steps, options.limit ?? 8)
      : await spanRates(store, known, steps, options);
  return {
    meta: await meta.finish({ sampled: found.sampled, notes: found.notes ?? [] }),
    stepMs: steps.stepMs,
    timesMs: [...steps.timesMs],
    ...wholeSteps(steps, known),
    series: buildSeries(found, steps, known),
  };
}

async function spanRates(
  store: Queryable,
  scope: Scope,
  steps: Steps,
  options: RatesOptions,
): Promise<FoundRates> {
  const limit = options.limit ?? 8;
  const { side, notes } = await effectiveSide(store, scope, options.side);
  const by = options.by ?? 'service';
  const key = by === 'none' ? undefined : by;
  const groupKeys = key === undefined ? [] : [key];
  const top =
    key === undefined
      ? ['']
      : (
          await redGroups(store, await ask(store, scope), {
            keys: groupKeys,
            side,
            limit: limit + 1,
          })
        ).map((group) => group.values[0] as string);
  const shown = top.slice(0, limit);
  const [question, flowQuestion] = await Promise.all([
    ask(store, scope, { resolutionMs: steps.stepMs }),
    ask(store, scope),
  ]);
  const fold = (names: string) => (sql: string) =>
    `if(${sql} IN ${names}, toString(${sql}), '${REST}')`;
  const [groups, flow] = await Promise.all([
    redGroups(store, question, {
      keys: groupKeys,
      side,
      step: steps,
      fold: fold(question.params.bind(shown, 'Array(String)')),
    }),
    store.select<FlowRow>(
      flowSql(flowQuestion, {
        steps,
        key:
          key === undefined
            ? "''"
            : fold(flowQuestion.params.bind(shown, 'Array(String)'))(flowQuestion.key(key)),
        condition: sideCondition(side),
      }),
      flowQuestion.params.values,
    ),
  ]);
  return {
    keys: top.length > limit ? [...shown, REST] : shown,
    cells: groups.map(cellOf),
    flow,
    notes,
    sampled: groups.some((group) => Math.abs(group.requests - group.spans) > 1e-6),
  };
}

function cellOf(group: RedGroup): RateCell {
  return {
    key: group.values[0] ?? '',
    step: group.step,
    requests: group.requests,
    errors: group.errors,
    p50Ns: percentile(group.sketch, 0.5, group),
    p95Ns: percentile(group.sketch, 0.95, group),
    p99Ns: percentile(group.sketch, 0.99, group),
  };
}

function buildSeries(found: FoundRates, steps: Steps, scope: Scope): RateSeries[] {
  const firstStep = Math.min(
    ...found.cells.map((cell) => cell.step),
    ...found.flow.map((row) => row.step),
  );
  return found.keys.map((key) => {
    const blank = () =>
      Array.from({ length: steps.count }, (_, i): number | null => (i < firstStep ? null : 0));
    const none = () => Array.from<number | null>({ length: steps.count }).fill(null);
    const series = {
      key,
      requests: blank(),
      errors: blank(),
      responses: blank(),
      inFlight: blank(),
      p50Ns: none(),
      p95Ns: none(),
      p99Ns: none(),
    };
    for (const cell of found.cells) {
      if (cell.key !== key || cell.step >= steps.count) continue;
      const seconds = secondsIn(cell.step, steps, scope);
      series.requests[cell.step] = cell.requests / seconds;
      series.errors[cell.step] = cell.errors / seconds;
      series.p50Ns[cell.step] = cell.p50Ns;
      series.p95Ns[cell.step] = cell.p95Ns;
      series.p99Ns[cell.step] = cell.p99Ns;
    }
    for (const row of found.flow) {
      if (row.key !== key || row.step >= steps.count) continue;
      const seconds = secondsIn(row.step, steps, scope);
      series.responses[row.step] = row.ended / seconds;
      series.inFlight[row.step] = row.overlapMs / 1000 / seconds;
    }
    return series;
  });
}

/** The part of a step that lies in the range: the first and the last may be cut. */
function secondsIn(step: number, steps: Steps, scope: Scope): number {
  const from = Math.max(steps.firstMs + step * steps.stepMs, scope.startMs);
  const to = Math.min(steps.firstMs + (step + 1) * steps.stepMs, scope.endMs);
  return Math.max(to - from, 1) / 1000;
}
