// What was observed under one rule, gathered into the hypotheses that can be tested.

import type { DecisionLine, LineDestination } from '../explain/decision-line.ts';
import type { DecidedRequests } from './observed.ts';
import type { SharesHypothesis } from './judge-shares.ts';

export interface RuleCheck extends SharesHypothesis {
  readonly kind: 'route' | 'weights' | 'answer' | 'abort' | 'delay' | 'mirror';
  /** One per share: `http-lb v2`, `aborted with 503`. */
  readonly names: readonly string[];
  /** Of requests that went where they may not go, or of the share that is not the declared one. */
  readonly traces: readonly string[];
  /** Why it cannot be tested though there are requests. */
  readonly untestable?: string;
}

const TRACES = 10;

/**
 * How many requests a rule had, and its checks, from its requests, all decided alike. `seesMirror` says whether any request to a
 * service has left a span at all: proxies need not trace copies.
 */
export function rulesChecks(
  line: DecisionLine,
  seen: readonly DecidedRequests[],
  seesMirror: (service: string) => boolean,
): { readonly requests: number; readonly checks: RuleCheck[] } {
  // A proxy may send a span for a copy too, which looks like a request that went to the mirror.
  const copies = seen.filter((one) => isCopy(line, one));
  const requests = copies.length === 0 ? seen : seen.filter((one) => !copies.includes(one));
  const checks = [...faultChecks(line, requests)];
  const letThrough = requests.filter((one) => !hasFlag(one, 'FI'));
  if (line.outcome !== 'forward')
    return { requests: sum(requests), checks: [...checks, answerCheck(line, letThrough)] };
  const routed = letThrough.flatMap((one) => {
    const at = destinationOf(line.destinations!, one);
    return at === undefined ? [] : [{ one, at }];
  });
  const stray = routed.filter(({ at }) => at === -1).map(({ one }) => one);
  checks.push({
    kind: 'route',
    names: ['where the rule says', 'elsewhere'],
    shares: [1, 0],
    counts: [sum(routed.map(({ one }) => one)) - sum(stray), sum(stray)],
    traces: tracesOf(stray),
  });
  if (line.destinations!.length > 1) {
    const counts = line.destinations!.map((_, index) =>
      sum(routed.filter(({ at }) => at === index).map(({ one }) => one)),
    );
    const all = counts.reduce((total, count) => total + count, 0);
    // Where too many went, their traces show it.
    const most = counts
      .map((count, index) => count - all * line.destinations![index]!.probability)
      .reduce((best, excess, index, list) => (excess > list[best]! ? index : best), 0);
    checks.push({
      kind: 'weights',
      names: line.destinations!.map(nameOf),
      shares: line.destinations!.map((one) => one.probability),
      counts,
      traces: tracesOf(routed.filter(({ at }) => at === most).map(({ one }) => one)),
    });
  }
  const mirrored = mirrorChecks(
    line,
    routed.map(({ one }) => one),
    { copies, seesMirror },
  );
  return { requests: sum(requests), checks: [...checks, ...mirrored] };
}

const sum = (requests: readonly DecidedRequests[]) =>
  requests.reduce((total, { observed }) => total + observed.spans, 0);

const tracesOf = (requests: readonly DecidedRequests[]) =>
  [...new Set(requests.flatMap(({ observed }) => observed.traces))].slice(0, TRACES);

const hasFlag = ({ observed }: DecidedRequests, flag: string) =>
  observed.responseFlags.includes(flag);

export function nameOf({ host, port, subset }: LineDestination): string {
  return `${host}:${port}${subset && ` ${subset}`}`;
}

const goesTo = (
  target: { readonly host: string; readonly port: number; readonly subset: string },
  { destination }: DecidedRequests,
) =>
  target.host === destination?.host &&
  target.port === destination.port &&
  target.subset === destination.subset;

const isCopy = ({ destinations = [], mirrors = [] }: DecisionLine, one: DecidedRequests) =>
  mirrors.some((mirror) => goesTo(mirror, one)) && !destinations.some((own) => goesTo(own, one));

