import type { ExplainAnswer, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { askedOnce } from './asked-once.ts';
import { effectiveSide } from './effective-side.ts';
import { explanations } from './explanations.ts';
import { startMeta } from './meta.ts';
import { ask } from './question.ts';
import { redGroups } from './red.ts';
import { FAILED, sideCondition } from './sides.ts';
import { percentile } from './sketch.ts';
import { durationNs } from './where.ts';

export interface ExplainOptions {
  /** `errors` when not given. */
  readonly what?: 'errors' | 'slow' | undefined;
  /** Slow means at least this; the scope's p95 when not given. */
  readonly minDuration?: string | undefined;
  /** Slow means at most this too. */
  readonly maxDuration?: string | undefined;
}

/** What sets the failed or slow requests of a scope apart from its other requests (server-side spans, or all when none tells its side). */
export async function explain(
  source: Queryable,
  scope: Scope,
  options: ExplainOptions = {},
): Promise<ExplainAnswer> {
  const store = askedOnce(source);
  const meta = startMeta(store, scope);
  const question = await ask(store, scope);
  const { side, notes } = await effectiveSide(store, scope, 'server');
  const groups = await redGroups(store, await ask(store, scope), { keys: [], side });
  const whole = groups[0];
  const slow = options.what === 'slow';
  const threshold =
    slow && whole
      ? options.minDuration === undefined
        ? percentile(whole.sketch, 0.95, whole)
        : durationNs(options.minDuration)
      : null;
  const selected =
    threshold === null
      ? FAILED
      : [
          `duration_ns >= ${question.params.bind(threshold, 'Float64')}`,
          ...(options.maxDuration === undefined
            ? []
            : [
                `duration_ns <= ${question.params.bind(durationNs(options.maxDuration), 'Float64')}`,
              ]),
        ].join(' AND ');
  const base = `${question.where()} AND ${sideCondition(side)}`;
  const sums = await selectedSums(store, question, base, selected);
  const found = await explanations(store, {
    spans: question.spans(),
    a: `${base} AND NOT (${selected})`,
    b: `${base} AND ${selected}`,
    params: question.params,
  });
  return {
    meta: await meta.finish({ notes: [...notes, ...found.notes] }),
    ...sums,
    thresholdNs: threshold,
    items: found.items,
  };
}

async function selectedSums(
  store: Queryable,
  question: Awaited<ReturnType<typeof ask>>,
  base: string,
  selected: string,
): Promise<{ selected: number; rest: number }> {
  const rows = await store.select<{ selected: number; rest: number }>(
    `SELECT sumIf(weight, ${selected}) AS selected, sumIf(weight, NOT (${selected})) AS rest
     FROM ${question.spans()} WHERE ${base}`,
    question.params.values,
  );
  return { selected: rows[0]?.selected ?? 0, rest: rows[0]?.rest ?? 0 };
}
