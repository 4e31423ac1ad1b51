// Where a connection goes and, route by route, why: what `decideConnection` does, told.

import type { RoutingTable } from '../compile.ts';
import type { RuleTrace } from '../explain.ts';
import { resolveHost } from '../host.ts';
import type { Caller } from '../request.ts';
import type { RuleRef } from '../route.ts';
import {
  chainsFor,
  decideConnection,
  type Connection,
  type ConnectionDecision,
} from './decide-connection.ts';
import { chooseChain, type FilterChain } from './filter-chain.ts';
import { parseIp } from './ip.ts';

export interface ConnectionExplanation extends ConnectionDecision {
  readonly rules: readonly RuleTrace[];
}

/** The decision with the fate of every tcp and tls route that speaks for the same service or gateway. */
export function explainConnection(
  table: RoutingTable,
  caller: Caller,
  connection: Connection,
): ConnectionExplanation {
  const decision = decideConnection(table, caller, connection);
  const view = table.connections(caller, connection.port);
  const chains = chainsFor(view, connection, caller);
  const chosen = chooseChain(chains, connection);
  const names = new Set(chains.map(({ name }) => name));
  const open = chains.flatMap((one): RuleTrace[] => {
    if (!one.rule) return [];
    const own = one === chosen;
    return [
      {
        ref: one.rule,
        verdict: own ? 'matched' : 'failed',
        reason: reasonOf(one, { own, connection }),
      },
    ];
  });
  const closed = view.closed
    .filter(({ name }) => names.has(name))
    .map(({ ref, reason }): RuleTrace => ({ ref, verdict: 'closed', reason }));
  return {
    ...decision,
    rules: [...open, ...closed].toSorted((a, b) => place(a.ref) - place(b.ref)),
  };
}

/** A connection to `host` and `port` as a program opens it: to the address of the service of that name, where one is declared. */
export function connectionTo(
  table: RoutingTable,
  caller: Caller,
  {
    host,
    port,
    sni,
  }: { readonly host: string; readonly port: number; readonly sni?: string | undefined },
): Connection {
  const base = { port, ...(sni === undefined ? {} : { sni }) };
  if (parseIp(host)) return { ...base, destinationIp: host };
  const service =
    caller.via === 'sidecar' ? serviceNamed(table, host, caller.namespace) : undefined;
  const address = service?.addresses.find((one) => parseIp(one) !== undefined);
  return {
    ...base,
    ...(service ? { service: service.host } : {}),
    ...(address === undefined ? {} : { destinationIp: address }),
  };
}

function serviceNamed(table: RoutingTable, host: string, namespace: string) {
  const [name = '', of, ...rest] = host.toLowerCase().split('.');
  return (
    table.services.get(host.toLowerCase()) ??
    table.services.get(resolveHost(host, namespace)) ??
    (of !== undefined && (rest.length === 0 || rest[0] === 'svc')
      ? table.services.get(resolveHost(name, of))
      : undefined)
  );
}

function reasonOf(
  { serverNames, destinationSubnets }: FilterChain,
  { own, connection }: { readonly own: boolean; readonly connection: Connection },
): string {
  const wants = [
    ...(serverNames.length > 0 ? [`server name ${serverNames.join(' or ')}`] : []),
    ...(destinationSubnets.length > 0 ? [`address in ${destinationSubnets.join(' or ')}`] : []),
  ].join(', ');
  if (own) return wants || 'takes every connection';
  const { sni, destinationIp } = connection;
  const has = [
    ...(serverNames.length > 0
      ? [sni === undefined ? 'no server name' : `server name ${sni}`]
      : []),
    ...(destinationSubnets.length > 0
      ? [destinationIp === undefined ? 'an address nobody knows' : `address ${destinationIp}`]
      : []),
  ].join(', ');
  return wants === ''
    ? 'another route fits more closely'
    : `wants ${wants}; the connection has ${has}`;
}

const place = ({ ruleIndex, matchIndex }: RuleRef) => ruleIndex * 1e4 + matchIndex;
