// Runs route tests against a table and says which rules no test has met.

import { parseDurationMs } from '@clover/model';
import type { RoutingTable } from '../compile.ts';
import { decide, type Decision } from '../decide.ts';
import { resolveHost } from '../host.ts';
import type { Caller, TrafficRequest } from '../request.ts';
import type { Gateway, HeaderOperations, Resource, VirtualService } from '../resource.ts';
import type { RuleRef } from '../route.ts';
import type { RouteTest } from './route-test.ts';

export interface RouteTestResult {
  readonly test: RouteTest;
  readonly passed: boolean;
  /** `GET http://host/path: destination is a v1, expected b`; empty when it passed. */
  readonly failures: readonly string[];
}

export interface RouteTestRun {
  readonly results: readonly RouteTestResult[];
  /** Rules of all VirtualServices, and whether a test met them. */
  readonly coverage: readonly { readonly ref: RuleRef; readonly hits: number }[];
}

/** Runs all tests; requests of a test are all combinations of its authorities, methods and paths. */
export function runRouteTests(
  table: RoutingTable,
  resources: readonly Resource[],
  tests: readonly RouteTest[],
): RouteTestRun {
  const hits = new Map<string, number>();
  const results = tests.map((test): RouteTestResult => {
    const failures: string[] = [];
    for (const request of requestsOf(test)) {
      const caller = callerOf(test, request, resources);
      const decision = decide(table, caller.caller, { ...request, port: caller.port });
      if (decision.rule) hits.set(keyOf(decision.rule), (hits.get(keyOf(decision.rule)) ?? 0) + 1);
      const wrong = [...differences(test, decision), ...delegateDiffers(test, decision)];
      const label = `${request.method} http://${request.headers['host']}${request.path}`;
      if (test.wantMatch) failures.push(...wrong.map((one) => `${label}: ${one}`));
      else if (wrong.length === 0) failures.push(`${label}: met what it must not meet`);
    }
    return { test, passed: failures.length === 0, failures };
  });
  return {
    results,
    coverage: allRules(resources).map((ref) => ({ ref, hits: hits.get(keyOf(ref)) ?? 0 })),
  };
}

const keyOf = ({ source, virtualService, ruleIndex, matchIndex }: RuleRef) =>
  `${source ?? ''} ${virtualService} ${ruleIndex} ${matchIndex}`;

/** Blocks of all rules as they stand in the files; what hands over to a delegate takes nothing itself. */
function allRules(resources: readonly Resource[]): RuleRef[] {
  return resources.flatMap((one): RuleRef[] => {
    const virtualService = `${one.metadata.namespace}/${one.metadata.name}`;
    const blocksOf = (
      rule: { readonly name?: string },
      ruleIndex: number,
      matches: readonly unknown[] = [],
    ) =>
      (matches.length > 0 ? [...matches.keys()] : [-1]).map((matchIndex) => ({
        virtualService,
        ruleIndex,
        ruleName: rule.name ?? '',
        matchIndex,
      }));
    if (one.kind === 'VirtualService')
      return (one.spec.http ?? []).flatMap((rule, index) =>
        rule.delegate ? [] : blocksOf(rule, index, rule.match),
      );
    if (one.kind !== 'HTTPRoute' && one.kind !== 'GRPCRoute') return [];
    return (one.spec.rules ?? []).flatMap((rule, index) =>
      blocksOf(rule, index, rule.matches).map((ref) => ({ ...ref, source: one.kind })),
    );
  });
}

function delegateDiffers({ delegate }: RouteTest, { rule }: Decision): string[] {
  if (!delegate) return [];
  const actual = rule?.root && rule.virtualService;
  const { name, namespace } = delegate;
  const fits =
    namespace === undefined ? actual?.endsWith(`/${name}`) : actual === `${namespace}/${name}`;
  return fits
    ? []
    : [`delegate is ${actual ?? 'none'}, expected ${namespace ? `${namespace}/` : ''}${name}`];
}

