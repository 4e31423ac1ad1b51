// Whether a recorded answer can have come out of a decision.

import type { RoutingTable } from '../compile.ts';
import { applyHeaders } from '../decide.ts';
import { findSubset } from '../destination-rules.ts';
import type { Caller } from '../request.ts';
import type { KnownAnswer } from './asked-request.ts';
import type { DecisionLine, LineDestination } from './decision-line.ts';

/**
 * What does not fit, in words; undefined when the answer is one of those that the decision allows. An
 * answer that may be the upstream's own (a status that no proxy made) fits every destination.
 */
export function answerDiffers(
  table: RoutingTable,
  caller: Caller,
  line: DecisionLine,
  answer: KnownAnswer,
): string | undefined {
  const { abort } = line.fault ?? {};
  const aborted =
    abort !== undefined && answer.status === (abort.httpStatus ?? 200) && !reached(answer);
  if (aborted) return undefined;
  if (abort?.probability === 1) return `an abort with ${abort.httpStatus}, not ${said(answer)}`;
  switch (line.outcome) {
    case 'notFound':
    case 'preflight':
    case 'blocked':
      return answer.status === line.status && !reached(answer)
        ? undefined
        : `${line.status} by the proxy, not ${said(answer)}`;
    case 'passthrough':
      // Where it resolves to is nobody's business here; a recorded upstream would have been a declared one.
      return answer.up || answer.destination ? `passed through, not ${said(answer)}` : undefined;
    case 'redirect': {
      const { status, location } = line.redirect!;
      if (answer.status !== status || reached(answer))
        return `redirect ${status}, not ${said(answer)}`;
      const actual = answer.headers?.['location'];
      if (answer.headers && actual !== location) return `redirect to ${location}, not to ${actual}`;
      return headersDiffer(line.responseHeaders, answer.headers, {});
    }
    case 'directResponse': {
      const { status, body } = line.directResponse!;
      if (answer.status !== status || reached(answer))
        return `direct response ${status}, not ${said(answer)}`;
      if (answer.body !== undefined && answer.body !== body)
        return `direct response with body ${JSON.stringify(body)}, not ${JSON.stringify(answer.body)}`;
      return headersDiffer(line.responseHeaders, answer.headers, {});
    }
    case 'forward':
      return forwardDiffers(table, caller, line, answer);
  }
}

const reached = (answer: KnownAnswer) =>
  answer.up !== undefined || answer.destination !== undefined;

function said({ status, up, destination }: KnownAnswer): string {
  if (destination)
    return `${status} from ${destination.host}${destination.subset && ` ${destination.subset}`}`;
  return up ? `${status} from port ${up.port}` : String(status);
}

function forwardDiffers(
  table: RoutingTable,
  caller: Caller,
  line: DecisionLine,
  answer: KnownAnswer,
): string | undefined {
  const destinations = line.destinations!;
  const { up, destination } = answer;
  if (destination) {
    return destinations.some(
      (one) =>
        one.host === destination.host &&
        one.subset === destination.subset &&
        one.port === destination.port,
    )
      ? undefined
      : `${names(destinations)}, not ${said(answer)}`;
  }
  if (!up) {
    const gone = destinations.some((one) => one.missing);
    return gone && answer.status === 503
      ? undefined
      : `${names(destinations)}, not ${said(answer)}`;
  }
  if (up.path !== line.path) return `path ${line.path}, not ${up.path}`;
  const possible = destinations.filter((one) => hasEndpoint(table, caller, one, up.port));
  if (possible.length === 0) return `${names(destinations)}, not port ${up.port}`;
  const differences = possible.map(
    (one) =>
      sentDiffers(one.headers, up.headers) ??
      headersDiffer(one.responseHeaders, answer.headers, { 'x-up': 'up' }),
  );
  return differences.includes(undefined) ? undefined : differences[0];
}

const names = (destinations: readonly LineDestination[]) =>
  destinations
    .map((one) => `${one.host}:${one.port}${one.subset && ` ${one.subset}`}`)
    .join(' or ');

function hasEndpoint(
  table: RoutingTable,
  caller: Caller,
  { host, subset, port }: LineDestination,
  at: number,
): boolean {
  const service = table.services.get(host);
  const portName = service?.ports.find((one) => one.number === port)?.name ?? '';
  const labels = subset
    ? (findSubset(table.destinationRule(host, caller.namespace, caller.labels), subset)?.labels ??
      {})
    : {};
  return (service?.endpoints ?? []).some(
    (one) =>
      (one.ports?.[portName] ?? port) === at &&
      Object.entries(labels).every(([key, value]) => one.labels?.[key] === value),
  );
}

function sentDiffers(
  sent: Readonly<Record<string, string>>,
  seen: Readonly<Record<string, string>>,
): string | undefined {
  for (const name of new Set([...Object.keys(sent), ...Object.keys(seen)])) {
    if (name !== 'content-length' && sent[name] !== seen[name])
      return `request header ${name}: ${sent[name]}, not ${seen[name]}`;
  }
  return undefined;
}

/** Of the answer's headers those that the operations name, and whether others have been added; `upstream` are what it is known to send. */
function headersDiffer(
  operations: DecisionLine['responseHeaders'],
  actual: Readonly<Record<string, string>> | undefined,
  upstream: Readonly<Record<string, string>>,
): string | undefined {
  if (!actual) return undefined;
  const base = Object.fromEntries(Object.entries(upstream).filter(([name]) => name in actual));
  const expected = applyHeaders(base, operations ?? []);
  for (const [name, value] of Object.entries(expected))
    if (name !== 'content-type' && actual[name] !== value)
      return `response header ${name}: ${value}, not ${actual[name]}`;
  for (const { remove = [] } of operations ?? [])
    for (const raw of remove) {
      const name = raw.toLowerCase();
      if (!(name in expected) && name in actual) return `response header ${name} is still there`;
    }
  return undefined;
}
