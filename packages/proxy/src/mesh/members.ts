// The workloads and gateways that the data plane speaks for, each with its own view of destinations.

import type { Socket } from 'node:net';
import type { RoutingTable } from '@clover/traffic';
import { createClientTls } from '../identity/client-tls.ts';
import type { Credentials } from '../identity/credentials.ts';
import type { Identities } from '../identity/identities.ts';
import type { Upstream } from '../pool/endpoint-pool.ts';
import { closePools, releaseEndpoint, sweepPools } from '../pool/pools.ts';
import { createClusters } from '../upstream/create-clusters.ts';
import { createEndpointRegistry, type EndpointRegistry } from '../upstream/endpoint-registry.ts';
import type { GatewayWorkload, Workload } from '../workload.ts';
import { liveAccount } from './account-of.ts';
import { ownerName } from './listener-plan.ts';
import { createMember, type Member, type MemberOptions } from './member.ts';

export interface Members {
  /** Made when it is first asked for. */
  of(owner: Workload | GatewayWorkload, table: RoutingTable): Member;
  /** Takes a table and the owners as they are now: whoever is not among them ends. */
  update(owners: readonly (Workload | GatewayWorkload)[], table: RoutingTable): void;
  /** Looks up the names of endpoints; resolves when each was looked up once. */
  resolve(table: RoutingTable): Promise<void>;
  all(): Iterable<readonly [name: string, member: Member]>;
  /** To be called every second or so: ends what was idle too long. */
  sweep(): void;
  close(): void;
}

export interface MembersOptions extends Omit<MemberOptions, 'onConnected' | 'owner'> {
  readonly identities?: Identities;
  readonly credentials: Credentials;
  readonly names?: (name: string) => Promise<readonly string[]>;
  readonly drainMs: number;
  /** Told of each connection to an endpoint, or to the member's own program. */
  readonly onConnected: (
    owner: Workload | GatewayWorkload,
    socket: Socket,
    to: Upstream,
    isInbound: boolean,
  ) => void;
}

export function createMembers(options: MembersOptions): Members {
  const { now, random, identities, credentials, names, drainMs } = options;
  const members = new Map<string, Member>();
  let registry: EndpointRegistry | undefined;

  const registryOf = (table: RoutingTable): EndpointRegistry =>
    (registry ??= createEndpointRegistry({ table, ...(names && { resolve: names }) }));

  function make(first: Workload | GatewayWorkload, table: RoutingTable): Member {
    const clusters = createClusters({
      table,
      registry: registryOf(table),
      clientLabels: () => member.owner.labels,
      now,
      released: releaseEndpoint,
      clientTls: createClientTls({
        account: liveAccount(() => member.owner),
        ...(identities && { identities }),
        credentials,
      }),
      ...(random && { random }),
    });
    const member = createMember(clusters, {
      ...options,
      owner: first,
      onConnected: (socket, to, isInbound) =>
        options.onConnected(member.owner, socket, to, isInbound),
    });
    return member;
  }

  /** Requests under way may still need its connections. */
  function end(name: string, member: Member): void {
    members.delete(name);
    setTimeout(() => {
      release(member);
      if (!members.has(name)) options.sink.forgetInbound?.(member.owner);
    }, drainMs).unref();
  }

  return {
    of(owner, table) {
      const name = ownerName(owner);
      let member = members.get(name);
      if (member === undefined) members.set(name, (member = make(owner, table)));
      return member;
    },
    update(owners, table) {
      const kept = new Set<string>();
      for (const owner of owners) {
        const name = ownerName(owner);
        if (kept.has(name)) continue;
        kept.add(name);
        const member = members.get(name)!;
        member.owner = owner;
        member.clusters.update(table);
      }
      for (const [name, member] of members) if (!kept.has(name)) end(name, member);
    },
    async resolve(table) {
      registryOf(table).update(table);
      await registryOf(table).ready();
    },
    all: () => members.entries(),
    sweep() {
      for (const { outboundPool, inboundPool } of members.values()) {
        sweepPools(outboundPool);
        sweepPools(inboundPool);
      }
    },
    close() {
      for (const member of members.values()) release(member);
      registry?.close();
    },
  };
}

function release({ clusters, outboundPool, inboundPool }: Member): void {
  clusters.close();
  closePools(outboundPool);
  closePools(inboundPool);
}
