// Which rules of a list no request can reach. A request that meets a rule and none before it shows that it is
// reached. Where none is found at once, all requests are cut into boxes by the conditions of the rule and of
// those before it (see diff/request-space.ts): when these take every box of it, it is proved that nothing is
// left, with several rules together too, and for every condition that RE2 can ask.

import type { Condition } from '../../conditions.ts';
import { createRequestSpace, type Box, type RequestSpace } from '../../diff/request-space.ts';
import { prepare, type PreparedRequest, type TrafficRequest } from '../../request.ts';
import { normalizePath } from '../../normalize-path.ts';
import { plainlyDisjoint } from './disjoint.ts';
import type { ListedRule, RuleList } from './rule-lists.ts';
import { simpleRequests } from './simple-requests.ts';

export type Verdict =
  | { readonly kind: 'reached' }
  /** The budget or the conditions do not allow a verdict. */
  | { readonly kind: 'unknown' }
  /** No request has what it asks. */
  | { readonly kind: 'contradiction' }
  | {
      readonly kind: 'taken';
      /** The rules before it that take its requests, in order. */
      readonly by: readonly ListedRule[];
      /** A request that meets the rule. */
      readonly request: TrafficRequest;
    };

/** Boxes that are split by a rule, for all lists together. */
export interface Budget {
  left: number;
}

const MAX_STATES = 20_000;
const MAX_CONDITIONS = 300;

const REACHED: Verdict = { kind: 'reached' };
const UNKNOWN: Verdict = { kind: 'unknown' };

/** A verdict for each rule of the list. */
export function judgeList(list: RuleList, budget: Budget): Verdict[] {
  return list.rules.map((rule, index) => {
    const earlier = list.rules
      .slice(0, index)
      .filter((one) => one.takes && !plainlyDisjoint(one.conditions, rule.conditions));
    return judgeRule(rule, earlier, list, budget);
  });
}

function judgeRule(
  rule: ListedRule,
  earlier: readonly ListedRule[],
  { host = 'any.example', wild, secure }: RuleList,
  budget: Budget,
): Verdict {
  const base: TrafficRequest = {
    method: 'GET',
    path: '/',
    headers: { host },
    port: 0,
    ...(secure && { scheme: 'https' as const }),
  };
  // A name within a wildcard may be any: who asks for the name itself cannot be judged.
  const conditions = [rule, ...earlier].flatMap((one) => one.conditions);
  if (wild && conditions.some(({ subject }) => subject.kind === 'authority')) return UNKNOWN;
  const shows = (requests: readonly TrafficRequest[]) =>
    requests
      .map((one) => prepare(one))
      .some((one) => meets(rule, one) && !earlier.some((other) => meets(other, one)));
  if (shows(simpleRequests(rule.conditions, base).filter(isPlain))) return REACHED;
  const own = createRequestSpace(rule.conditions, host, MAX_STATES);
  const inside = own.split(own.whole, rule.conditions).inside;
  if (!inside) return own.complete ? { kind: 'contradiction' } : UNKNOWN;
  if (shows(own.requests(inside, base))) return REACHED;
  if (conditions.length > MAX_CONDITIONS || budget.left < 0) return UNKNOWN;
  const space = createRequestSpace(conditions, host, MAX_STATES);
  const mine = space.split(space.whole, rule.conditions).inside;
  if (!space.complete || !mine) return UNKNOWN;
  const taken = takersOf(space, mine, earlier, budget);
  if (taken === 'reached') return REACHED;
  return taken === undefined
    ? UNKNOWN
    : { kind: 'taken', by: taken, request: space.requests(mine, base)[0]! };
}

/** One that comes to the conditions as it is written. */
const isPlain = ({ path, method, headers }: TrafficRequest) =>
  path.startsWith('/') &&
  !path.includes('#') &&
  normalizePath(path) === path &&
  /^[\w!#$%&'*+.^`|~-]+$/.test(method) &&
  Object.values(headers).every((one) => /^(?:[!-~](?:[ -~]*[!-~])?)?$/.test(one));

const meets = ({ conditions }: ListedRule, request: PreparedRequest) =>
  conditions.every((one) => one.matches(request));

/** Those that take all of a box; undefined when the budget is at its end. */
function takersOf(
  space: RequestSpace,
  box: Box,
  earlier: readonly ListedRule[],
  budget: Budget,
): ListedRule[] | 'reached' | undefined {
  const found: ListedRule[] = [];
  let open: Box[] = [box];
  for (const one of earlier) {
    if (open.length === 0) return found;
    budget.left -= open.length;
    if (budget.left < 0) return undefined;
    const { taken, rest } = splitAll(space, open, one.conditions);
    if (taken) found.push(one);
    open = rest;
  }
  return open.length === 0 ? found : 'reached';
}

function splitAll(space: RequestSpace, boxes: readonly Box[], conditions: readonly Condition[]) {
  const rest: Box[] = [];
  let taken = false;
  for (const box of boxes) {
    const { inside, outside } = space.split(box, conditions);
    taken ||= inside !== undefined;
    for (const one of outside) rest.push(one);
  }
  return { taken, rest };
}