/** Index of the destination that a request went to, -1 for another one, undefined when nobody knows. */
function destinationOf(
  destinations: readonly LineDestination[],
  { destination, observed }: DecidedRequests,
): number | undefined {
  if (!destination)
    return /^(Passthrough|BlackHole)Cluster/.test(observed.upstreamCluster) ? -1 : undefined;
  return destinations.findIndex(
    (one) =>
      one.host === destination.host &&
      one.subset === destination.subset &&
      one.port === destination.port,
  );
}

function share(
  kind: RuleCheck['kind'],
  name: string,
  declared: number,
  sides: { readonly yes: readonly DecidedRequests[]; readonly no: readonly DecidedRequests[] },
): RuleCheck {
  const counts = [sum(sides.yes), sum(sides.no)];
  const tooMany = counts[0]! > declared * (counts[0]! + counts[1]!);
  return {
    kind,
    names: [name, 'not'],
    shares: [declared, 1 - declared],
    counts,
    traces: tracesOf(tooMany ? sides.yes : sides.no),
  };
}

function faultChecks({ fault }: DecisionLine, requests: readonly DecidedRequests[]): RuleCheck[] {
  const split = (flag: string) => ({
    yes: requests.filter((one) => hasFlag(one, flag)),
    no: requests.filter((one) => !hasFlag(one, flag)),
  });
  return [
    ...(fault?.delay
      ? [
          share(
            'delay',
            `delayed by ${fault.delay.durationMs} ms`,
            fault.delay.probability,
            split('DI'),
          ),
        ]
      : []),
    ...(fault?.abort
      ? [
          share(
            'abort',
            `aborted with ${fault.abort.httpStatus ?? fault.abort.grpcStatus}`,
            fault.abort.probability,
            split('FI'),
          ),
        ]
      : []),
  ];
}

function answerCheck(line: DecisionLine, requests: readonly DecidedRequests[]): RuleCheck {
  const wanted = line.redirect?.status ?? line.directResponse?.status ?? line.status;
  const wrong = requests.filter(
    ({ observed, destination }) =>
      destination || (wanted !== undefined && observed.status !== wanted),
  );
  return {
    kind: 'answer',
    names: [wanted === undefined ? 'passed through' : `answered ${wanted}`, 'otherwise'],
    shares: [1, 0],
    counts: [sum(requests) - sum(wrong), sum(wrong)],
    traces: tracesOf(wrong),
  };
}

function mirrorChecks(
  line: DecisionLine,
  routed: readonly DecidedRequests[],
  evidence: {
    readonly copies: readonly DecidedRequests[];
    readonly seesMirror: (service: string) => boolean;
  },
): RuleCheck[] {
  return (line.mirrors ?? []).map((mirror): RuleCheck => {
    const told = evidence.copies.filter((one) => goesTo(mirror, one));
    if (told.length > 0) {
      const check = share('mirror', `copied to ${mirror.host}`, mirror.probability, {
        yes: told,
        no: [],
      });
      return { ...check, counts: [sum(told), Math.max(0, sum(routed) - sum(told))] };
    }
    const service = mirror.host.split('.')[0]!;
    const copied = (one: DecidedRequests) =>
      one.observed.callees.some((callee) => callee.service.split('.')[0] === service);
    const check = share('mirror', `copied to ${mirror.host}`, mirror.probability, {
      yes: routed.filter(copied),
      no: routed.filter((one) => !copied(one)),
    });
    // A span of the copy cannot be told from one of the request itself.
    const ambiguous = line.destinations!.some((one) => one.host === mirror.host);
    if (!ambiguous && evidence.seesMirror(service)) return check;
    return {
      ...check,
      counts: [0, 0],
      traces: [],
      untestable: ambiguous
        ? 'copies go to a destination of the rule itself: their spans cannot be told apart'
        : `${service} has sent no span for a copy: either none arrived or copies are not traced`,
    };
  });
}
