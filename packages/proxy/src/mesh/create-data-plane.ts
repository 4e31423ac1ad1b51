// The built-in data plane: the listeners of all workloads and gateways in this process.

import type { LookupFunction, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { peerModes, secretCredentials, type SecretCredentials } from '@clover/traffic';
import type { AppliedConfig, DataPlane, DataPlaneConfig, ListenerAddress } from '../data-plane.ts';
import { CONNECTION_LIMITS, type ConnectionLimits } from '../downstream/connection-limits.ts';
import { HttpListener, type ListenerShared } from '../downstream/http-listener.ts';
import { listenFailed } from '../errors.ts';
import { Load, type LoadFigures } from '../exchange/load.ts';
import type { RequestSink } from '../exchange/scope.ts';
import { createCredentials } from '../identity/credentials.ts';
import type { Identities } from '../identity/identities.ts';
import type { Peer } from '../request-record.ts';
import type { TcpRecord } from '../tcp/tcp-proxy.ts';
import type { ObservedCluster } from '../telemetry/metrics/cluster-gauges.ts';
import type { GatewayWorkload, Workload } from '../workload.ts';
import { checkCredentials, type CheckedCredentials } from './check-credentials.ts';
import { compileConfig, scopeOf, type Compiled } from './compiled.ts';
import { connectListener, type Connector, type Security } from './connect-listener.ts';
import { createConnectionMeters } from './connection-meters.ts';
import { loopbackAddresses } from './loopback-addresses.ts';
import { ownerName, type ListenerPlan } from './listener-plan.ts';
import { createMembers, type Members } from './members.ts';
import { peerOf, withPrincipal } from './peers.ts';
import { clusterStatistics, observedClusters } from './statistics.ts';

export interface DataPlaneOptions {
  readonly sink: RequestSink;
  /** Of the workloads; without them there is no mTLS between them. */
  readonly identities?: Identities;
  /** Folder of what a Gateway's `credentialName` means where no Secret does. */
  readonly credentials?: string;
  /** Told of each connection that was passed on as bytes. */
  readonly onTcpEnd?: (
    owner: Workload | GatewayWorkload,
    record: TcpRecord,
    direction: 'outbound' | 'gateway',
  ) => void;
  readonly limits?: Partial<ConnectionLimits>;
  /** Bodies up to this are kept for retries and mirrors. */
  readonly maxKeptBytes?: number;
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
  plan: ListenerPlan;
  readonly listener: HttpListener;
  connector: Connector | undefined;
}

/** The data plane in this process shows its clusters, for metrics. */
export interface LocalDataPlane extends DataPlane {
  clusters(): Iterable<ObservedCluster>;
  /** What it holds in memory, and what it left undone. */
  load(): LoadFigures;
}

/** Starts with no configuration and no listener. */
export function createDataPlane(options: DataPlaneOptions): LocalDataPlane {
  const { now = () => performance.now(), drainMs = 5000 } = options;
  const limits = { ...CONNECTION_LIMITS, ...options.limits };
  const meters = createConnectionMeters(options.sink);
  const load = new Load(limits.maxBufferedBytes);
  const peers = new Map<string, Peer>();
  const addressesOf = loopbackAddresses();
  let open = new Map<string, OpenListener>();
  let inboundOf = new Map<string, { address: string; port: number }>();
  let inboundTcpOf = new Map<string, { address: string; port: number }>();
  let own = new Set<string>();
  let modes = peerModes([]);
  let checked: CheckedCredentials | undefined;
  let secrets: SecretCredentials = new Map();
  /** Secrets that went while there is still a use for them. */
  let goneSecrets: SecretCredentials = new Map();
  const credentials = createCredentials({
    folder: options.credentials,
    secrets: () => secrets,
    gone: () => goneSecrets,
  });
  const members: Members = createMembers({
    ...options,
    credentials,
    now,
    load,
    drainMs,
    isOwnListener: (host, port) => own.has(`${host === 'localhost' ? '127.0.0.1' : host}:${port}`),
    resolve: (endpoint) => inboundOf.get(endpoint.key) ?? endpoint,
    onConnected(owner, socket, to, isInbound) {
      meters.upstream(socket, to, isInbound ? owner : undefined);
      if (!isInbound) remember(owner, socket);
    },
  });
  /** The listener at the other end asks whose connection it is. */
  function remember(owner: Workload | GatewayWorkload, socket: Socket): void {
    const local = `${socket.localAddress}:${socket.localPort}`;
    peers.set(local, peerOf(owner));
    socket.once('close', () => peers.delete(local));
  }
  const security: Security = {
    identities: options.identities,
    credentials,
    modes: () => modes,
    openTcp: meters.tcp,
    onTcpEnd({ owner, direction }, record) {
      options.onTcpEnd?.(owner, record, direction === 'gateway' ? 'gateway' : 'outbound');
    },
  };
  let version = 0;
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;
  const shared: ListenerShared = {
    limits,
    connections: 0,
    listeners: 0,
    refused: 0,
    peerOf: (remote, principal) => withPrincipal(peers.get(remote), principal),
    onConnection: meters.downstream,
  };
  const ticker = setInterval(() => {
    const nowMs = now();
    for (const { listener } of open.values()) listener.tick(nowMs);
    members.sweep();
    meters.tick();
  }, TICK_MS).unref();

  async function apply(config: DataPlaneConfig): Promise<AppliedConfig> {
    const compiled = compileConfig(config, members, {
      addressesOf,
      mtls: options.identities !== undefined,
    });
    const { table, plans } = compiled;
    // At the start what was in force before comes back whatever became of its files.
    const nextSecrets = secretCredentials(config.resources, secrets);
    const nextChecked = checkCredentials(compiled, checked, {
      identities: options.identities,
      folder: options.credentials,
      secrets: nextSecrets,
      resources: config.resources,
    });
    const fresh = await openMissing(compiled);
    await Promise.race([members.resolve(table), sleep(NAMES_MS, undefined, { ref: false })]);
    // From here on nothing waits and nothing fails: all requests that begin later see all of it.
    checked = nextChecked;
    goneSecrets = new Map(
      [...goneSecrets, ...secrets].filter(
        ([name]) => nextChecked.isNamed(name) && !nextSecrets.has(name),
      ),
    );
    secrets = nextSecrets;
    modes = peerModes(config.resources, table.mesh.rootNamespace);
    members.update(
      plans.map((one) => one.owner),
      table,
    );
    const next = new Map<string, OpenListener>();
    for (const plan of plans) {
      const one = (open.get(plan.key) ?? fresh.get(plan.key))!;
      one.plan = plan;
      next.set(plan.key, one);
      enforce(one, compiled);
    }
    inboundOf = new Map();
    inboundTcpOf = new Map();
    for (const { plan, listener } of next.values()) {
      if (plan.direction !== 'inbound') continue;
      const { address, ports } = plan.owner as Workload;
      const known = plan.isTcp ? inboundTcpOf : inboundOf;
      known.set(`${address}:${ports[plan.servicePort]}`, listener.address);
    }
    own = new Set(
      [...next.values()].map(({ listener: { address } }) => `${address.address}:${address.port}`),
    );
    const gone = [...open.values()].filter(({ plan }) => !next.has(plan.key));
    open = next;
    version++;
    for (const one of gone) void closeListener(one);
    return { version, listeners: addresses() };
  }

  function enforce({ plan, listener, connector }: OpenListener, compiled: Compiled): void {
    const member = members.of(plan.owner, compiled.table);
    const { address, port } = listener.address;
    listener.scope = scopeOf(plan, compiled, member, {
      listener: `${address}:${port}`,
      meter: meters.listener(plan, listener.address),
    });
    connector?.updated();
  }

  /** All or none of those that are not open yet. */
  async function openMissing(compiled: Compiled): Promise<Map<string, OpenListener>> {
    const fresh = new Map<string, OpenListener>();
    try {
      for (const plan of compiled.plans)
        if (!open.has(plan.key)) fresh.set(plan.key, await openListener(plan, compiled));
    } catch (error) {
      await Promise.all([...fresh.values()].map(({ listener }) => listener.close(0)));
      throw error;
    }
    return fresh;
  }

  async function openListener(plan: ListenerPlan, compiled: Compiled): Promise<OpenListener> {
    const member = members.of(plan.owner, compiled.table);
    const attempt = async (address: string, port: number) => {
      const listener = new HttpListener(scopeOf(plan, compiled, member), shared);
      const opened: OpenListener = { plan, listener, connector: undefined };
      opened.connector = connectListener(() => opened.plan, member, listener, {
        security,
        resolveTcp: (endpoint) => inboundTcpOf.get(endpoint.key) ?? endpoint,
        onDialled: (socket) => remember(member.owner, socket),
      });
      listener.connector = opened.connector;
      await listener.listen(address, port);
      return opened;
    };
    const { address, port } = plan.wanted;
    try {
      return await attempt(address, port);
    } catch (error) {
      if (!plan.flexible) throw listenFailed(plan.wanted, ownerName(plan.owner), error);
      return attempt(plan.direction === 'gateway' ? address : '127.0.0.1', 0);
    }
  }

  async function closeListener({ plan, listener, connector }: OpenListener): Promise<void> {
    const { address, port } = listener.address;
    await listener.close(drainMs);
    connector?.close();
    const isBack = [...open.values()].some(
      (one) => one.listener.address.address === address && one.listener.address.port === port,
    );
    if (!isBack) meters.forget(plan, { address, port });
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
    clusters: () => observedClusters(members),
    load: () => load.figures(),
    health: () => ({ live: !closed, version, restarts: 0, detail: '' }),
    statistics: async () => ({
      connections: shared.connections,
      refusedConnections: shared.refused,
      ...load.figures(),
      clusters: clusterStatistics(members, now),
    }),
    async close() {
      if (closed) return;
      closed = true;
      await queue;
      clearInterval(ticker);
      const last = [...open.values()];
      open = new Map();
      await Promise.all(last.map(closeListener));
      members.close();
    },
  };
}
