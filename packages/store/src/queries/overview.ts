import type { Overview, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { changePoint } from './change-point.ts';
import { changesBetween, type Change } from './compare-changes.ts';
import { firstSpanMs } from './first-span.ts';
import { edgeGroups, type EdgeGroup } from './edge-groups.ts';
import { effectiveSide } from './effective-side.ts';
import { entryRequests } from './entry-requests.ts';
import { isSampled, startMeta } from './meta.ts';
import { ask } from './question.ts';
import { ratedRange, type RatedRange } from './rated-range.ts';
import { redGroups, redOf, sumGroups, type RedGroup } from './red.ts';
import { serviceRed } from './service-red.ts';
import { percentile } from './sketch.ts';
import { stepsOf, type Steps } from './steps.ts';

type Item = Overview['changes'][number];

const MAX_CHANGES = 20;
/** The window before is covered when spans begin within its first tenth, or its first minute when that is longer. */
const LATE_RATIO = 0.1;
const LATE_MS = 60_000;

/**
 * Now against the window of the same length before: RED, lost requests, a series, and what changed in words, worst first.
 * While spans do not reach back to the beginning of the window before, `beforeCovered` is false and nothing is compared:
 * a system that has just been connected would seem to have grown by hundreds of percent.
 */
export async function overview(store: Queryable, scope: Scope): Promise<Overview> {
  const meta = startMeta(store, scope);
  const length = scope.endMs - scope.startMs;
  const earlier: Scope = { ...scope, startMs: scope.startMs - length, endMs: scope.startMs };
  const steps = stepsOf(scope, { points: 60 });
  const { side, notes } = await effectiveSide(store, scope, 'server');
  const dataSinceMs = await firstSpanMs(store, { startMs: earlier.startMs, endMs: scope.endMs });
  const [now, before, rated, ratedEarlier, series] = await Promise.all([
    readWindow(store, scope),
    dataSinceMs === null || dataSinceMs >= scope.startMs ? NOTHING : readWindow(store, earlier),
    meta.ratedRange(),
    ratedRange(store, earlier),
    ask(store, scope, { resolutionMs: steps.stepMs }).then((question) =>
      redGroups(store, question, { keys: ['service'], step: steps, side }),
    ),
  ]);
  const lostSeries = await lostPerStep(store, scope, steps, now.calls);
  const totals = steps.timesMs.map((timeMs, step) => {
    const group = sumGroups(series.filter((one) => one.step === step));
    return {
      timeMs,
      requests: group?.requests ?? 0,
      errors: group?.errors ?? 0,
      p95Ns: group ? percentile(group.sketch, 0.95, group) : null,
      lost: lostSeries.get(step) ?? 0,
    };
  });
  const wholeNow = sumGroups(now.groups);
  const late = Math.max(LATE_MS, length * LATE_RATIO);
  const beforeCovered = dataSinceMs !== null && dataSinceMs <= earlier.startMs + late;
  return {
    meta: await meta.finish({ sampled: isSampled(now.groups), notes }),
    now: redOf(wholeNow, rated),
    before: redOf(sumGroups(before.groups), ratedEarlier),
    entry:
      scope.filters.length > 0
        ? null
        : { now: rateOf(now.entry, rated), before: rateOf(before.entry, ratedEarlier) },
    beforeCovered,
    dataSinceMs,
    lost: { now: now.lost, before: before.lost },
    series: totals,
    stepMs: steps.stepMs,
    changes: changesInWords(now, beforeCovered ? before : NOTHING, series, steps, {
      now: secondsOf(rated),
      before: secondsOf(ratedEarlier),
    }),
  };
}

interface Window {
  readonly groups: readonly RedGroup[];
  /** Services with any span, also without requests. */
  readonly services: ReadonlySet<string>;
  readonly calls: readonly EdgeGroup[];
  readonly lost: number;
  /** Requests from outside. */
  readonly entry: number;
}

const NOTHING: Window = { groups: [], services: new Set(), calls: [], lost: 0, entry: 0 };

async function readWindow(store: Queryable, scope: Scope): Promise<Window> {
  const [list, calls] = await Promise.all([
    ask(store, scope).then((question) => serviceRed(store, question)),
    ask(store, scope).then((question) => edgeGroups(store, question)),
  ]);
  return {
    groups: list.flatMap((one) => (one.server ? [{ ...one.server, values: [one.service] }] : [])),
    services: new Set(list.map((one) => one.service)),
    calls,
    lost: calls.reduce((sum, call) => sum + lostOf(call), 0),
    entry: entryRequests(list, calls),
  };
}

const secondsOf = ({ startMs, endMs }: RatedRange) => (endMs - startMs) / 1000;

const rateOf = (requests: number, rated: RatedRange) => ({
  requests,
  ratePerSecond: requests / secondsOf(rated),
});

/** Requests that were sent and that nobody is known to have answered. */
function lostOf(call: EdgeGroup): number {
  return (call.traced ? call.unmatched : 0) + call.unanswered;
}

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
  );
  const sums = new Map<number, number>();
  for (const row of rows) {
    const step = Math.max(0, Math.floor((row.at - steps.firstMs) / steps.stepMs));
    sums.set(step, (sums.get(step) ?? 0) + row.lost);
  }
  return sums;
}

