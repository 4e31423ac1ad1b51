// Whether an answer is one of those that `decide` allows: status, destination, path, host, headers.

import {
  applyHeaders,
  decide,
  findSubset,
  type Caller,
  type Decision,
  type Outcome,
  type RouteDestination,
  type RoutingTable,
} from '../../src/index.ts';
import type { Answer } from './data-plane-under-test.ts';
import type { Asked } from './generate-request.ts';
import { GATEWAY, SIDECAR } from './world.ts';

/** What differs, in words; undefined when all agrees. */
export function differs(table: RoutingTable, asked: Asked, answer: Answer): string | undefined {
  const decision = decide(table, callerOf(asked), asked.request);
  const difference = compare(table, asked, decision, answer);
  return (
    difference &&
    `${difference} (${decision.outcome.kind} by ${JSON.stringify(decision.rule ?? decision.virtualHost)})`
  );
}

/** Where one plane is known to do otherwise than another. */
export interface Exception {
  /** As the documentation calls it. */
  readonly name: string;
  readonly of: 'request' | 'answer';
  /** Names of headers. */
  readonly headers: RegExp;
}

/**
 * What a second plane says otherwise than the first to the same request, to the body of its own answers and every
 * header; undefined when all agrees. Exceptions that were met are told to `met`.
 */
export function differsBetween(
  first: Answer,
  second: Answer,
  { exceptions, met }: { exceptions: readonly Exception[]; met: (name: string) => void },
): string | undefined {
  if (first.status !== second.status) return `status ${first.status}, not ${second.status}`;
  const [up, other] = [first.up, second.up];
  if (up?.port !== other?.port) return `port ${up?.port}, not ${other?.port}`;
  if (up?.path !== other?.path) return `path ${up?.path}, not ${other?.path}`;
  if (!up && first.body !== second.body)
    return `body ${JSON.stringify(first.body)}, not ${JSON.stringify(second.body)}`;
  const sides = [
    ['request', up?.headers ?? {}, other?.headers ?? {}],
    ['answer', first.headers, second.headers],
  ] as const;
  for (const [of, a, b] of sides) {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (a[name] === b[name] || HOP.test(name)) continue;
      // The programs tell what they saw, so that the length of their answers follows from the request.
      if (of === 'answer' && up && name === 'content-length') continue;
      const known = exceptions.find((one) => one.of === of && one.headers.test(name));
      if (!known) return `header ${name} of the ${of}: ${a[name]}, not ${b[name]}`;
      met(known.name);
    }
  }
  return undefined;
}

/** Whether chance decides where a request goes. */
export function byChance(table: RoutingTable, asked: Asked): boolean {
  const { outcome, fault } = decide(table, callerOf(asked), asked.request);
  // Istio draws a destination for an aborted preflight too, whose headers its answer bears.
  if (outcome.kind === 'preflight') return fault?.abort?.probability === 1;
  if (outcome.kind !== 'forward') return false;
  const { destinations } = outcome.action;
  return (
    destinations.length > 1 ||
    destinations.some((one) => portsOf(table, callerOf(asked), one).length > 1)
  );
}

const callerOf = (asked: Asked): Caller => (asked.via === 'gateway' ? GATEWAY : SIDECAR);

function compare(
  table: RoutingTable,
  asked: Asked,
  { outcome, fault, cors }: Decision,
  answer: Answer,
): string | undefined {
  const own = (status: number, body?: string) => {
    if (answer.up) return `${status}, but port ${answer.up.port} answered`;
    if (answer.status !== status) return `${status}, not ${answer.status}`;
    return body === undefined || answer.body === body
      ? undefined
      : `body ${JSON.stringify(body)}, not ${JSON.stringify(answer.body)}`;
  };
  if (fault?.abort?.probability === 1) {
    // The answer to an aborted request carries what the route adds to answers.
    return own(fault.abort.httpStatus) ?? addedDiffers(outcome, answer);
  }
  switch (outcome.kind) {
    case 'notFound':
      return own(404);
    case 'blocked':
      return own(502);
    case 'passthrough':
      // Without redirection of addresses there is nowhere to pass it to.
      return own(503, 'no healthy upstream');
    case 'preflight':
      return own(200, '') ?? headersDiffer(cors ?? {}, answer.headers);
    case 'directResponse':
      return (
        own(outcome.status, outcome.body) ??
        headersDiffer({ ...applyHeaders({}, outcome.responseHeaders), ...cors }, answer.headers)
      );
    case 'redirect':
      return (
        own(outcome.status) ??
        headersDiffer(
          { location: outcome.location, ...applyHeaders({}, outcome.responseHeaders), ...cors },
          answer.headers,
        )
      );
    case 'forward':
      return forwardDiffers(table, asked, outcome, cors ?? {}, answer);
  }
}

