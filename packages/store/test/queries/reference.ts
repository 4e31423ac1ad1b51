// The same definitions as the SQL's, written the plain way over objects: the oracle of the property tests.
import { flagMeaning } from '../../src/queries/response-flags.ts';
import type { TestSpan } from './test-spans.ts';

export function isServer(span: TestSpan): boolean {
  if (span.kind === 'server' || span.kind === 'consumer') return true;
  return span.direction === 'inbound' && span.kind !== 'client' && span.kind !== 'producer';
}

export function isClient(span: TestSpan): boolean {
  if (span.kind === 'client' || span.kind === 'producer') return true;
  return span.direction === 'outbound' && span.kind !== 'server' && span.kind !== 'consumer';
}

export function isFailed(span: TestSpan): boolean {
  const code = span.httpStatus ?? 0;
  if (code >= 500) return true;
  return span.status === 'error' && !(code >= 400 && isClient(span));
}

const weightOf = (span: TestSpan) => span.weight ?? 1;
const idOf = (span: TestSpan) => `${span.trace}/${span.id}`;

/** Repeats of one span counted once. */
export function distinctSpans(spans: readonly TestSpan[]): TestSpan[] {
  return [...new Map(spans.map((span) => [`${idOf(span)}/${span.kind}`, span])).values()];
}

export interface Edge {
  requests: number;
  errors: number;
  sent: number;
  received: number;
  lost: number;
  unanswered: number;
  answeredByProxy: number;
  untraced: number;
  /** Durations seen by the callee, with weights. */
  callee: [number, number][];
}

/** Edges by `from → to`. */
export function referenceEdges(all: readonly TestSpan[]): Map<string, Edge> {
  const spans = distinctSpans(all);
  const services = new Set(spans.map((span) => span.service));
  const clients = new Map(spans.filter(isClient).map((span) => [idOf(span), span]));
  const others = new Map(spans.filter((span) => !isClient(span)).map((span) => [idOf(span), span]));
  const edges = new Map<string, Edge>();
  const edge = (from: string, to: string): Edge => {
    const key = `${from} → ${to}`;
    const known = edges.get(key) ?? {
      requests: 0,
      errors: 0,
      sent: 0,
      received: 0,
      lost: 0,
      unanswered: 0,
      answeredByProxy: 0,
      untraced: 0,
      callee: [],
    };
    edges.set(key, known);
    return known;
  };
  // By calling client span: the spans it has in each callee; and those that passed the call on.
  const reached = new Map<string, Map<string, TestSpan[]>>();
  const delegated = new Set<string>();
  const arrive = (from: string, span: TestSpan, caller: TestSpan | undefined) => {
    const to = edge(from, span.service);
    to.requests += weightOf(span);
    if (isFailed(span) || (caller && isFailed(caller))) to.errors += weightOf(span);
    if (!caller || isServer(span)) to.callee.push([span.durationNs, weightOf(span)]);
  };
  for (const span of spans) {
    const parentId = span.parent ? `${span.trace}/${span.parent}` : '';
    const shared = isServer(span) ? clients.get(idOf(span)) : undefined;
    const other = others.get(parentId);
    const client = shared ?? (other ? undefined : clients.get(parentId));
    if (client) {
      if (isServer(span) || span.service !== client.service) {
        const callees = reached.get(idOf(client)) ?? new Map<string, TestSpan[]>();
        callees.set(span.service, [...(callees.get(span.service) ?? []), span]);
        reached.set(idOf(client), callees);
      } else if (isClient(span)) {
        delegated.add(idOf(client));
      }
    } else if (other && other.service !== span.service) {
      arrive(other.service, span, undefined);
      const to = edge(other.service, span.service);
      to.sent += weightOf(span);
      to.received += weightOf(span);
    }
  }
  for (const [id, callees] of reached) {
    const caller = clients.get(id)!;
    for (const list of callees.values()) {
      const servers = list.filter(isServer);
      const shown = servers.length > 0 ? servers : list.toSorted(byStart).slice(0, 1);
      for (const span of shown) arrive(caller.service, span, caller);
    }
  }
  const learned = new Map<string, Map<string, number>>();
  for (const caller of clients.values()) {
    const callees = reached.get(idOf(caller));
    if (callees) {
      const best = [...callees.values()]
        .flat()
        .toSorted((a, b) => Number(isServer(b)) - Number(isServer(a)) || byStart(a, b))[0]!;
      const to = edge(caller.service, best.service);
      to.sent += weightOf(caller);
      to.received += weightOf(caller);
      const peer = caller.columns?.peer ?? '';
      const sums = learned.get(peer) ?? new Map<string, number>();
      sums.set(best.service, (sums.get(best.service) ?? 0) + weightOf(caller));
      if (peer !== '') learned.set(peer, sums);
    }
  }
  for (const caller of clients.values()) {
    if (reached.has(idOf(caller)) || delegated.has(idOf(caller))) continue;
    const peer = caller.columns?.peer ?? '';
    const lesson = [...(learned.get(peer) ?? [])].toSorted(
      (a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1),
    )[0]?.[0];
    const service = lesson ?? (services.has(peer) ? peer : undefined);
    const traced = service !== undefined;
    const to = edge(caller.service, service ?? (peer === '' ? 'unknown' : peer));
    const weight = weightOf(caller);
    to.sent += weight;
    to.requests += weight;
    if (isFailed(caller)) to.errors += weight;
    const meaning = flagMeaning(caller.columns?.responseFlags ?? '');
    if (meaning === 'proxy') to.answeredByProxy += weight;
    else if (meaning === 'unanswered' || (caller.status === 'error' && !caller.httpStatus))
      to.unanswered += weight;
    else if (traced) to.lost += weight;
    else to.untraced += weight;
  }
  return edges;
}

/** Weight of spans whose parent never came. */
export function referenceOrphans(all: readonly TestSpan[]): number {
  const spans = distinctSpans(all);
  const ids = new Set(spans.map(idOf));
  return spans
    .filter((span) => span.parent && !ids.has(`${span.trace}/${span.parent}`))
    .reduce((sum, span) => sum + weightOf(span), 0);
}

/** ClickHouse's quantileExact over weighted values: the value with floor(q·n) others below it. */
export function exactQuantile(
  values: readonly [value: number, weight: number][],
  q: number,
): number {
  const sorted = values.toSorted((a, b) => a[0] - b[0]);
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0);
  let below = 0;
  for (const [value, weight] of sorted) {
    below += weight;
    if (below > q * total) return value;
  }
  return sorted.at(-1)?.[0] ?? Number.NaN;
}

function byStart(a: TestSpan, b: TestSpan): number {
  return a.startMs - b.startMs || (a.id < b.id ? -1 : 1);
}