function changesInWords(
  now: Window,
  before: Window,
  series: readonly RedGroup[],
  steps: Steps,
  seconds: { readonly now: number; readonly before: number },
): Item[] {
  const hadData = before.services.size > 0;
  const measured = hadData
    ? changesBetween(
        { groups: before.groups, seconds: seconds.before },
        { groups: now.groups, seconds: seconds.now },
      )
        .filter((change) => change.significant && bothSides(change, now, before))
        .map((change) => worded(change, series, steps))
    : [];
  const appeared = hadData ? [...now.services].filter((name) => !before.services.has(name)) : [];
  const vanished = [...before.services].filter((name) => !now.services.has(name));
  const items: Item[] = [
    ...measured,
    ...appeared.map((service) => plain('appeared', service, `${service} appeared`, 'info')),
    ...vanished.map((service) =>
      plain('vanished', service, `${service} sends no spans any more`, 'bad'),
    ),
    ...lostChanges(now, before),
  ];
  const order = { bad: 0, warn: 1, info: 2 };
  return items.toSorted((a, b) => order[a.severity] - order[b.severity]).slice(0, MAX_CHANGES);
}

function bothSides(change: Change, now: Window, before: Window): boolean {
  return now.services.has(change.service) && before.services.has(change.service);
}

function plain(
  kind: Item['kind'],
  service: string,
  text: string,
  severity: Item['severity'],
): Item {
  return { kind, service, text, severity, sinceMs: null };
}

function worded(change: Change, series: readonly RedGroup[], steps: Steps): Item {
  const own = series.filter((group) => group.values[0] === change.service);
  const values = steps.timesMs.map((_, step) => {
    const group = own.find((one) => one.step === step);
    if (change.kind === 'rate') return group?.requests ?? 0;
    if (!group) return null;
    return change.kind === 'errors'
      ? group.errors / group.requests
      : percentile(group.sketch, 0.95, group);
  });
  const point = changePoint(values);
  const sinceMs = point === undefined ? steps.firstMs : (steps.timesMs[point] as number);
  const clock = new Date(sinceMs).toISOString().slice(11, 16);
  return {
    kind: change.kind,
    service: change.service,
    text: `${change.text} since ${clock} UTC`,
    severity: severityOf(change),
    sinceMs,
  };
}

function severityOf(change: Change): Item['severity'] {
  if (change.kind === 'errors') {
    if (change.effect < 0) return 'info';
    return change.effect >= 0.01 ? 'bad' : 'warn';
  }
  if (change.kind === 'latency') {
    if (change.effect < 0) return 'info';
    return change.effect >= 1 ? 'bad' : 'warn';
  }
  return Math.abs(change.effect) >= 0.5 ? 'warn' : 'info';
}

function lostChanges(now: Window, before: Window): Item[] {
  const perEdge = (window: Window) => {
    const sums = new Map<string, number>();
    for (const call of window.calls) {
      const lost = lostOf(call);
      const key = JSON.stringify([call.from, call.to]);
      if (lost > 0) sums.set(key, (sums.get(key) ?? 0) + lost);
    }
    return sums;
  };
  const earlier = perEdge(before);
  return [...perEdge(now)]
    .filter(([key, count]) => count > 1.5 * (earlier.get(key) ?? 0))
    .map(([key, count]) => {
      const [from, to] = JSON.parse(key) as [string, string];
      const was = earlier.get(key) ?? 0;
      const text = `${from} → ${to}: ${round(count)} requests lost${was > 0 ? `, ${round(was)} before` : ''}`;
      return plain('lost', from, text, 'bad');
    });
}

function round(count: number): string {
  return String(Math.round(count * 10) / 10);
}
