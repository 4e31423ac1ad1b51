// Rules that no request can reach, and blocks that no request meets. Said only when it is proved, in every list
// that the rule stands in; a witness request shows which earlier rule takes it.

import type { RoutingTable } from '../compile.ts';
import { prepare, type TrafficRequest } from '../request.ts';
import type { FieldPath } from '../read/check-fields.ts';
import type { Resource } from '../resource.ts';
import type { RuleRef } from '../route.ts';
import type { Report } from './analyze.ts';
import { judgeList, type Budget, type Verdict } from './reachability/judge-list.ts';
import { ruleLists, type ListedRule, type RuleList } from './reachability/rule-lists.ts';

/** Splits of boxes for one analysis: about a second. */
const MAX_SPLITS = 300_000;

interface Judged {
  readonly rule: RuleRef;
  readonly list: RuleList;
  readonly verdict: Verdict;
}

export function checkReachability(
  resources: readonly Resource[],
  table: RoutingTable,
  report: Report,
): void {
  const budget: Budget = { left: MAX_SPLITS };
  const judged = new Map<string, Judged>();
  const keep = (key: string, one: Judged) => {
    const before = judged.get(key)?.verdict.kind;
    // Reached once is reached, and unknown once is unknown.
    if (before === 'reached' || before === 'unknown') return;
    if (before === undefined || one.verdict.kind === 'reached' || one.verdict.kind === 'unknown')
      judged.set(key, one);
  };
  const known = new Map<string, readonly Verdict[]>();
  for (const list of ruleLists(resources, table)) {
    const same = textOf(list);
    if (!known.has(same)) known.set(same, judgeList(list, budget));
    const verdicts = known.get(same)!;
    for (const [index, { key, ref }] of list.rules.entries())
      keep(key, { rule: ref, list, verdict: verdicts[index]! });
    for (const [key, by] of list.stopped) keep(key, stopped(key, by, list));
  }
  const lost = new Set<Resource>();
  for (const { rule, list, verdict } of judged.values()) {
    const resource = resourceOf(rule, resources);
    if (!resource) continue;
    if (verdict.kind === 'unknown') lost.add(resource);
    else if (verdict.kind !== 'reached') tell({ rule, list, verdict }, resource, report);
  }
  for (const one of lost)
    report(one, ['spec'], {
      code: 'CLV307',
      severity: 'info',
      message:
        'whether all rules can be reached was not found out: there are too many conditions, or some that ask for :path or for names within a wildcard',
    });
}

/** Lists with the same rules and conditions have the same verdicts. */
const textOf = ({ rules, host, wild, secure }: RuleList): string =>
  JSON.stringify([
    rules.map(({ key, takes, conditions }) => [
      key,
      takes,
      conditions.map(({ field, wants }) => [field, wants]),
    ]),
    rules.some(({ conditions }) =>
      conditions.some(({ subject }) => subject.kind === 'authority'),
    ) && host,
    wild,
    secure,
  ]);

/** What the compiler has left out behind a rule that takes everything. */
function stopped(key: string, by: string, list: RuleList): Judged {
  const taker = list.rules.find((one) => one.key === by)!;
  const [, , ruleIndex, matchIndex] = key.split(' ');
  const request: TrafficRequest = {
    method: 'GET',
    path: '/',
    headers: { host: list.host ?? '' },
    port: 0,
  };
  return {
    rule: {
      ...taker.ref,
      ruleIndex: Number(ruleIndex),
      matchIndex: Number(matchIndex),
      ruleName: '',
    },
    list,
    verdict: { kind: 'taken', by: [taker], request },
  };
}

function resourceOf({ source, virtualService }: RuleRef, resources: readonly Resource[]) {
  return resources.find(
    ({ kind, metadata }) =>
      kind === (source ?? 'VirtualService') &&
      `${metadata.namespace}/${metadata.name}` === virtualService,
  );
}

function pathOf({ source, ruleIndex, matchIndex }: RuleRef): FieldPath {
  const [rules, matches] = source ? ['rules', 'matches'] : ['http', 'match'];
  return ['spec', rules, ruleIndex, ...(matchIndex === -1 ? [] : [matches, matchIndex])];
}

function tell(
  {
    rule,
    list,
    verdict,
  }: { rule: RuleRef; list: RuleList; verdict: Exclude<Verdict, { kind: 'reached' | 'unknown' }> },
  resource: Resource,
  report: Report,
): void {
  if (verdict.kind === 'contradiction') {
    if (asksForNeverAbsent(resource, rule)) return;
    return report(resource, pathOf(rule), {
      code: 'CLV306',
      severity: 'error',
      message:
        'no request can meet this: what it asks contradicts itself, or a path, method or header never looks like that',
      hint: 'put it right, or take it out',
    });
  }
  const { by, request } = verdict;
  const names = [...new Set(by.map(({ ref }) => nameOf(ref, rule)))];
  const shown = names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  const takers =
    shown.length > 1
      ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)} take`
      : `${shown[0]} takes`;
  const own = by.every(({ ref }) => ref.virtualService === rule.virtualService);
  const same = own && by.every(({ ref }) => ref.ruleIndex === rule.ruleIndex);
  const taker = by.find((one) => meets(one, request)) ?? by[0]!;
  report(resource, pathOf(rule), {
    code: 'CLV301',
    severity: same ? 'info' : own ? 'error' : 'warning',
    message: `no request can reach this: ${takers} all of them before (for example ${requestText(request, list)}, taken by ${longNameOf(taker.ref)})`,
    hint: same
      ? 'an earlier block of the same rule covers it'
      : own
        ? `move it before ${names[0]}`
        : `the older one comes first: join them, or ask for more here than ${names[0]} does`,
  });
}

/** That has a finding of its own, with what to write instead. */
function asksForNeverAbsent(resource: Resource, { ruleIndex, matchIndex }: RuleRef): boolean {
  if (resource.kind !== 'VirtualService') return false;
  const { withoutHeaders = {} } = resource.spec.http?.[ruleIndex]?.match?.[matchIndex] ?? {};
  return Object.values(withoutHeaders).some((one) => one?.regex === '.*');
}

const shortNameOf = ({ ruleName, ruleIndex, source }: RuleRef) =>
  ruleName || `${source ? 'rules' : 'http'}[${ruleIndex}]`;
const longNameOf = (ref: RuleRef) => `${ref.virtualService} ${shortNameOf(ref)}`;
const nameOf = (ref: RuleRef, from: RuleRef) =>
  ref.virtualService === from.virtualService ? shortNameOf(ref) : longNameOf(ref);

function meets({ conditions }: ListedRule, request: TrafficRequest): boolean {
  const prepared = prepare(request);
  return conditions.every((one) => one.matches(prepared));
}

/** `GET http://host/path -H "x: y"`; without a host for a delegate that nobody delegates to. */
function requestText(
  { method, path, headers, scheme = 'http' }: TrafficRequest,
  { host }: RuleList,
): string {
  const { host: authority, ...rest } = headers;
  const url = host === undefined ? path : `${scheme}://${authority}${path}`;
  const more = Object.entries(rest).map(
    ([name, value]) => ` -H ${JSON.stringify(`${name}: ${value}`)}`,
  );
  return `${method} ${url}${more.join('')}`;
}
