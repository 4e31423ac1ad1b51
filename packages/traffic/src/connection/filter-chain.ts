// The ways that a connection may go at a port, and Envoy's choice among them: first by where it was
// going to, then by the server name that its TLS asks for. A choice once made is not taken back.

import type { ServerTls } from '../resource.ts';
import type { RuleRef } from '../route.ts';
import { isInRange, parseIp, parseIpRange } from './ip.ts';

export interface ConnectionDestination {
  readonly host: string;
  readonly subset: string;
  readonly port: number;
  /** Share of the connections, 0..1. */
  readonly probability: number;
  readonly missing: 'host' | 'subset' | undefined;
}

export interface FilterChain {
  readonly name: string;
  /** `a.com`, `*.a.com`; empty for any name and for connections without TLS. */
  readonly serverNames: readonly string[];
  /** Addresses and ranges that it is for; empty for any. */
  readonly destinationSubnets: readonly string[];
  /** TLS that ends here; undefined when the bytes go on as they come. */
  readonly tls: ServerTls | undefined;
  /** Undefined for HTTP, about which `decide` knows more. */
  readonly destinations: readonly ConnectionDestination[] | undefined;
  readonly rule: RuleRef | undefined;
}

/** The chain for a connection; undefined when there is none. */
export function chooseChain(
  chains: readonly FilterChain[],
  connection: { readonly sni?: string | undefined; readonly destinationIp?: string | undefined },
): FilterChain | undefined {
  const ip = connection.destinationIp === undefined ? undefined : parseIp(connection.destinationIp);
  const near = best(chains, (one) => subnetRank(one, ip));
  const name = connection.sni?.toLowerCase() ?? '';
  return best(near, (one) => nameRank(one, name))[0];
}

/** Those of the highest rank; negative ranks never count. */
function best(
  chains: readonly FilterChain[],
  rankOf: (chain: FilterChain) => number,
): FilterChain[] {
  const ranks = chains.map(rankOf);
  const top = Math.max(-1, ...ranks);
  return top < 0 ? [] : chains.filter((_, index) => ranks[index] === top);
}

/** 0 for chains that are for any address, else by the longest range around it. */
function subnetRank(chain: FilterChain, ip: readonly number[] | undefined): number {
  if (chain.destinationSubnets.length === 0) return 0;
  if (!ip) return -1;
  const lengths = chain.destinationSubnets.map((raw) => {
    const range = parseIpRange(raw);
    return range && isInRange(range, ip) ? range.prefixLength + 1 : -1;
  });
  return Math.max(...lengths);
}

/** 0 for chains that are for any name, then the longest wildcard, then the name itself. */
function nameRank(chain: FilterChain, name: string): number {
  if (chain.serverNames.length === 0) return 0;
  const ranks = chain.serverNames.map((raw) => {
    const wanted = raw.toLowerCase();
    if (wanted === '*') return 0;
    if (wanted === name) return Number.MAX_SAFE_INTEGER;
    const suffix = wanted.startsWith('*') ? wanted.slice(1) : undefined;
    return suffix && name.length > suffix.length && name.endsWith(suffix) ? suffix.length : -1;
  });
  return Math.max(...ranks);
}
