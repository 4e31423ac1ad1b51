import { CloverError, type CountsAnswer, type Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { askedOnce } from './asked-once.ts';
import { effectiveSide } from './effective-side.ts';
import { isSampled, startMeta } from './meta.ts';
import { ask, type Question } from './question.ts';
import { groupLatency, redGroups } from './red.ts';
import { FAILED, sideCondition, type Side } from './sides.ts';

export interface CountsOptions {
  /** One or two keys, comma-separated: names of COUNT_KEYS or attribute keys. `url` when not given. */
  readonly by?: string | undefined;
  readonly side?: Side | undefined;
  /** 50 when not given. */
  readonly limit?: number | undefined;
}

interface Totals {
  groups: number;
  count: number;
  errors: number;
  spans: number;
}

/**
 * Requests per value of one or two keys, largest first; what is beyond the limit is summed in `rest`.
 * A request without a value counts under the empty text. Throws CloverError `counts.bad_keys`.
 */
export async function counts(
  source: Queryable,
  scope: Scope,
  options: CountsOptions = {},
): Promise<CountsAnswer> {
  const store = askedOnce(source);
  const meta = startMeta(store, scope);
  const by = (options.by ?? 'url')
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
  if (by.length < 1 || by.length > 2) {
    throw new CloverError('counts.bad_keys', `"${options.by}" does not name one or two keys`, {
      hint: 'write by=url or by=service,url',
      status: 400,
    });
  }
  const limit = options.limit ?? 50;
  const { side, notes } = await effectiveSide(store, scope, options.side);
  const [question, totalQuestion] = await Promise.all([
    ask(store, scope, { keys: by }),
    ask(store, scope, { keys: by }),
  ]);
  const [groups, totals] = await Promise.all([
    redGroups(store, question, { keys: by, side, limit }),
    countTotals(store, totalQuestion, by, side),
  ]);
  const shown = groups.reduce((sum, group) => sum + group.requests, 0);
  const shownErrors = groups.reduce((sum, group) => sum + group.errors, 0);
  const hidden = totals.groups - groups.length;
  return {
    meta: await meta.finish({
      sampled: isSampled([{ spans: totals.spans, requests: totals.count }]),
      notes: [
        ...notes,
        ...(hidden > 0
          ? [`${hidden} further values are summed in rest; raise limit to see them`]
          : []),
      ],
    }),
    by,
    items: groups.map((group) => ({
      values: [...group.values],
      count: group.requests,
      ratio: totals.count > 0 ? group.requests / totals.count : 0,
      errors: group.errors,
      latency: groupLatency(group),
    })),
    total: totals.count,
    rest: {
      groups: hidden,
      count: hidden > 0 ? totals.count - shown : 0,
      errors: hidden > 0 ? totals.errors - shownErrors : 0,
    },
    distinct: totals.groups,
  };
}

async function countTotals(
  store: Queryable,
  question: Question,
  by: readonly string[],
  side: Side,
): Promise<Totals> {
  const keys = by.map((key) => question.key(key));
  const windows = question.onWindows(by);
  const source = windows ? question.redRows(by) : question.spans();
  const where = windows ? question.filters() : question.where();
  const figures = windows
    ? 'sum(requests) AS total, sum(errors) AS failed, toFloat64(sum(spans)) AS span_count'
    : `sum(weight) AS total, sumIf(weight, ${FAILED}) AS failed, toFloat64(count()) AS span_count`;
  const rows = await store.select<{
    groups: number;
    total: number;
    failed: number;
    span_count: number;
  }>(
    `SELECT toFloat64(uniqExact(${keys.join(', ')})) AS groups, ${figures}
     FROM ${source} WHERE ${where} AND ${sideCondition(side)}`,
    question.params.values,
  );
  const row = rows[0];
  return {
    groups: row?.groups ?? 0,
    count: row?.total ?? 0,
    errors: row?.failed ?? 0,
    spans: row?.span_count ?? 0,
  };
}
