import { isTracked, type Scope, type ServicesAnswer } from '@clover/model';
import type { Queryable } from '../store.ts';
import { askedOnce } from './asked-once.ts';
import { isSampled, startMeta } from './meta.ts';
import { ask, type Question } from './question.ts';
import { redOf } from './red.ts';
import { percentile } from './sketch.ts';
import { serviceRed } from './service-red.ts';
import { stepsOf, wholeSteps } from './steps.ts';

export interface ServicesOptions {
  /** Names that are tracked; empty or absent means all. */
  readonly tracked?: readonly string[];
}

const SERIES_POINTS = 30;
/** In ranges from here on steps are whole minutes, which come from windows: in less there are few spans. */
const MINUTES_FROM_MS = 10 * 60_000;

/** Services with a span in the scope, most requests first: RED of their server side, versions, instances, small series. */
export async function services(
  source: Queryable,
  scope: Scope,
  options: ServicesOptions = {},
): Promise<ServicesAnswer> {
  const store = askedOnce(source);
  const meta = startMeta(store, scope);
  const [rated] = await Promise.all([meta.ratedRange(), ask(store, scope)]);
  const known = { ...scope, startMs: rated.startMs };
  const steps = stepsOf(known, { points: pointsOf(known) });
  const stepped = await ask(store, scope, { resolutionMs: steps.stepMs });
  const [list, instances] = await Promise.all([
    serviceRed(store, stepped, steps),
    serviceInstances(store, stepped),
  ]);
  const tracked = options.tracked ?? [];
  const items = list.map((one) => {
    const p95Series = Array.from<number | null>({ length: steps.count }).fill(null);
    const requestSeries = Array.from<number>({ length: steps.count }).fill(0);
    for (const group of one.perStep) {
      if (group.step >= steps.count) continue;
      p95Series[group.step] = percentile(group.sketch, 0.95, group);
      requestSeries[group.step] = group.requests;
    }
    const instance = instances.get(one.service);
    return {
      service: one.service,
      tracked: isTracked(one.service, tracked),
      spans: one.spans,
      versions: [...one.versions],
      nodes: instance?.nodes ?? 0,
      lastSeen: instance?.lastSeen ?? null,
      p95Series,
      requestSeries,
      ...redOf(one.server, rated),
    };
  });
  const sampled = isSampled(list.flatMap((one) => (one.server ? [one.server] : [])));
  return {
    meta: await meta.finish({ sampled }),
    items,
    stepMs: steps.stepMs,
    timesMs: [...steps.timesMs],
    ...wholeSteps(steps, known),
  };
}

function pointsOf({ startMs, endMs }: Scope): number {
  const lengthMs = endMs - startMs;
  return lengthMs < MINUTES_FROM_MS
    ? SERIES_POINTS
    : Math.min(SERIES_POINTS, Math.ceil(lengthMs / 60_000));
}

async function serviceInstances(
  store: Queryable,
  question: Question,
): Promise<Map<string, { nodes: number; lastSeen: string }>> {
  const rows = await store.select<{ service: string; nodes: number; last: number }>(
    `SELECT toString(service) AS service, toFloat64(length(groupUniqArrayArray(seen_nodes))) AS nodes,
       toFloat64(toUnixTimestamp64Milli(max(last_start))) AS last
     FROM ${question.instanceRows()} GROUP BY service`,
    question.params.values,
  );
  return new Map(
    rows.map((row) => [
      row.service,
      { nodes: row.nodes, lastSeen: new Date(row.last).toISOString() },
    ]),
  );
}