function forwardDiffers(
  table: RoutingTable,
  asked: Asked,
  { action, path }: Extract<Outcome, { kind: 'forward' }>,
  cors: Readonly<Record<string, string>>,
  answer: Answer,
): string | undefined {
  const caller = callerOf(asked);
  const { up } = answer;
  if (!up) {
    const missing = action.destinations.filter((one) => portsOf(table, caller, one).length === 0);
    return missing.length > 0 && answer.status === action.missingStatus
      ? firstAgreeing(
          missing,
          (one) => ({ ...applyHeaders({}, one.responseHeaders), ...cors }),
          answer,
        )
      : `forward to ${action.destinations.map(nameOf).join(' or ')}, not ${answer.status}`;
  }
  if (up.path !== path) return `path ${path}, not ${up.path}`;
  const possible = action.destinations.filter((one) =>
    portsOf(table, caller, one).includes(up.port),
  );
  if (possible.length === 0)
    return `${action.destinations.map(nameOf).join(' or ')}, not port ${up.port}`;
  const differences = possible.map((one) => {
    const sent = applyHeaders(asked.request.headers, one.requestHeaders);
    if (one.authority !== undefined) sent['host'] = one.authority;
    return (
      headersDiffer(sent, up.headers) ??
      headersDiffer(
        { ...applyHeaders({ 'x-up': 'up' }, one.responseHeaders), ...cors },
        answer.headers,
      )
    );
  });
  return differences.includes(undefined) ? undefined : differences[0];
}

/** Of an answer that Envoy gave in place of any of the destinations. */
function addedDiffers(outcome: Outcome, answer: Answer): string | undefined {
  if (outcome.kind !== 'forward') return undefined;
  const { destinations } = outcome.action;
  return firstAgreeing(destinations, (one) => applyHeaders({}, one.responseHeaders), answer);
}

function firstAgreeing(
  destinations: readonly RouteDestination[],
  expected: (one: RouteDestination) => Readonly<Record<string, string>>,
  answer: Answer,
): string | undefined {
  const differences = destinations.map((one) => headersDiffer(expected(one), answer.headers));
  return differences.includes(undefined) ? undefined : differences[0];
}

const nameOf = (one: RouteDestination) =>
  `${one.host}:${one.port}${one.subset && ` ${one.subset}`}${one.missing ? ' (missing)' : ''}`;

/** Ports of the programs that may answer for a destination. */
function portsOf(
  table: RoutingTable,
  caller: Caller,
  { host, subset, port, missing }: RouteDestination,
): number[] {
  const service = table.services.get(host);
  if (missing || !service) return [];
  const name = service.ports.find((one) => one.number === port)?.name ?? '';
  const labels = subset
    ? (findSubset(table.destinationRule(host, caller.namespace, caller.labels), subset)?.labels ??
      {})
    : {};
  return service.endpoints
    .filter((one) => Object.entries(labels).every(([key, value]) => one.labels?.[key] === value))
    .map((one) => one.ports?.[name] ?? port);
}

/** Says something of the connection alone: Envoy ends those whose listener is being replaced. */
const HOP = /^(connection|keep-alive)$/;

/** What every proxy adds or changes on its own. */
const PROXYS_OWN =
  /^(x-envoy-.*|x-forwarded-.*|x-request-id|date|server|via|connection|keep-alive|transfer-encoding|content-length|content-type|vary)$/;

function headersDiffer(
  mine: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, string>>,
): string | undefined {
  for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    if (PROXYS_OWN.test(name)) continue;
    // An answer with several of a name is joined with a space by some clients.
    const [a, b] = [mine[name], theirs[name]].map((one) => one?.replace(/, ?/g, ','));
    if (a !== b) return `header ${name}: ${mine[name]}, not ${theirs[name]}`;
  }
  return undefined;
}
