// Where a connection goes that is not, or not yet, known to carry HTTP.

import { hostAliases, hostCovers } from '../host.ts';
import type { RoutingTable } from '../compile.ts';
import type { Caller } from '../request.ts';
import type { ServerTls } from '../resource.ts';
import type { RuleRef } from '../route.ts';
import type { ConnectionView } from './connection-view.ts';
import { chooseChain, type ConnectionDestination, type FilterChain } from './filter-chain.ts';

export interface Connection {
  /** The port that it arrives at: the gateway server's, or the service port at a sidecar. */
  readonly port: number;
  /** The server name of its ClientHello; absent without TLS. */
  readonly sni?: string;
  /** Where the client wanted to go, as a sidecar knows it. */
  readonly destinationIp?: string;
  /** The service (its whole name) that the client went to: what other services have at the port does not count. */
  readonly service?: string;
  /** The host that the client named itself (CONNECT): no other service is meant by the port alone. */
  readonly host?: string;
}

export type ConnectionOutcome =
  | { readonly kind: 'forward'; readonly destinations: readonly ConnectionDestination[] }
  /** The connection carries HTTP (after TLS, if that ends here): `decide` says more for each request. */
  | { readonly kind: 'http' }
  /** To where the client wanted to go. */
  | { readonly kind: 'passthrough' }
  /** Closed: a sidecar that may reach declared services only. */
  | { readonly kind: 'blocked' }
  /** Closed: nothing at this port is for such a connection. */
  | { readonly kind: 'refused' };

export interface ConnectionDecision {
  /** The service, or `namespace/name` of the Gateway, whose way was taken. */
  readonly chain: string | undefined;
  readonly rule: RuleRef | undefined;
  /** TLS that ends here; undefined when the bytes go on as they come. */
  readonly tls: ServerTls | undefined;
  readonly outcome: ConnectionOutcome;
}

/** Decides one connection. Never throws for a connection. */
export function decideConnection(
  table: RoutingTable,
  caller: Caller,
  connection: Connection,
): ConnectionDecision {
  const view = table.connections(caller, connection.port);
  const chosen = chooseChain(chainsFor(view, connection, caller), connection);
  if (!chosen)
    return { chain: undefined, rule: undefined, tls: undefined, outcome: { kind: view.otherwise } };
  const { name, rule, tls, destinations } = chosen;
  return {
    chain: name,
    rule,
    tls,
    outcome: destinations ? { kind: 'forward', destinations } : { kind: 'http' },
  };
}

/** The chains that a connection is chosen for. */
export function chainsFor(
  { chains }: ConnectionView,
  { service, host }: Connection,
  caller: Caller,
): readonly FilterChain[] {
  if (service !== undefined) return chains.filter(({ name }) => name === service);
  if (host === undefined) return chains;
  return chains.filter((one) => one.serverNames.length > 0 || isNamed(one, caller, host));
}

/** Whether a host is the service's of a way, by any of the names that the caller may give it. */
function isNamed({ name }: FilterChain, caller: Caller, host: string): boolean {
  const wanted = host.toLowerCase();
  return hostAliases(name, caller.namespace).includes(wanted) || hostCovers(name, wanted);
}
