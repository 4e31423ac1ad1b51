// Envoy's format strings in header values: `%REQ(x-user)%`; a single percent sign is written twice.
// https://www.envoyproxy.io/docs/envoy/latest/configuration/advanced/substitution_formatter

import { hostname } from 'node:os';
import type { HeaderOperator } from '@clover/traffic';
import type { HeaderList } from '../codec/header-list.ts';

/** What the operators may look at. Times are Unix milliseconds. */
export interface FormatContext {
  readonly requestHeaders: HeaderList;
  readonly responseHeaders: HeaderList | undefined;
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly scheme: string;
  readonly protocol: string;
  readonly status: number;
  readonly responseFlags: string;
  readonly routeName: string;
  readonly upstreamHost: string;
  readonly upstreamCluster: string;
  /** `address:port` */
  readonly remote: string;
  readonly local: string;
  readonly startUnixMs: number;
  readonly peerPrincipal: string;
}

/** A value that stands as it is, or one to be worked out for each request. */
export type HeaderValue = string | ((context: FormatContext) => string);

type Operator = (context: FormatContext) => string | undefined;

/** Operators that are not known give an empty value, and a header with an empty value is not set. */
export function compileFormat(text: string): HeaderValue {
  if (!text.includes('%')) return text;
  const parts: (string | Operator)[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    if (text[at] !== '%') {
      literal += text[at++];
      continue;
    }
    if (text[at + 1] === '%') {
      literal += '%';
      at += 2;
      continue;
    }
    const found = /^%([A-Z0-9_]+)(?:\(([^)]*)\))?(?::(\d+))?%/.exec(text.slice(at));
    if (found === null) {
      literal += text[at++];
      continue;
    }
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(cut(operator(found[1]!, found[2] ?? ''), found[3]));
    at += found[0].length;
  }
  if (literal !== '') parts.push(literal);
  if (parts.every((one) => typeof one === 'string')) return parts.join('');
  return (context) => {
    let value = '';
    for (const part of parts) value += typeof part === 'string' ? part : (part(context) ?? '');
    return value;
  };
}

function cut(inner: Operator, length: string | undefined): Operator {
  return length === undefined ? inner : (context) => inner(context)?.slice(0, Number(length));
}

function operator(name: string, argument: string): Operator {
  return Object.hasOwn(OPERATORS, name)
    ? OPERATORS[name as HeaderOperator](argument)
    : () => undefined;
}

/** `name?other`: the second when the first is not there. */
function eitherHeader(
  argument: string,
  find: (name: string, context: FormatContext) => string | undefined,
): Operator {
  const [first = '', second] = argument.toLowerCase().split('?');
  return (context) =>
    find(first, context) ?? (second === undefined ? undefined : find(second, context));
}

function requestHeader(name: string, context: FormatContext): string | undefined {
  switch (name) {
    case ':method':
      return context.method;
    case ':path':
      return context.path;
    case ':authority':
    case 'host':
      return context.authority;
    case ':scheme':
      return context.scheme;
    default:
      return context.requestHeaders.getAll(name);
  }
}

function responseHeader(name: string, { responseHeaders }: FormatContext): string | undefined {
  return responseHeaders?.getAll(name);
}

const withoutPort = (address: string) => address.slice(0, address.lastIndexOf(':'));
const portOf = (address: string) => address.slice(address.lastIndexOf(':') + 1);

const plain = (operate: Operator) => () => operate;

/** One for each that `analyze` believes to be enforced. */
const OPERATORS: Readonly<Record<HeaderOperator, (argument: string) => Operator>> = {
  REQ: (argument) => eitherHeader(argument, requestHeader),
  RESP: (argument) => eitherHeader(argument, responseHeader),
  START_TIME: startTime,
  PROTOCOL: plain((context) => context.protocol),
  RESPONSE_CODE: plain((context) => (context.status === 0 ? '' : String(context.status))),
  RESPONSE_FLAGS: plain((context) => context.responseFlags),
  ROUTE_NAME: plain((context) => context.routeName),
  UPSTREAM_HOST: plain((context) => context.upstreamHost),
  UPSTREAM_REMOTE_ADDRESS: plain((context) => context.upstreamHost),
  UPSTREAM_CLUSTER: plain((context) => context.upstreamCluster),
  DOWNSTREAM_REMOTE_ADDRESS: plain((context) => context.remote),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: plain((context) => context.remote),
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: plain((context) => withoutPort(context.remote)),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: plain((context) => withoutPort(context.remote)),
  DOWNSTREAM_REMOTE_PORT: plain((context) => portOf(context.remote)),
  DOWNSTREAM_LOCAL_ADDRESS: plain((context) => context.local),
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: plain((context) => withoutPort(context.local)),
  DOWNSTREAM_LOCAL_PORT: plain((context) => portOf(context.local)),
  DOWNSTREAM_PEER_URI_SAN: plain((context) => context.peerPrincipal),
  HOSTNAME: plain(() => hostname()),
};

/** With a format of strftime's in part: `%s` seconds, `%3f` and the fields of a date; RFC 3339 without one. */
function startTime(format: string): Operator {
  if (format === '') return ({ startUnixMs }) => new Date(startUnixMs).toISOString();
  return ({ startUnixMs }) => {
    const iso = new Date(startUnixMs).toISOString();
    const fields: Readonly<Record<string, string>> = {
      Y: iso.slice(0, 4),
      m: iso.slice(5, 7),
      d: iso.slice(8, 10),
      H: iso.slice(11, 13),
      M: iso.slice(14, 16),
      S: iso.slice(17, 19),
      s: String(Math.floor(startUnixMs / 1000)),
      '3f': iso.slice(20, 23),
      F: iso.slice(0, 10),
      T: iso.slice(11, 19),
    };
    return format.replaceAll(/%(3f|[YmdHMSsFT])/g, (_, name: string) => fields[name] ?? '');
  };
}
