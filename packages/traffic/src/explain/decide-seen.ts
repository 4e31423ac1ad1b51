// Decides a request of which not all headers are known: every decision that is still possible.

import type { RoutingTable } from '../compile.ts';
import { decide, outcomeOf, type Decision } from '../decide.ts';
import { PreparedRequest, type Caller, type TrafficRequest } from '../request.ts';
import type { Condition } from '../conditions.ts';

export interface SeenDecision {
  /** At least one; exactly one when all that the rules look at is known. */
  readonly possible: readonly Decision[];
  /** Headers that would have to be known, in the order in which the rules ask for them. */
  readonly unseen: readonly string[];
}

/**
 * As `decide`, but a header that `request` does not have may have been there with any value. Rules are
 * followed as far as such a header could change the answer.
 */
export function decideSeen(
  table: RoutingTable,
  caller: Caller,
  request: TrafficRequest,
): SeenDecision {
  const prepared = new PreparedRequest(request);
  const host = table.hosts(caller, request.port).find(prepared.hostname);
  const decided = decide(table, caller, request);
  if (!host || (host.httpsRedirect && prepared.scheme === 'http'))
    return { possible: [decided], unseen: [] };
  const possible: Decision[] = [];
  const unseen = new Set<string>();
  const open = ({ subject }: Condition) =>
    subject.kind === 'header' && !(subject.name in request.headers);
  for (const route of host.routes) {
    const unknown = route.conditions.filter(open);
    if (!route.conditions.every((one) => unknown.includes(one) || one.matches(prepared))) continue;
    possible.push({
      virtualHost: host.name,
      rule: route.ref,
      fault: route.fault,
      outcome: outcomeOf(route, prepared),
    });
    for (const { subject } of unknown) unseen.add(subject.name);
    if (unknown.length === 0) return { possible, unseen: [...unseen] };
  }
  possible.push({
    virtualHost: host.name,
    rule: undefined,
    fault: undefined,
    outcome: { kind: 'notFound' },
  });
  return { possible, unseen: [...unseen] };
}
