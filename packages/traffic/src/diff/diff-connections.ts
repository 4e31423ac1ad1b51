// Which connections (tcp and tls routes, a gateway's TLS servers) would go elsewhere under other resources.

import type { Connection } from '../connection/decide-connection.ts';
import type { FilterChain } from '../connection/filter-chain.ts';
import { afterRange, parseIpRange, rangeStart } from '../connection/ip.ts';
import type { Caller } from '../request.ts';
import type { RuleRef } from '../route.ts';
import type { Place } from './callers.ts';
import { connectionChanges, connectionEffect, type ConnectionEffect } from './connection-effect.ts';
import type { DiffSide } from './diff-tables.ts';
import type { Change } from './tell-changes.ts';

/** Connections that one route takes on the old side and one on the new, with the same changes. */
export interface ConnectionClass {
  readonly before: RuleRef | undefined;
  readonly after: RuleRef | undefined;
  readonly changes: readonly Change[];
  /** A connection of the class, decided by both tables. */
  readonly witness: { readonly caller: Caller; readonly connection: Connection };
  readonly effects: { readonly before: ConnectionEffect; readonly after: ConnectionEffect };
  readonly callers: readonly Place[];
}

/** Connections that are tried for one service and caller; more make the answer incomplete. */
const MAX_TRIED = 10_000;

/** All that server names, ranges of addresses, ports and callers can tell apart. */
export function diffConnections(
  before: DiffSide,
  after: DiffSide,
  places: readonly Place[],
): { readonly classes: ConnectionClass[]; readonly complete: boolean } {
  const classes = new Map<string, ConnectionClass & { callers: Place[] }>();
  let complete = true;
  for (const place of places) {
    const sides = [before, after].map(({ table }) => table.connections(place.caller, place.port));
    const chains = sides.flatMap((one) => one.chains);
    if (
      sides[0]!.otherwise === sides[1]!.otherwise &&
      sameChains(sides[0]!.chains, sides[1]!.chains) &&
      samePolicies(before, after)
    )
      continue;
    for (const [service, own] of byService(place.caller, chains)) {
      if (own.every((one) => one.destinations === undefined && one.tls === undefined)) continue;
      const names = serverNames(own);
      const addresses = addressesOf(own);
      complete &&= names.length * addresses.length <= MAX_TRIED;
      const tried = addresses
        .flatMap((ip) => names.map((sni) => ({ ip, sni })))
        .slice(0, MAX_TRIED);
      for (const { ip, sni } of tried) {
        const connection: Connection = {
          port: place.port,
          ...(sni === undefined ? {} : { sni }),
          ...(ip === undefined ? {} : { destinationIp: ip }),
          ...(service === undefined ? {} : { service }),
        };
        const effects = {
          before: connectionEffect(before.table, place.caller, connection),
          after: connectionEffect(after.table, place.caller, connection),
        };
        if (effects.before.key === effects.after.key) continue;
        const changes = connectionChanges(effects.before, effects.after);
        const rules = { before: effects.before.decision.rule, after: effects.after.decision.rule };
        const key = JSON.stringify([
          ruleOf(rules.before),
          ruleOf(rules.after),
          rules.before || rules.after ? '' : service,
          changes,
        ]);
        const known = classes.get(key);
        if (!known)
          classes.set(key, {
            ...rules,
            changes,
            witness: { caller: place.caller, connection },
            effects,
            callers: [place],
          });
        else if (!known.callers.includes(place)) known.callers.push(place);
      }
    }
  }
  return { classes: [...classes.values()], complete };
}

const ruleOf = (ref: RuleRef | undefined) =>
  ref && [ref.virtualService, ref.section, ref.ruleIndex];

const sameChains = (a: readonly FilterChain[], b: readonly FilterChain[]) =>
  JSON.stringify(a) === JSON.stringify(b);

/** What DestinationRules say is not in the chains. */
function samePolicies(before: DiffSide, after: DiffSide): boolean {
  const [a, b] = [before, after].map(({ resources }) =>
    JSON.stringify(resources.filter((one) => one.kind === 'DestinationRule')),
  );
  return a === b;
}

/** A sidecar's client goes to one service; a gateway's server takes whatever comes. */
function byService(
  caller: Caller,
  chains: readonly FilterChain[],
): Map<string | undefined, FilterChain[]> {
  const groups = new Map<string | undefined, FilterChain[]>();
  for (const one of chains) {
    const key = caller.via === 'gateway' ? undefined : one.name;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

/** No TLS, each name that a chain has, one that a wildcard covers and nobody names, and one that is nobody's. */
function serverNames(chains: readonly FilterChain[]): (string | undefined)[] {
  const names = new Set(chains.flatMap((one) => one.serverNames).map((one) => one.toLowerCase()));
  if (names.size === 0) return [undefined];
  return [
    undefined,
    ...[...names].map((name) =>
      name.replace(/^\*$/, 'clover-any.test').replace(/^\*/, 'clover-any'),
    ),
    'clover-any.example',
  ];
}

/** An address in every part of every range: each part begins with a range or behind one. */
function addressesOf(chains: readonly FilterChain[]): (string | undefined)[] {
  const ranges = new Set(chains.flatMap((one) => one.destinationSubnets));
  if (ranges.size === 0) return [undefined];
  const starts = [...ranges].flatMap((text) => {
    const range = parseIpRange(text);
    if (!range) return [];
    const after = afterRange(range);
    return [rangeStart(range), ...(after === undefined ? [] : [after])];
  });
  return [...new Set(starts)];
}
