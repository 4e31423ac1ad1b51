// What a rule does, worked out once: destinations with their shares, rewrites, faults.

import { parseDurationMs } from '@clover/model';
import { RE2JS } from 're2js';
import type { ViewContext } from './compile.ts';
import type {
  HeaderOperations,
  Headers,
  HttpFault,
  HttpMatch,
  HttpRoute,
  HttpRouteDestination,
} from './resource.ts';
import type { CompiledRoute, Fault, MirrorTarget, RouteDestination } from './route.ts';

export interface DestinationLookup {
  /** Port that a destination without one goes to; why it cannot be reached, if so. */
  find(
    host: string,
    subset: string,
    port: number | undefined,
  ): { host: string; port: number; missing: 'host' | 'subset' | undefined };
}

const REDIRECT_CODES = new Set([301, 302, 303, 307, 308]);

/** The action of a rule under one match block; undefined when the rule does nothing (a redirect with another 3xx code). */
export function compileAction(
  rule: HttpRoute,
  match: HttpMatch | undefined,
  lookup: DestinationLookup,
  { port, table }: Pick<ViewContext, 'port' | 'table'>,
): CompiledRoute['action'] | undefined {
  if (rule.redirect) {
    const status = rule.redirect.redirectCode ?? 301;
    if (!REDIRECT_CODES.has(status)) return undefined;
    return {
      kind: 'redirect',
      status,
      uri: rule.redirect.uri,
      rewritePath: rule.redirect.prefixRewrite
        ? plainReplacer(match, rule.redirect.prefixRewrite)
        : undefined,
      authority: rule.redirect.authority,
      scheme: rule.redirect.scheme,
      port: rule.redirect.derivePort === 'FROM_REQUEST_PORT' ? port : rule.redirect.port,
      responseHeaders: operations(rule.headers?.response),
    };
  }
  if (rule.directResponse) {
    const { status, body } = rule.directResponse;
    const text = body?.string ?? decodeBase64(body?.bytes);
    return {
      kind: 'directResponse',
      status,
      body: text,
      responseHeaders: operations(rule.headers?.response),
    };
  }
  return {
    kind: 'forward',
    destinations: destinations(rule, lookup),
    mirrors: mirrors(rule, lookup),
    rewritePath: pathRewriter(rule, match),
    timeoutMs: rule.timeout === undefined ? 0 : parseDurationMs(rule.timeout),
    // Without a number nothing is tried again: Istio cannot tell it from 0.
    retries: { attempts: 0, ...(rule.retries ?? table.mesh.defaultHttpRetryPolicy) },
    missingStatus: rule.origin?.missingStatus ?? 503,
  };
}

/** As a text; empty for what validation refuses. */
function decodeBase64(bytes: string | undefined): string {
  try {
    return bytes === undefined ? '' : atob(bytes.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return '';
  }
}

function destinations(rule: HttpRoute, lookup: DestinationLookup): RouteDestination[] {
  const all = rule.route ?? [];
  const kept = all.length > 1 ? all.filter((one) => (one.weight ?? 0) > 0) : all;
  const total = kept.reduce((sum, one) => sum + (one.weight ?? 0), 0);
  return kept.map((one) => {
    const subset = one.destination.subset ?? '';
    const found = one.destination.unusable
      ? { host: one.destination.host, port: 0, missing: 'host' as const }
      : lookup.find(one.destination.host, subset, one.destination.port?.number);
    const { requestHeaders, responseHeaders } = headersOf(rule.headers, one, all.length === 1);
    // Written out: a thousand rules make thousands of these, and spreading is most of the work.
    return {
      host: found.host,
      port: found.port,
      missing: found.missing,
      subset,
      probability: kept.length === 1 ? 1 : (one.weight ?? 0) / total,
      requestHeaders,
      responseHeaders,
      authority: authorityOf(rule, one),
    };
  });
}

/**
 * With several destinations Envoy applies the destination's operations before the route's; with one,
 * Istio writes both into the route, the route's first.
 */
function headersOf(
  route: Headers | undefined,
  destination: HttpRouteDestination,
  single: boolean,
): Pick<RouteDestination, 'requestHeaders' | 'responseHeaders'> {
  if (!route && !destination.headers) return NO_HEADERS;
  const side = (name: 'request' | 'response') => {
    const outer = operations(withoutHost(route?.[name]));
    const inner = operations(withoutHost(destination.headers?.[name]));
    return single ? merged([...outer, ...inner]) : [...inner, ...outer];
  };
  return { requestHeaders: side('request'), responseHeaders: side('response') };
}

const NO_HEADERS = { requestHeaders: [], responseHeaders: [] } as const;

/** One list of operations: first all removals, then all settings, then all additions. */
function merged(list: readonly HeaderOperations[]): HeaderOperations[] {
  if (list.length < 2) return [...list];
  return [
    { remove: list.flatMap((one) => one.remove ?? []) },
    ...list.flatMap(({ set }) => (set ? [{ set }] : [])),
    ...list.flatMap(({ add }) => (add ? [{ add }] : [])),
  ];
}

const AUTHORITY_NAMES = new Set(['host', ':authority']);

function withoutHost(ops: HeaderOperations | undefined): HeaderOperations | undefined {
  if (!ops) return undefined;
  const keep = (map: Readonly<Record<string, string>> | undefined) =>
    map &&
    Object.fromEntries(
      Object.entries(map).filter(([name]) => !AUTHORITY_NAMES.has(name.toLowerCase())),
    );
  const set = keep(ops.set);
  const add = keep(ops.add);
  const remove = ops.remove?.filter(
    (name) => !name.startsWith(':') && name.toLowerCase() !== 'host',
  );
  return { ...(set && { set }), ...(add && { add }), ...(remove && { remove }) };
}

/** A Host among the operations rewrites the authority; the route's word counts more than the destination's. */
function authorityOf(rule: HttpRoute, destination: HttpRouteDestination): string | undefined {
  const hostIn = (headers: Headers | undefined) => {
    for (const map of [headers?.request?.set, headers?.request?.add]) {
      for (const [name, value] of Object.entries(map ?? {})) {
        if (AUTHORITY_NAMES.has(name.toLowerCase())) return value;
      }
    }
    return undefined;
  };
  return rule.rewrite?.authority ?? hostIn(rule.headers) ?? hostIn(destination.headers);
}

function operations(ops: HeaderOperations | undefined): HeaderOperations[] {
  if (!ops || !(ops.set || ops.add || ops.remove)) return [];
  return [
    {
      ...ops,
      ...(ops.set && { set: literal(ops.set) }),
      ...(ops.add && { add: literal(ops.add) }),
    },
  ];
}

/** Values are Envoy's format strings, in which a percent sign is written twice. */
function literal(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => [name, value.replaceAll('%%', '%')]),
  );
}

