// What services answered, now and before: the part of the overview that is soon there.
import type { Overview, OverviewRequests, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { askedOnce } from './asked-once.ts';
import { changePoint } from './change-point.ts';
import { changesBetween, type Change } from './compare-changes.ts';
import { effectiveSide } from './effective-side.ts';
import { isSampled, startMeta } from './meta.ts';
import { worstFirst } from './overview-changes.ts';
import { readWindows, type Windows } from './overview-windows.ts';
import { ask } from './question.ts';
import { ratedRange, type RatedRange } from './rated-range.ts';
import { redGroups, redOf, sumGroups, type RedGroup } from './red.ts';
import type { ServiceRed } from './service-red.ts';
import { percentile } from './sketch.ts';
import { stepsOf, type Steps, wholeSteps } from './steps.ts';

type Item = Overview['changes'][number];

/**
 * RED of all services against the window of the same length before, a series, and what changed in words, worst first.
 * While spans do not reach back to the beginning of the window before, `beforeCovered` is false and nothing is compared:
 * a system that has just been connected would seem to have grown by hundreds of percent.
 */
export async function overviewRequests(
  source: Queryable,
  scope: Scope,
  shared?: Promise<Windows>,
): Promise<OverviewRequests> {
  const store = askedOnce(source);
  const meta = startMeta(store, scope);
  const windows = shared ?? readWindows(store, scope);
  windows.catch(() => undefined); // awaited below; what fails before must not be an unhandled rejection
  const [rated] = await Promise.all([meta.ratedRange(), ask(store, scope)]);
  const known = { ...scope, startMs: rated.startMs };
  const steps = stepsOf(known, { points: 60 });
  const whole = wholeSteps(steps, known);
  const [{ earlier, dataSinceMs, beforeCovered, list, listBefore }, { notes, series }] =
    await Promise.all([windows, readSeries(store, known, steps)]);
  const ratedEarlier = await ratedRange(store, earlier);
  const [now, before] = [groupsOf(list), groupsOf(listBefore)];
  const totals = steps.timesMs.map((timeMs, step) => {
    const group = sumGroups(series.filter((one) => one.step === step));
    return {
      timeMs,
      requests: group?.requests ?? 0,
      errors: group?.errors ?? 0,
      p95Ns: group ? percentile(group.sketch, 0.95, group) : null,
    };
  });
  return {
    meta: await meta.finish({ sampled: isSampled(now), notes }),
    now: redOf(sumGroups(now), rated),
    before: redOf(sumGroups(before), ratedEarlier),
    beforeCovered,
    dataSinceMs,
    series: totals,
    stepMs: steps.stepMs,
    ...whole,
    changes: beforeCovered
      ? changesInWords({
          list,
          listBefore,
          series,
          steps,
          timesMs: steps.timesMs.filter((time) => time < whole.incompleteFromMs),
          rated,
          ratedEarlier,
        })
      : [],
  };
}

async function readSeries(store: Queryable, scope: Scope, steps: Steps) {
  const { side, notes } = await effectiveSide(store, scope, 'server');
  const question = await ask(store, scope, { resolutionMs: steps.stepMs });
  const series = await redGroups(store, question, { keys: ['service'], step: steps, side });
  return { notes, series };
}

const groupsOf = (list: readonly ServiceRed[]): RedGroup[] =>
  list.flatMap((one) => (one.server ? [{ ...one.server, values: [one.service] }] : []));

const secondsOf = ({ startMs, endMs }: RatedRange) => (endMs - startMs) / 1000;

function changesInWords(known: {
  readonly list: readonly ServiceRed[];
  readonly listBefore: readonly ServiceRed[];
  readonly series: readonly RedGroup[];
  readonly steps: Steps;
  /** Of the whole steps. */
  readonly timesMs: readonly number[];
  readonly rated: RatedRange;
  readonly ratedEarlier: RatedRange;
}): Item[] {
  const names = new Set(known.list.map((one) => one.service));
  const earlier = new Set(known.listBefore.map((one) => one.service));
  if (earlier.size === 0) return [];
  const measured = changesBetween(
    { groups: groupsOf(known.listBefore), seconds: secondsOf(known.ratedEarlier) },
    { groups: groupsOf(known.list), seconds: secondsOf(known.rated) },
  ).filter(({ significant, service }) => significant && names.has(service) && earlier.has(service));
  return worstFirst([
    ...measured.map((change) => worded(change, known.series, known)),
    ...[...names]
      .filter((name) => !earlier.has(name))
      .map((service) => plain('appeared', service, `${service} appeared`, 'info')),
    ...[...earlier]
      .filter((name) => !names.has(name))
      .map((service) => plain('vanished', service, `${service} sends no spans any more`, 'bad')),
  ]);
}

function plain(
  kind: Item['kind'],
  service: string,
  text: string,
  severity: Item['severity'],
): Item {
  return { kind, service, text, severity, sinceMs: null };
}

function worded(
  change: Change,
  series: readonly RedGroup[],
  { steps, timesMs }: { readonly steps: Steps; readonly timesMs: readonly number[] },
): Item {
  const own = series.filter((group) => group.values[0] === change.service);
  const values = timesMs.map((_, step) => {
    const group = own.find((one) => one.step === step);
    if (change.kind === 'rate') return group?.requests ?? 0;
    if (!group) return null;
    return change.kind === 'errors'
      ? group.errors / group.requests
      : percentile(group.sketch, 0.95, group);
  });
  const point = changePoint(values);
  const sinceMs = point === undefined ? steps.firstMs : (timesMs[point] as number);
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