function requestsOf(test: RouteTest): Omit<TrafficRequest, 'port'>[] {
  const { authority = [''], method = ['GET'], uri = ['/'], headers = {} } = test.request;
  const { queryParams = {}, scheme } = test.request;
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const query = Object.entries(queryParams)
    .map(([name, value]) => (value === null ? name : `${name}=${value}`))
    .join('&');
  return authority.flatMap((host) =>
    method.flatMap((verb) =>
      uri.map((path) => ({
        method: verb,
        path: query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`,
        headers: { ...lower, host },
        ...(scheme === 'https' ? { scheme } : {}),
      })),
    ),
  );
}

/** Who asks when a test does not say: the gateway of the VirtualService that owns the host, else a sidecar. */
function callerOf(
  test: RouteTest,
  request: Omit<TrafficRequest, 'port'>,
  resources: readonly Resource[],
): { caller: Caller; port: number } {
  const gateways = resources.filter((one): one is Gateway => one.kind === 'Gateway');
  const host = request.headers['host']?.replace(/:\d+$/, '') ?? '';
  const services = resources.filter((one): one is VirtualService => one.kind === 'VirtualService');
  // Who names the host comes before who takes many.
  const owner =
    services.find(({ spec }) => spec.hosts?.includes(host)) ??
    services.find(({ spec }) =>
      spec.hosts?.some((raw) => raw.startsWith('*') && host.endsWith(raw.slice(1))),
    );
  const bound = owner?.spec.gateways?.find((one) => one !== 'mesh');
  const named = test.from?.gateway ?? (test.from ? undefined : bound);
  const gateway =
    named === undefined
      ? undefined
      : gateways.find(
          (one) =>
            one.metadata.name === named ||
            `${one.metadata.namespace}/${one.metadata.name}` === named,
        );
  if (gateway) {
    const caller: Caller = {
      via: 'gateway',
      namespace: gateway.metadata.namespace,
      labels: gateway.spec.selector ?? {},
    };
    return { caller, port: test.port ?? gateway.spec.servers?.[0]?.port.number ?? 80 };
  }
  const service = resources.find(
    (one) =>
      one.kind === 'ServiceEntry' &&
      one.spec.hosts?.includes(resolveHost(host, test.from?.namespace ?? 'default')),
  );
  const port = service?.kind === 'ServiceEntry' ? service.spec.ports?.[0]?.number : undefined;
  const caller: Caller = {
    via: 'sidecar',
    namespace: test.from?.namespace ?? 'default',
    labels: test.from?.labels ?? {},
  };
  return { caller, port: test.port ?? port ?? 80 };
}

function differences(test: RouteTest, decision: Decision): string[] {
  const { outcome } = decision;
  const wrong: string[] = [];
  const check = (what: string, actual: unknown, expected: unknown) => {
    if (expected !== undefined && actual !== expected)
      wrong.push(`${what} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`);
  };
  if (test.expect) check('outcome', outcome.kind, test.expect);
  if (test.redirect) {
    check('outcome', outcome.kind, 'redirect');
    if (outcome.kind === 'redirect') {
      check('redirect code', outcome.status, test.redirect.redirectCode);
      const target = new URL(outcome.location);
      check('redirect path', target.pathname, test.redirect.uri);
      check('redirect authority', target.host, test.redirect.authority);
    }
  }
  if (test.directResponse) {
    check('outcome', outcome.kind, 'directResponse');
    if (outcome.kind === 'directResponse')
      check('status', outcome.status, test.directResponse.status);
  }
  if (test.route || test.rewrite) check('outcome', outcome.kind, 'forward');
  if (outcome.kind === 'forward') {
    const actual = outcome.action.destinations;
    for (const [index, expected] of (test.route ?? []).entries()) {
      const one = actual[index];
      if (!one) {
        wrong.push(`there are ${actual.length} destinations, expected ${test.route!.length}`);
        break;
      }
      check(
        'destination',
        one.host,
        expected.destination.host.includes('.')
          ? expected.destination.host
          : resolveHost(expected.destination.host, one.host.split('.')[1] ?? 'default'),
      );
      check('subset', one.subset, expected.destination.subset);
      check('port', one.port, expected.destination.port?.number);
      if (expected.weight !== undefined && actual.length > 1)
        check('weight', Math.round(one.probability * 100), expected.weight);
    }
    check('path', outcome.path.replace(/\?.*/, ''), test.rewrite?.uri);
    check('authority', actual[0]?.authority, test.rewrite?.authority);
    for (const one of actual) {
      wrong.push(...missingOperations('request', one.requestHeaders, test.headers?.request));
      wrong.push(...missingOperations('response', one.responseHeaders, test.headers?.response));
    }
  }
  check('abort status', decision.fault?.abort?.httpStatus, test.fault?.abort?.httpStatus);
  const delay = test.fault?.delay?.fixedDelay;
  check(
    'delay',
    decision.fault?.delay?.durationMs,
    delay === undefined ? undefined : parseDurationMs(delay),
  );
  return wrong;
}

/** What of the expected operations the rule does not do. */
function missingOperations(
  side: 'request' | 'response',
  actual: readonly HeaderOperations[],
  expected: HeaderOperations | undefined,
): string[] {
  const missing = (what: 'set' | 'add') =>
    Object.entries(expected?.[what] ?? {})
      .filter(([name, value]) => !actual.some((one) => one[what]?.[name] === value))
      .map(([name, value]) => `${side} headers: does not ${what} ${name}: ${value}`);
  return [
    ...missing('set'),
    ...missing('add'),
    ...(expected?.remove ?? [])
      .filter((name) => !actual.some((one) => one.remove?.includes(name)))
      .map((name) => `${side} headers: does not remove ${name}`),
  ];
}
