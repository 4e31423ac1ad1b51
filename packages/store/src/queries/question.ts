// One question put to the store: scope, bound parameters, and how its spans are to be read.
import type { Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import {
  edgeRows,
  instanceRows,
  type Pieces,
  planWindows,
  redRows,
  spansFrom,
  type WindowPlan,
} from './windows.ts';
import { keyScopes } from './key-scopes.ts';
import { columnKey } from './keys.ts';
import { queryParams, type QueryParams } from './query-params.ts';
import { filterCondition, keyText, timeCondition, type KeyScopes } from './where.ts';

export interface Question {
  readonly scope: Scope;
  readonly params: QueryParams;
  readonly keys: KeyScopes;
  readonly plan: WindowPlan;
  /** True when the filters and `keys` can be answered from windows, and there are some. */
  onWindows(groupKeys: readonly string[]): boolean;
  /** `FROM` text: spans, counted once, and the joins that keys asked for so far. */
  spans(): string;
  /** Time range and filters over spans. */
  where(): string;
  /** The filters alone, `1` when there are none. */
  filters(): string;
  /** SQL text of a grouping key over spans; may add a join to `spans()`, so call it first. */
  key(key: string): string;
  /** Subquery of rows like red_minutes for the plan's range; of wider windows where the filters and `keys` allow it. */
  redRows(groupKeys: readonly string[]): string;
  /** Subquery of `service, seen_nodes, last_start` for the plan's range and the filters, from hours where they allow it. */
  instanceRows(): string;
  /** Subquery of rows like edge_minutes for the plan's range. */
  edgeRows(options?: { lostOnly?: boolean }): string;
}

/** Prepares a question: looks up attribute keys and plans which minutes come from windows. */
export async function ask(
  store: Queryable,
  scope: Scope,
  options: { keys?: readonly string[]; resolutionMs?: number } = {},
): Promise<Question> {
  const filterKeys = scope.filters.map((filter) => filter.key);
  const resolution =
    options.resolutionMs === undefined ? {} : { resolutionMs: options.resolutionMs };
  const [keys, plan] = await Promise.all([
    keyScopes(store, [...filterKeys, ...(options.keys ?? [])]),
    planWindows(store, scope, resolution),
  ]);
  const params = queryParams();
  const joins: string[] = [];
  const redPieces = (groupKeys: readonly string[]): Pieces =>
    [...filterKeys, ...groupKeys].every((key) => columnKey(key)?.window === 'hour')
      ? plan.redByHour
      : plan.red;
  return {
    scope,
    params,
    keys,
    plan,
    onWindows: (groupKeys) => {
      const pieces = redPieces(groupKeys);
      return (
        pieces.hours.length + pieces.minutes.length > 0 &&
        [...filterKeys, ...groupKeys].every((key) => columnKey(key)?.window !== undefined)
      );
    },
    spans: () => [spansFrom(plan), ...joins].join(' '),
    where: () => {
      const filters = filterCondition(scope.filters, params, keys);
      return timeCondition(scope, params) + (filters === '1' ? '' : ` AND ${filters}`);
    },
    filters: () => filterCondition(scope.filters, params, keys),
    key: (key) => {
      const known = keys.get(key);
      if (columnKey(key) || (known && !known.resource)) return keyText(key, params);
      const name = params.bind(key, 'String');
      const alias = `resource_value_${joins.length}`;
      joins.push(
        `LEFT ANY JOIN (SELECT resource_id, any(attributes[${name}]) AS ${alias} FROM resources GROUP BY resource_id) AS join_${alias} USING (resource_id)`,
      );
      return `if(mapContains(attributes, ${name}), toString(attributes[${name}]), ${alias})`;
    },
    redRows: (groupKeys) => `(${redRows(redPieces(groupKeys))})`,
    instanceRows: () => {
      const filters = filterCondition(scope.filters, params, keys);
      const byHour = filterKeys.every((key) => columnKey(key)?.window === 'hour');
      return `(${instanceRows(byHour ? plan.redByHour.hours : [], plan, filters)})`;
    },
    edgeRows: (options) => `(${edgeRows(plan.edges, options)})`,
  };
}
