// The built-in data plane: the listeners of all workloads and gateways in this process.

import type { LookupFunction, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { compile, peerModes, type Caller, type RoutingTable } from '@clover/traffic';
import type {
  AppliedConfig,
  ClusterStatistics,
  DataPlane,
  DataPlaneConfig,
  ListenerAddress,
} from '../data-plane.ts';
import { CONNECTION_LIMITS, type ConnectionLimits } from '../downstream/connection-limits.ts';
import { HttpListener, type ListenerShared } from '../downstream/http-listener.ts';
import { listenFailed } from '../errors.ts';
import { createRoutePlans } from '../exchange/route-plan.ts';
import type { RequestSink, Scope } from '../exchange/scope.ts';
import { closePools, releaseEndpoint, sweepPools } from '../pool/pools.ts';
import { createClientTls } from '../identity/client-tls.ts';
import type { Identities } from '../identity/identities.ts';
import type { Peer } from '../request-record.ts';
import type { TcpRecord } from '../tcp/tcp-proxy.ts';
import type { Cluster, ClusterHealth } from '../upstream/cluster.ts';
import { createClusters } from '../upstream/create-clusters.ts';
import { createEndpointRegistry, type EndpointRegistry } from '../upstream/endpoint-registry.ts';
import type { GatewayWorkload, Workload } from '../workload.ts';
import { accountOf, connectListener, type Connector, type Security } from './connect-listener.ts';
import { loopbackAddresses } from './loopback-addresses.ts';
import { ownerName, planListeners, type ListenerPlan } from './listener-plan.ts';
import { createMember, type Member } from './member.ts';
import { peerOf, withPrincipal } from './peers.ts';
import { speaksHttp2 } from './speaks-http2.ts';

export interface DataPlaneOptions {
  readonly sink: RequestSink;
  /** Of the workloads; without them there is no mTLS between them. */
  readonly identities?: Identities;
  /** Folder of what a Gateway's `credentialName` means. */
  readonly credentials?: string;
  /** Told of each connection that was passed on as bytes. */
  readonly onTcpEnd?: (owner: Workload | GatewayWorkload, record: TcpRecord) => void;
  readonly limits?: Partial<ConnectionLimits>;
  readonly serverName?: string;
  readonly shadowHostSuffix?: boolean;
  /** For requests under way when a listener ends. */
  readonly drainMs?: number;
  /** How names of hosts are looked up; the system's way by default. */
  readonly lookup?: LookupFunction;
  /** The same for endpoints that resources name. */
  readonly names?: (name: string) => Promise<readonly string[]>;
  readonly now?: () => number;
  readonly random?: () => number;
}

const TICK_MS = 1000;
/** How long a configuration waits for names of endpoints to be looked up. */
const NAMES_MS = 1000;

interface OpenListener {
  readonly plan: ListenerPlan;
  readonly listener: HttpListener;
  readonly connector: Connector | undefined;
}

/** The data plane in this process shows its clusters, for metrics. */
export interface LocalDataPlane extends DataPlane {
  clusters(): Iterable<Cluster & ClusterHealth>;
  /** The programs behind inbound listeners, with their workloads. */
  programs(): Iterable<Cluster & { readonly workload: Workload }>;
}

/** Starts with no configuration and no listener. */
export function createDataPlane(options: DataPlaneOptions): LocalDataPlane {
  const { now = () => performance.now(), drainMs = 5000 } = options;
  const limits = { ...CONNECTION_LIMITS, ...options.limits };
  const peers = new Map<string, Peer>();
  const members = new Map<string, Member>();
  const addressesOf = loopbackAddresses();
  let open = new Map<string, OpenListener>();
  let inboundOf = new Map<string, { address: string; port: number }>();
  let own = new Set<string>();
  let registry: EndpointRegistry | undefined;
  let modes = peerModes([]);
  const security: Security = {
    identities: options.identities,
    credentials: options.credentials,
    modes: () => modes,
    onTcpEnd: (plan, record) => options.onTcpEnd?.(plan.owner, record),
  };
  let version = 0;
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;
  const shared: ListenerShared = {
    limits,
    connections: 0,
    refused: 0,
    peerOf: (remote, principal) => withPrincipal(peers.get(remote), principal),
    openTunnel: () => false,
  };
  const ticker = setInterval(() => {
    const nowMs = now();
    for (const { listener } of open.values()) listener.tick(nowMs);
    for (const { outboundPool, inboundPool } of members.values()) {
      sweepPools(outboundPool);
      sweepPools(inboundPool);
    }
  }, TICK_MS).unref();

  async function apply(config: DataPlaneConfig): Promise<AppliedConfig> {
    const table = compile(config.resources, config.mesh);
    const plans = planListeners(config, table, addressesOf);
    const wanted = new Map(plans.map((one) => [one.key, one]));
    const fresh = new Map<string, OpenListener>();
    try {
      for (const plan of plans) {
        if (!open.has(plan.key)) fresh.set(plan.key, await openListener(plan, table));
      }
    } catch (error) {
      await Promise.all([...fresh.values()].map(({ listener }) => listener.close(0)));
      throw error;
    }
    registry ??= createEndpointRegistry({
      table,
      ...(options.names && { resolve: options.names }),
    });
    registry.update(table);
    await Promise.race([registry.ready(), sleep(NAMES_MS, undefined, { ref: false })]);
    // From here on nothing waits and nothing fails: all requests that begin later see all of it.
    const next = new Map<string, OpenListener>();
    for (const plan of plans) {
      const { listener, connector } = (open.get(plan.key) ?? fresh.get(plan.key))!;
      next.set(plan.key, { plan, listener, connector });
    }
    modes = peerModes(config.resources, table.mesh.rootNamespace);
    const updated = new Set<Member>();
    for (const { plan, listener, connector } of next.values()) {
      const member = memberOf(plan.owner, table);
      if (!updated.has(member)) member.clusters.update(table);
      updated.add(member);
      listener.scope = scopeOf(plan, table, member);
      connector?.updated();
    }
    inboundOf = new Map();
    for (const { plan, listener } of next.values()) {
      if (plan.direction !== 'inbound') continue;
      const { address, ports } = plan.owner as Workload;
      inboundOf.set(`${address}:${ports[plan.servicePort]}`, listener.address);
    }
    const gone = [...open.values()].filter(({ plan }) => !wanted.has(plan.key));
    own = new Set(
      [...next.values()].map(({ listener: { address } }) => `${address.address}:${address.port}`),
    );
    open = next;
    version++;
    for (const one of gone) void closeListener(one);
    for (const [name, member] of members) if (!updated.has(member)) endMember(name, member);
    return { version, listeners: addresses() };
  }

  async function openListener(plan: ListenerPlan, table: RoutingTable): Promise<OpenListener> {
    const member = memberOf(plan.owner, table);
    const attempt = async (address: string, port: number) => {
      const listener = new HttpListener(scopeOf(plan, table, member), shared);
      const connector = connectListener(plan, member, listener, {
        caller: callerOf(plan),
        security,
      });
      listener.connector = connector;
      await listener.listen(address, port);
      return { plan, listener, connector };
    };
    const { address, port } = plan.wanted;
    try {
      return await attempt(address, port);
    } catch (error) {
      if (!plan.flexible) throw listenFailed(plan.wanted, ownerName(plan.owner), error);
      return attempt('127.0.0.1', 0);
    }
  }

  async function closeListener({ listener, connector }: OpenListener): Promise<void> {
    await listener.close(drainMs);
    connector?.close();
  }

  function memberOf(owner: Workload | GatewayWorkload, table: RoutingTable): Member {
    const name = ownerName(owner);
    let member = members.get(name);
    if (member === undefined) {
      registry ??= createEndpointRegistry({
        table,
        ...(options.names && { resolve: options.names }),
      });
      const clusters = createClusters({
        table,
        registry,
        clientLabels: () => owner.labels,
        now,
        released: releaseEndpoint,
        clientTls: createClientTls({
          account: accountOf({ owner }),
          ...(options.identities && { identities: options.identities }),
          ...(options.credentials !== undefined && { credentials: options.credentials }),
        }),
        ...(options.random && { random: options.random }),
      });
      member = createMember(clusters, {
        ...options,
        now,
        isOwnListener: (host, port) =>
          own.has(`${host === 'localhost' ? '127.0.0.1' : host}:${port}`),
        resolve: (endpoint) => inboundOf.get(endpoint.key) ?? endpoint,
        onConnected: (socket: Socket) => {
          const local = `${socket.localAddress}:${socket.localPort}`;
          peers.set(local, peerOf(owner));
          socket.once('close', () => peers.delete(local));
        },
      });
      members.set(name, member);
    }
    return member;
  }

  /** Requests under way may still need its connections. */
  function endMember(name: string, member: Member): void {
    members.delete(name);
    setTimeout(() => {
      member.clusters.close();
      closePools(member.outboundPool);
      closePools(member.inboundPool);
    }, drainMs).unref();
  }

  function scopeOf(plan: ListenerPlan, table: RoutingTable, member: Member): Scope {
    const { owner, direction, servicePort } = plan;
    const isInbound = direction === 'inbound';
    const inboundOfWorkload = (one: Workload) =>
      member.inbound(one, servicePort, speaksHttp2(table, one, servicePort));
    const caller = callerOf(plan);
    return {
      direction: direction === 'proxy' ? 'outbound' : direction,
      workload: owner,
      caller,
      view: table.view(caller, servicePort),
      port: servicePort,
      isForwardProxy: direction === 'proxy',
      table,
      clusters: member.clusters,
      plans: createRoutePlans(member.clusters, owner.namespace),
      inbound: isInbound ? inboundOfWorkload(owner as Workload) : undefined,
      options: isInbound ? member.inboundOptions : member.outboundOptions,
    };
  }

  function addresses(): ListenerAddress[] {
    return [...open.values()].map(({ plan, listener }) => ({
      owner: ownerName(plan.owner),
      direction: plan.direction,
      servicePort: plan.servicePort,
      ...listener.address,
    }));
  }

  return {
    apply(config) {
      const applied = queue.then(() => apply(config));
      queue = applied.catch(() => {});
      return applied;
    },
    addresses,
    *clusters() {
      for (const { clusters } of members.values()) yield* clusters.clusters();
    },
    *programs() {
      for (const { plan, listener } of open.values())
        if (listener.scope.inbound)
          yield { ...listener.scope.inbound, workload: plan.owner as Workload };
    },
    health: () => ({ live: !closed, version, restarts: 0, detail: '' }),
    statistics: () =>
      Promise.resolve({
        connections: shared.connections,
        refusedConnections: shared.refused,
        clusters: [...members].flatMap(([client, { clusters }]) =>
          [...clusters.clusters()].map((one): ClusterStatistics => ({
            client,
            name: one.name,
            requests: one.requests,
            pending: one.pending,
            connections: one.connections,
            endpoints: one.endpoints.length,
          })),
        ),
      }),
    async close() {
      if (closed) return;
      closed = true;
      await queue;
      clearInterval(ticker);
      await Promise.all([...open.values()].map(closeListener));
      for (const member of members.values()) {
        member.clusters.close();
        closePools(member.outboundPool);
        closePools(member.inboundPool);
      }
      registry?.close();
      open = new Map();
    },
  };
}

function callerOf({ direction, owner }: ListenerPlan): Caller {
  const via = direction === 'gateway' ? 'gateway' : 'sidecar';
  return { via, namespace: owner.namespace, labels: owner.labels };
}
