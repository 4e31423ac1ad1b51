// Where a request goes and, rule by rule, why: what `decide` does, told. Both run the same conditions.

import type { RoutingTable } from './compile.ts';
import { decide, type Decision } from './decide.ts';
import { prepare, type Caller, type TrafficRequest } from './request.ts';
import type { RuleRef } from './route.ts';

/** What became of one match block. */
export interface RuleTrace {
  readonly ref: RuleRef;
  readonly verdict: 'matched' | 'failed' | 'closed' | 'after';
  /** `uri: wants prefix "/test", has "/api"`; why it is closed to this caller. */
  readonly reason: string;
}

export interface Explanation extends Decision {
  readonly rules: readonly RuleTrace[];
}

/** The decision of `decide` with the fate of every rule of the virtual host, in the order of the files. */
export function explain(table: RoutingTable, caller: Caller, request: TrafficRequest): Explanation {
  const decision = decide(table, caller, request);
  const prepared = prepare(request);
  const host = table.view(caller, request.port, request.sni).hosts.lookup(prepared.authority);
  if (!host) return { ...decision, rules: [] };
  let matched = false;
  const rules: RuleTrace[] = host.routes.map((route) => {
    if (matched)
      return { ref: route.ref, verdict: 'after', reason: 'an earlier rule took the request' };
    const failed = route.conditions.find((one) => !one.matches(prepared));
    if (failed) {
      const actual = failed.actual(prepared);
      const has =
        actual === undefined ? 'the request has none' : `the request has ${JSON.stringify(actual)}`;
      return {
        ref: route.ref,
        verdict: 'failed',
        reason: `${failed.field} wants ${failed.wants}, ${has}`,
      };
    }
    matched = true;
    const all = route.conditions.map((one) => `${one.field} ${one.wants}`).join(', ');
    return { ref: route.ref, verdict: 'matched', reason: all || 'takes every request' };
  });
  const closed: RuleTrace[] = host.closed.map(({ ref, reason }) => ({
    ref,
    verdict: 'closed',
    reason,
  }));
  return { ...decision, rules: inFileOrder([...rules, ...closed]) };
}

/** Matched against unmatched stays in table order per VirtualService; only closed blocks are put back to where they stand. */
function inFileOrder(rules: readonly RuleTrace[]): RuleTrace[] {
  const rootOf = ({ ref }: RuleTrace) => ref.root ?? ref;
  const services = [...new Set(rules.map((one) => rootOf(one).virtualService))];
  const place = (one: RuleTrace) => [
    services.indexOf(rootOf(one).virtualService),
    rootOf(one).ruleIndex,
    one.ref.root ? one.ref.ruleIndex : -1,
    one.ref.matchIndex,
  ];
  return rules
    .map((rule) => ({ rule, at: place(rule) }))
    .toSorted((a, b) => {
      const first = a.at.findIndex((value, index) => value !== b.at[index]);
      return first === -1 ? 0 : a.at[first]! - b.at[first]!;
    })
    .map(({ rule }) => rule);
}
