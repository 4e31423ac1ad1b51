// RED per service. Services whose instrumentation gives no span kinds have no server-side spans; their
// requests are the spans by which a trace enters them: called from another service, or a kindless root.
import type { Queryable } from '../store.ts';
import { edgeGroups } from './edge-groups.ts';
import type { Question } from './question.ts';
import { redGroups, sumGroups, type RedGroup, type RedOptions } from './red.ts';

export interface ServiceRed {
  readonly service: string;
  /** Spans of any side. */
  readonly spans: number;
  /** Of spans of any side, ascending. */
  readonly versions: readonly string[];
  /** Undefined when the service received nothing. */
  readonly server: RedGroup | undefined;
  /** The same per step, those without requests left out; empty where figures come from entry spans. */
  readonly perStep: readonly RedGroup[];
  /** The figures come from entry spans, because the service's spans have no kinds. */
  readonly byEntry: boolean;
}

/** Every service with a span in the scope, most requests first. */
export async function serviceRed(
  store: Queryable,
  question: Question,
  step?: RedOptions['step'],
): Promise<ServiceRed[]> {
  const [groups, all] = await Promise.all([
    redGroups(store, question, { keys: ['service'], side: 'server', ...(step && { step }) }),
    spansByKind(store, question),
  ]);
  const perStep = groupBy(groups, (group) => group.values[0] as string);
  const byKind = groupBy(all, (one) => one.service);
  const kindless = new Set(
    [...byKind.keys()].filter(
      (service) => !perStep.has(service) && byKind.get(service)!.some((one) => one.kind_number < 2),
    ),
  );
  const entries = kindless.size === 0 ? new Map() : await entryRed(store, question, kindless);
  return [...byKind]
    .map(([service, kinds]) => ({
      service,
      spans: kinds.reduce((sum, one) => sum + one.span_count, 0),
      versions: [...new Set(kinds.flatMap((one) => one.versions))]
        .filter((version) => version !== '')
        .toSorted(),
      server: sumGroups(perStep.get(service) ?? [], [service]) ?? entries.get(service),
      perStep: perStep.get(service) ?? [],
      byEntry: !perStep.has(service) && entries.has(service),
    }))
    .toSorted(
      (a, b) =>
        (b.server?.requests ?? 0) - (a.server?.requests ?? 0) || (a.service < b.service ? -1 : 1),
    );
}

interface KindCount {
  service: string;
  kind_number: number;
  span_count: number;
  versions: string[];
}

async function spansByKind(store: Queryable, question: Question): Promise<KindCount[]> {
  const windows = question.onWindows([]);
  const [count, from, where] = windows
    ? ['sum(spans)', question.redRows([]), question.filters()]
    : ['count()', question.spans(), question.where()];
  return store.select(
    `SELECT toString(service) AS service, kind AS kind_number, toFloat64(${count}) AS span_count,
       groupUniqArray(toString(version)) AS versions
     FROM ${from} WHERE ${where} GROUP BY service, kind ORDER BY service, kind`,
    question.params.values,
  );
}

async function entryRed(
  store: Queryable,
  question: Question,
  services: ReadonlySet<string>,
): Promise<Map<string, RedGroup>> {
  const names = question.params.bind([...services], 'Array(String)');
  const [roots, calls] = await Promise.all([
    redGroups(store, question, {
      keys: ['service'],
      side: 'all',
      condition: { sql: `empty(parent_id) AND kind = 0 AND service IN ${names}`, raw: true },
    }),
    edgeGroups(store, question),
  ]);
  const parts = new Map<string, RedGroup[]>();
  const add = (group: RedGroup) => {
    const service = group.values[0] as string;
    parts.set(service, [...(parts.get(service) ?? []), group]);
  };
  for (const group of roots) add(group);
  for (const call of calls) {
    if (!services.has(call.to) || call.arrivals === 0) continue;
    add({
      values: [call.to],
      step: 0,
      spans: call.arrivals,
      requests: call.arrivals,
      errors: call.arrivalErrors,
      durationSum: call.callee.durationSum,
      minNs: call.callee.minNs,
      maxNs: call.callee.maxNs,
      sketch: call.callee.sketch,
    });
  }
  return new Map(
    [...parts].map(([service, groups]) => [service, sumGroups(groups, [service]) as RedGroup]),
  );
}

/** Items by key, in the order in which the keys come first. */
function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
