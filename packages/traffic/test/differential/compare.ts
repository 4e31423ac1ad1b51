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
