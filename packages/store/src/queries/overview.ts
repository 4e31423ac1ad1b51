import type { Overview, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { askedOnce } from './asked-once.ts';
import { overviewCalls } from './overview-calls.ts';
import { worstFirst } from './overview-changes.ts';
import { overviewRequests } from './overview-requests.ts';
import { readWindows } from './overview-windows.ts';

/**
 * Now against the window of the same length before: RED, requests from outside, lost requests, a series, and what
 * changed in words, worst first. Both parts of the overview in one answer.
 */
export async function overview(source: Queryable, scope: Scope): Promise<Overview> {
  const store = askedOnce(source);
  const windows = readWindows(store, scope);
  const [requests, calls] = await Promise.all([
    overviewRequests(store, scope, windows),
    overviewCalls(store, scope, windows),
  ]);
  const lost = new Map(calls.lostSeries.map((one) => [one.timeMs, one.lost]));
  return {
    ...requests,
    meta: { ...requests.meta, tookMs: Math.max(requests.meta.tookMs, calls.meta.tookMs) },
    entry: calls.entry,
    lost: calls.lost,
    series: requests.series.map((one) => ({ ...one, lost: lost.get(one.timeMs) ?? 0 })),
    changes: worstFirst([...requests.changes, ...calls.changes]),
  };
}