function mirrors(rule: HttpRoute, lookup: DestinationLookup): MirrorTarget[] {
  const list =
    rule.mirrors ??
    (rule.mirror ? [{ destination: rule.mirror, percentage: mirroredShare(rule) }] : []);
  return list.flatMap(({ destination, percentage }) => {
    const subset = destination.subset ?? '';
    const found = lookup.find(destination.host, subset, destination.port?.number);
    const probability = percentage === undefined ? 1 : perMillion(percentage.value ?? 0);
    return probability === 0 ? [] : [{ ...found, subset, probability }];
  });
}

/** The old fields count where the new one is not there. */
function mirroredShare({ mirrorPercentage, mirrorPercent, mirror_percent: older }: HttpRoute) {
  const value = mirrorPercent ?? older;
  return mirrorPercentage ?? (value === undefined ? undefined : { value });
}

/** Percentages are cut to parts per million, as Istio does. */
function perMillion(percent: number): number {
  return Math.trunc(percent * 10_000) / 1_000_000;
}

/** Plain prefix replacement, the whole path for an exact or regex match, or RE2 with \1 references; the query is not its business. */
function pathRewriter(rule: HttpRoute, match: HttpMatch | undefined): (path: string) => string {
  const regex = rule.rewrite?.uriRegexRewrite;
  if (regex) {
    const compiled = regex.match && regex.rewrite ? compiledOrNone(regex.match) : undefined;
    if (!compiled) return (path) => path;
    const groups = compiled.groupCount();
    const replacement = regex.rewrite
      .replaceAll('$', '\\$')
      .replaceAll(/\\(\d)/g, (_, group: string) => (Number(group) <= groups ? `$${group}` : ''));
    return (path) => compiled.matcher(path).replaceAll(replacement);
  }
  const uri = rule.rewrite?.uri;
  return uri === undefined || uri === '' ? (path) => path : prefixReplacer(match, uri);
}

/** None for what validation refuses. */
function compiledOrNone(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}

/** Replaces what the block's uri matched. A prefix of whole segments that becomes `/` leaves no double slash. */
function prefixReplacer(match: HttpMatch | undefined, by: string): (path: string) => string {
  const length = match?.uri?.prefix?.length ?? 1;
  if (match?.segments && by === '/') return (path) => `/${path.slice(length).replace(/^\//, '')}`;
  return plainReplacer(match, by);
}

/** The whole path where an exact one or a regular expression matched. */
function plainReplacer(match: HttpMatch | undefined, by: string): (path: string) => string {
  if (match?.uri?.exact !== undefined || match?.uri?.regex !== undefined) return () => by;
  const length = match?.uri?.prefix?.length ?? 1;
  return (path) => by + path.slice(length);
}

export function compileFault(fault: HttpFault | undefined): Fault | undefined {
  const delay = fault?.delay && {
    durationMs: parseDurationMs(fault.delay.fixedDelay ?? '0s'),
    probability: perMillion((fault.delay.percentage ?? { value: fault.delay.percent }).value ?? 0),
  };
  const abort = fault?.abort && {
    httpStatus: fault.abort.httpStatus ?? 0,
    grpcStatus: fault.abort.grpcStatus ?? '',
    probability: perMillion(fault.abort.percentage?.value ?? 0),
  };
  const active = {
    delay: delay?.probability ? delay : undefined,
    abort: abort?.probability ? abort : undefined,
  };
  return active.delay || active.abort ? active : undefined;
}
