// What a request meets, as far as it matters to whoever sent it: what two tables are compared by.

import type { RoutingTable } from '../compile.ts';
import { decide } from '../decide.ts';
import { findSubset } from '../destination-rules.ts';
import { decisionLine, effectKey, type DecisionLine } from '../explain/decision-line.ts';
import { policyOf } from '../explain/policy.ts';
import type { Caller, TrafficRequest } from '../request.ts';

export interface Target {
  /** Which of the service's endpoints the subset means. */
  readonly labels: Readonly<Record<string, string>>;
  readonly policy: readonly (readonly [string, string])[];
}

export interface Effect {
  readonly line: DecisionLine;
  /** One for each destination. */
  readonly targets: readonly Target[];
  /** The same for requests that meet the same. */
  readonly key: string;
}

export function effectOf(table: RoutingTable, caller: Caller, request: TrafficRequest): Effect {
  return effectOfLine(table, caller, decisionLine(decide(table, caller, request), request));
}

export function effectOfLine(table: RoutingTable, caller: Caller, line: DecisionLine): Effect {
  const targets = (line.destinations ?? []).map((one) => targetOf(table, caller, one));
  return { line, targets, key: effectKey(line) + JSON.stringify(targets) };
}

export function targetOf(
  table: RoutingTable,
  caller: Caller,
  destination: { readonly host: string; readonly subset: string; readonly port: number },
): Target {
  const rule = table.destinationRule(destination.host, caller.namespace, caller.labels);
  return {
    labels: findSubset(rule, destination.subset)?.labels ?? {},
    policy: policyOf(table, caller, destination)?.settings ?? [],
  };
}
