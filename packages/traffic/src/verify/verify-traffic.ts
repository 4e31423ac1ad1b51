// Does the observed traffic obey the rules? Every recorded request is decided again, and what became
// of those of a rule is held against what the rule says.

import type { RoutingTable } from '../compile.ts';
import type { CallerFinder } from '../explain/find-caller.ts';
import type { DecisionLine } from '../explain/decision-line.ts';
import type { AbsentHeaders } from '../explain/decide-seen.ts';
import type { Resource } from '../resource.ts';
import { judgeShares, type JudgeOptions, type JudgedShares, type Verdict } from './judge-shares.ts';
import {
  decideObserved,
  ruleKey,
  type DecidedRequests,
  type ObservedRequests,
} from './observed.ts';
import { rulesChecks, type RuleCheck } from './rule-tally.ts';

export interface JudgedCheck extends RuleCheck, JudgedShares {}

export interface JudgedRule {
  /** `namespace/name`; undefined for a service's own route, and for requests that no rule takes. */
  readonly virtualService: string | undefined;
  /** Of `spec.http`; -1 without a rule. */
  readonly ruleIndex: number;
  readonly ruleName: string;
  /** What takes the requests when it is no rule: the virtual host. */
  readonly virtualHost: string | undefined;
  readonly requests: number;
  /** Requests that this rule may have taken, or another: nobody recorded the headers that tell. */
  readonly undecided: number;
  /** The worst of its checks; `inconclusive` without requests. */
  readonly verdict: Verdict;
  readonly checks: readonly JudgedCheck[];
}

export interface VerifiedTraffic {
  /** Of the rules that have requests; `inconclusive` when none has, or when some requests are undecided and no rule fails. */
  readonly verdict: Verdict;
  readonly requests: number;
  /** Requests whose rule depends on headers that nobody recorded: by header, most first. */
  readonly undecided: {
    readonly requests: number;
    readonly headers: readonly string[];
    readonly traces: readonly string[];
  };
  /** In the order of the resources; those that are no rule's come last. */
  readonly rules: readonly JudgedRule[];
}

/** Judges the requests of a time in which these resources were in force. */
export function verifyTraffic(
  {
    table,
    finder,
    resources,
  }: {
    readonly table: RoutingTable;
    readonly finder: CallerFinder;
    readonly resources: readonly Resource[];
  },
  observed: readonly ObservedRequests[],
  options: JudgeOptions & { readonly absent?: AbsentHeaders },
): VerifiedTraffic {
  const decided = observed.map((one) => decideObserved(table, finder, one, options.absent));
  const sure = decided.filter((one) => one.undecided.length === 0);
  const unsure = decided.filter((one) => one.undecided.length > 0);
  const services = new Set(
    observed.flatMap(({ callees }) => callees.map(({ service }) => service.split('.')[0]!)),
  );
  const groups = new Map<string, DecidedRequests[]>();
  for (const one of sure) {
    if (one.line.outcome === 'passthrough') continue;
    const key = policyKey(one.line);
    const before = groups.get(key);
    if (before) before.push(one);
    else groups.set(key, [one]);
  }
  const tallied = [...groups.values()].map((requests) => ({
    line: requests[0]!.line,
    ...rulesChecks(requests[0]!.line, requests, (service) => services.has(service)),
  }));
  const undecidedOf = (key: string) => spans(unsure.filter(({ rules }) => rules.includes(key)));
  const all = tallied.flatMap(({ checks }) => checks);
  const judged = new Map(judgeShares(all, options).map((one, index) => [all[index]!, one]));
  const met = tallied.map(({ line, requests, checks }): JudgedRule => {
    const results = checks.map((one): JudgedCheck => {
      const result = judged.get(one)!;
      return one.untestable === undefined
        ? { ...one, ...result, traces: result.verdict === 'fail' ? one.traces : [] }
        : { ...one, ...result, verdict: 'inconclusive', neededRequests: 0 };
    });
    return {
      ...placeOf(line),
      requests,
      undecided: undecidedOf(ruleKey(line)),
      verdict: worst(results),
      checks: results,
    };
  });
  const rules = inOrder(resources, met, undecidedOf);
  return {
    verdict: worst([...met, ...(unsure.length > 0 ? [{ verdict: 'inconclusive' as const }] : [])]),
    requests: spans(decided),
    undecided: {
      requests: spans(unsure),
      headers: [...new Set(unsure.flatMap((one) => one.undecided))],
      traces: [...new Set(unsure.flatMap(({ observed: one }) => one.traces))].slice(0, 10),
    },
    rules,
  };
}

const spans = (requests: readonly DecidedRequests[]) =>
  requests.reduce((sum, { observed }) => sum + observed.spans, 0);

/** What a rule declares: requests of one key are draws from the same shares. */
function policyKey({
  rule,
  outcome,
  virtualHost,
  fault,
  destinations,
  mirrors,
  redirect,
  directResponse,
}: DecisionLine): string {
  return JSON.stringify([
    rule ? [rule.kind, rule.virtualService, rule.index, rule.root] : [outcome, virtualHost],
    fault,
    destinations?.map(({ host, port, subset, probability }) => [host, port, subset, probability]),
    mirrors,
    redirect?.status,
    directResponse?.status,
  ]);
}

function placeOf({
  rule,
  virtualHost,
}: DecisionLine): Pick<JudgedRule, 'virtualService' | 'ruleIndex' | 'ruleName' | 'virtualHost'> {
  return {
    virtualService: rule?.virtualService,
    ruleIndex: rule?.index ?? -1,
    ruleName: rule?.name ?? '',
    virtualHost: virtualHost ?? undefined,
  };
}

function worst(judged: readonly { readonly verdict: Verdict }[]): Verdict {
  if (judged.some(({ verdict }) => verdict === 'fail')) return 'fail';
  return judged.length === 0 || judged.some(({ verdict }) => verdict === 'inconclusive')
    ? 'inconclusive'
    : 'pass';
}

/** Rules that nobody met stand where they are declared, without requests. */
function inOrder(
  resources: readonly Resource[],
  met: readonly JudgedRule[],
  undecidedOf: (key: string) => number,
): JudgedRule[] {
  const declared = resources.flatMap((one) =>
    one.kind === 'VirtualService'
      ? (one.spec.http ?? []).flatMap((rule, ruleIndex) =>
          // What hands over takes nothing itself: the delegate's rules do.
          rule.delegate
            ? []
            : [
                {
                  virtualService: `${one.metadata.namespace}/${one.metadata.name}`,
                  ruleIndex,
                  ruleName: rule.name ?? '',
                },
              ],
        )
      : [],
  );
  const of = (rule: { virtualService: string | undefined; ruleIndex: number }) =>
    `${rule.virtualService} ${rule.ruleIndex}`;
  const known = new Set(declared.map(of));
  return [
    ...declared.flatMap((rule): JudgedRule[] => {
      const here = met.filter((one) => of(one) === of(rule));
      return here.length > 0
        ? here
        : [
            {
              ...rule,
              virtualHost: undefined,
              requests: 0,
              undecided: undecidedOf(of(rule)),
              verdict: 'inconclusive',
              checks: [],
            },
          ];
    }),
    ...met.filter((one) => !known.has(of(one))),
  ];
}
