// What only the calls between services tell: which requests came from outside, and which nobody answered. Of the minutes
// that have no window yet every call is joined, which takes its time where there are many.
import type { Overview, OverviewCalls, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { askedOnce } from './asked-once.ts';
import { edgeGroups, type EdgeGroup } from './edge-groups.ts';
import { entryRequests } from './entry-requests.ts';
import { startMeta } from './meta.ts';
import { worstFirst } from './overview-changes.ts';
import { readWindows, type Windows } from './overview-windows.ts';
import { ask } from './question.ts';
import { ratedRange, type RatedRange } from './rated-range.ts';
import { stepsOf, type Steps, wholeSteps } from './steps.ts';

/** Requests from outside and lost ones, now and in the window of the same length before. */
export async function overviewCalls(
  source: Queryable,
  scope: Scope,
  shared?: Promise<Windows>,
): Promise<OverviewCalls> {
  const store = askedOnce(source);
  const meta = startMeta(store, scope);
  const windows = shared ?? readWindows(store, scope);
  windows.catch(() => undefined); // awaited below; what fails before must not be an unhandled rejection
  const rated = await meta.ratedRange();
  const known = { ...scope, startMs: rated.startMs };
  const steps = stepsOf(known, { points: 60 });
  const { earlier, list, listBefore, beforeCovered } = await windows;
  const callsIn = async (window: Scope) => edgeGroups(store, await ask(store, window));
  const calls = await callsIn(scope);
  const callsBefore = listBefore.length === 0 ? [] : await callsIn(earlier);
  const [ratedEarlier, lostSeries] = await Promise.all([
    ratedRange(store, earlier),
    lostPerStep(store, scope, steps, calls),
  ]);
  return {
    meta: await meta.finish(),
    entry:
      scope.filters.length > 0
        ? null
        : {
            now: rateOf(entryRequests(list, calls), rated),
            before: rateOf(entryRequests(listBefore, callsBefore), ratedEarlier),
          },
    lost: { now: sumLost(calls), before: sumLost(callsBefore) },
    lostSeries: steps.timesMs.map((timeMs, step) => ({ timeMs, lost: lostSeries.get(step) ?? 0 })),
    stepMs: steps.stepMs,
    ...wholeSteps(steps, known),
    changes: worstFirst(lostChanges(calls, beforeCovered ? callsBefore : [])),
  };
}

const rateOf = (requests: number, { startMs, endMs }: RatedRange) => ({
  requests,
  ratePerSecond: requests / ((endMs - startMs) / 1000),
});

/** Requests that were sent and that nobody is known to have answered. */
const lostOf = (call: EdgeGroup) => (call.traced ? call.unmatched : 0) + call.unanswered;

const sumLost = (calls: readonly EdgeGroup[]) => calls.reduce((sum, call) => sum + lostOf(call), 0);

async function lostPerStep(
  store: Queryable,
  scope: Scope,
  steps: Steps,
  calls: readonly EdgeGroup[],
): Promise<Map<number, number>> {
  if (calls.every((call) => lostOf(call) === 0)) return new Map();
  // Windows are a minute wide at least: shorter steps show a minute's lost requests at its start.
  const untraced = [...new Set(calls.filter((call) => !call.traced).map((call) => call.peer))];
  const question = await ask(store, scope, { resolutionMs: Math.max(steps.stepMs, 60_000) });
  const peers = question.params.bind(untraced, 'Array(String)');
  const rows = await store.select<{ at: number; lost: number }>(
    `SELECT toFloat64(toUnixTimestamp(minute)) * 1000 AS at, sum(unanswered + if(peer IN ${peers}, 0, unmatched)) AS lost
     FROM ${question.edgeRows({ lostOnly: true })} GROUP BY at HAVING lost > 0`,
    question.params.values,
    { heavy: true },
  );
  const sums = new Map<number, number>();
  for (const row of rows) {
    const step = Math.max(0, Math.floor((row.at - steps.firstMs) / steps.stepMs));
    sums.set(step, (sums.get(step) ?? 0) + row.lost);
  }
  return sums;
}

function lostChanges(
  now: readonly EdgeGroup[],
  before: readonly EdgeGroup[],
): Overview['changes'][number][] {
  const earlier = lostPerEdge(before);
  return [...lostPerEdge(now)]
    .filter(([key, count]) => count > 1.5 * (earlier.get(key) ?? 0))
    .map(([key, count]) => {
      const [from, to] = JSON.parse(key) as [string, string];
      const was = earlier.get(key) ?? 0;
      const text = `${from} → ${to}: ${round(count)} requests lost${was > 0 ? `, ${round(was)} before` : ''}`;
      return { kind: 'lost', service: from, text, severity: 'bad', sinceMs: null };
    });
}

function lostPerEdge(calls: readonly EdgeGroup[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const call of calls) {
    const lost = lostOf(call);
    const key = JSON.stringify([call.from, call.to]);
    if (lost > 0) sums.set(key, (sums.get(key) ?? 0) + lost);
  }
  return sums;
}

function round(count: number): string {
  return String(Math.round(count * 10) / 10);
}
