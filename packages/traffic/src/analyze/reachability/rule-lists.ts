// The lists of rules that requests are held against, first match wins: those of a VirtualService in the
// mesh, of a delegate, and those that the virtual hosts of gateways have from several VirtualServices.

import type { RoutingTable } from '../../compile.ts';
import { requestConditions, type Condition } from '../../conditions.ts';
import { hostsOf } from '../../diff/callers.ts';
import { tlsServers } from '../../gateway-servers.ts';
import { resolveHost } from '../../host.ts';
import type { Caller } from '../../request.ts';
import type { Gateway, HttpRoute, Resource, VirtualService } from '../../resource.ts';
import type { CompiledRoute, RuleRef } from '../../route.ts';
import { closedFor } from '../../virtual-service-routes.ts';
import { withGatewayApi } from '../../gateway-api/with-gateway-api.ts';
import { callersOf } from './rule-callers.ts';

export interface ListedRule {
  /** `VirtualService default/reviews http 2 0`: the same in all lists. */
  readonly key: string;
  readonly ref: RuleRef;
  readonly conditions: readonly Condition[];
  /** false for a rule that delegates: what it does not take itself goes on. */
  readonly takes: boolean;
}
export interface RuleList {
  readonly rules: readonly ListedRule[];
  /** Left out, as a rule before them takes everything: their keys, with its own. */
  readonly stopped: ReadonlyMap<string, string>;
  /** One that the list is for; undefined for that of a delegate nobody delegates to. */
  readonly host: string | undefined;
  /** Any host of a wildcard meets it. */
  readonly wild: boolean;
  readonly secure: boolean;
}

export const keyOf = ({ source, virtualService, ruleIndex, matchIndex }: RuleRef) =>
  `${source ?? 'VirtualService'} ${virtualService} ${ruleIndex} ${matchIndex}`;

export function* ruleLists(
  resources: readonly Resource[],
  table: RoutingTable,
): Generator<RuleList> {
  for (const one of resources) {
    if (one.kind !== 'VirtualService') continue;
    const delegate = (one.spec.hosts ?? []).length === 0;
    if (delegate || !one.spec.gateways?.length || one.spec.gateways.includes('mesh'))
      yield* ownLists(one, delegate, resources, table);
  }
  const all = withGatewayApi(resources);
  const named: Named = new Map(
    all.flatMap((one) =>
      one.kind === 'VirtualService'
        ? [[`${one.metadata.namespace}/${one.metadata.name}`, one] as const]
        : [],
    ),
  );
  for (const one of all) if (one.kind === 'Gateway') yield* gatewayLists(one, named, table);
}

/** For each kind of caller that the blocks tell apart. */
function* ownLists(
  one: VirtualService,
  delegate: boolean,
  resources: readonly Resource[],
  table: RoutingTable,
): Generator<RuleList> {
  const { namespace, name } = one.metadata;
  const root = delegate ? rootOf(one, resources) : one;
  const raw = root?.spec.hosts?.[0];
  const host =
    raw === undefined || root === undefined ? undefined : resolveHost(raw, root.metadata.namespace);
  for (const { caller, port, gateway } of callersOf(one, delegate, table)) {
    const rules: ListedRule[] = [];
    for (const [ruleIndex, rule] of (one.spec.http ?? []).entries()) {
      for (const [at, match] of blocksOf(rule).entries()) {
        if (match && closedFor(match, { caller, port }, namespace, gateway)) continue;
        const ref: RuleRef = {
          virtualService: `${namespace}/${name}`,
          ruleIndex,
          ruleName: rule.name ?? '',
          matchIndex: match === undefined ? -1 : at,
        };
        const conditions = match ? requestConditions(match) : [];
        rules.push({ key: keyOf(ref), ref, conditions, takes: !rule.delegate });
      }
    }
    yield {
      rules,
      stopped: new Map(),
      host: host?.replace(/^\*/, 'any'),
      wild: host === undefined || host.startsWith('*'),
      secure: false,
    };
  }
}

const blocksOf = ({ match }: HttpRoute) => (match && match.length > 0 ? match : [undefined]);

function rootOf(
  delegate: VirtualService,
  resources: readonly Resource[],
): VirtualService | undefined {
  return resources.find(
    (one): one is VirtualService =>
      one.kind === 'VirtualService' &&
      (one.spec.http ?? []).some(
        (rule) =>
          rule.delegate?.name === delegate.metadata.name &&
          (rule.delegate.namespace ?? one.metadata.namespace) === delegate.metadata.namespace,
      ),
  );
}

type Named = ReadonlyMap<string, VirtualService>;

function* gatewayLists(gateway: Gateway, named: Named, table: RoutingTable): Generator<RuleList> {
  const caller: Caller = {
    via: 'gateway',
    namespace: gateway.metadata.namespace,
    labels: gateway.spec.selector ?? {},
  };
  const secure = new Set(tlsServers(gateway).map(({ port }) => port.number));
  const ports = new Set((gateway.spec.servers ?? []).map(({ port }) => port.number));
  for (const port of ports) {
    const plain = table.view(caller, port);
    for (const host of hostsOf([plain])) {
      const found = (secure.has(port) ? table.view(caller, port, host) : plain).hosts.lookup(host);
      if (!found) continue;
      const rules = found.routes.filter(({ ref }) => !expanded(ref, named)).map(listed);
      const closed = new Set(found.closed.map(({ ref }) => keyOf(ref)));
      yield {
        rules,
        stopped: stoppedIn(rules, closed, named),
        host,
        wild: host.startsWith('clover-any'),
        secure: secure.has(port) || found.httpsRedirect,
      };
    }
  }
}

const listed = ({ ref, conditions }: CompiledRoute): ListedRule => ({
  key: keyOf(ref),
  ref,
  conditions,
  takes: true,
});

/** Rules of a root with delegates stand at other places than in its file; they have lists of their own. */
function expanded({ virtualService = '', source }: RuleRef, named: Named): boolean {
  const one = source === undefined ? named.get(virtualService) : undefined;
  return one?.spec.http?.some((rule) => rule.delegate) ?? false;
}

/** Blocks that the compiler has left out, as one before them in their VirtualService takes everything. */
function stoppedIn(
  rules: readonly ListedRule[],
  closed: ReadonlySet<string>,
  named: Named,
): Map<string, string> {
  const stopped = new Map<string, string>();
  const known = new Set(rules.map(({ key }) => key));
  const last = new Map(rules.map((one) => [one.ref.virtualService, one] as const));
  for (const [name, end] of last) {
    if (end.ref.source || end.ref.virtualService === undefined) continue;
    for (const [ruleIndex, rule] of (named.get(name ?? '')?.spec.http ?? []).entries()) {
      for (const [at, match] of blocksOf(rule).entries()) {
        const key = keyOf({ ...end.ref, ruleIndex, matchIndex: match ? at : -1 });
        if (!known.has(key) && !closed.has(key)) stopped.set(key, end.key);
      }
    }
  }
  return stopped;
}
