// RED per service. Services whose instrumentation gives no span kinds have no server-side spans; their
// requests are the spans by which a trace enters them: called from another service, or a kindless root.
import type { Queryable } from '../store.ts';
import { edgeGroups } from './edge-groups.ts';
import type { Question } from './question.ts';
import { redGroups, sumGroups, type RedGroup } from './red.ts';

export interface ServiceRed {
  readonly service: string;
  /** Spans of any side. */
  readonly spans: number;
  /** Undefined when the service received nothing. */
  readonly server: RedGroup | undefined;
  /** The figures come from entry spans, because the service's spans have no kinds. */
  readonly byEntry: boolean;
}

/** Every service with a span in the scope, most requests first. */
export async function serviceRed(store: Queryable, question: Question): Promise<ServiceRed[]> {
  const [server, all] = await Promise.all([
    redGroups(store, question, { keys: ['service'], side: 'server' }),
    spansByKind(store, question),
  ]);
  const byService = new Map(server.map((group) => [group.values[0] as string, group]));
  const spans = new Map<string, number>();
  const kindless = new Set<string>();
  for (const { service, kind_number: kind, span_count: count } of all) {
    spans.set(service, (spans.get(service) ?? 0) + count);
    if (!byService.has(service) && kind < 2) kindless.add(service);
  }
  const entries = kindless.size === 0 ? new Map() : await entryRed(store, question, kindless);
  return [...spans]
    .map(([service, count]) => ({
      service,
      spans: count,
      server: byService.get(service) ?? entries.get(service),
      byEntry: !byService.has(service) && entries.has(service),
    }))
    .toSorted(
      (a, b) =>
        (b.server?.requests ?? 0) - (a.server?.requests ?? 0) || (a.service < b.service ? -1 : 1),
    );
}

async function spansByKind(
  store: Queryable,
  question: Question,
): Promise<{ service: string; kind_number: number; span_count: number }[]> {
  const windows = question.onWindows([]);
  const [count, from, where] = windows
    ? ['sum(spans)', question.redRows(), question.filters()]
    : ['count()', question.spans(), question.where()];
  return store.select(
    `SELECT toString(service) AS service, kind AS kind_number, toFloat64(${count}) AS span_count
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
