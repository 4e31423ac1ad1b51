// Decides a request of which not all headers are known: every decision that is still possible.

import type { RoutingTable } from '../compile.ts';
import { decide, decisionOf, type Decision } from '../decide.ts';
import { prepare, type Caller, type TrafficRequest } from '../request.ts';
import type { Condition } from '../conditions.ts';
import { conditionKey, heldConditions, type RecordedEvidence } from './rule-evidence.ts';

export interface SeenDecision {
  /** At least one; exactly one when all that the rules look at is known. */
  readonly possible: readonly Decision[];
  /** Headers that would have to be known, in the order in which the rules ask for them. */
  readonly unseen: readonly string[];
  /** What each possible decision would take of those headers; empty for one that takes nothing. */
  readonly asks: readonly string[];
}

/** Headers (lower case) that were not there when nobody recorded them; `*` for all. */
export type AbsentHeaders = ReadonlySet<string>;
const NONE_ABSENT: AbsentHeaders = new Set();

/** What is known of headers that a request does not have. */
export interface HeaderKnowledge {
  /** What people take for granted. */
  readonly absent?: AbsentHeaders | undefined;
  /** What the proxy recorded. */
  readonly evidence?: RecordedEvidence | undefined;
}

/**
 * As `decide`, but a header that `request` does not have may have been there with any value, unless it is known
 * that it was not. Rules are followed as far as such a header could change the answer.
 */
export function decideSeen(
  table: RoutingTable,
  caller: Caller,
  request: TrafficRequest,
  { absent = NONE_ABSENT, evidence }: HeaderKnowledge = {},
): SeenDecision {
  const prepared = prepare(request);
  const view = table.view(caller, request.port, request.sni);
  const host = view.hosts.lookup(prepared.authority);
  const decided = decide(table, caller, request);
  if (!host || (host.httpsRedirect && prepared.scheme === 'http'))
    return { possible: [decided], unseen: [], asks: [''] };
  const possible: Decision[] = [];
  const unseen = new Set<string>();
  const asks: string[] = [];
  const notThere = new Set(evidence?.absent);
  const held = heldConditions(evidence?.matches ?? []);
  const missing = ({ subject }: Condition) =>
    subject.kind === 'header' && !(subject.name in request.headers) && !notThere.has(subject.name);
  const isOpen = (one: Condition) =>
    missing(one) &&
    !held.has(conditionKey(one)) &&
    !absent.has(one.subject.name) &&
    !absent.has('*');
  const holds = (one: Condition) =>
    (missing(one) ? held.get(conditionKey(one)) : undefined) ?? one.matches(prepared);
  for (const route of host.routes) {
    const unknown = route.conditions.filter(isOpen);
    if (!route.conditions.every((one) => unknown.includes(one) || holds(one))) continue;
    possible.push(decisionOf(host, route, prepared, view));
    for (const { subject } of unknown) unseen.add(subject.name);
    asks.push(unknown.map(({ field, wants }) => `${field} ${wants}`).join(', '));
    if (unknown.length === 0) return { possible, unseen: [...unseen], asks };
  }
  possible.push({
    virtualHost: host.name,
    rule: undefined,
    fault: undefined,
    outcome: { kind: 'notFound' },
    cors: undefined,
  });
  asks.push('');
  return { possible, unseen: [...unseen], asks };
}
