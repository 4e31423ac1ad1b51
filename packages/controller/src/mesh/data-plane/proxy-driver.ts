// Drives a proxy: what is in force goes to it, and what it is and does comes back.

import type { DataPlaneApplied, MeshStatistics, WorkloadListeners } from '@clover/model';
import type { DataPlaneStatistics } from '@clover/proxy';
import type { EventHub } from '../../events/event-hub.ts';
import type { EnforcedConfig, MeshDataPlane } from './data-plane.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewayProgram } from './gateways.ts';
import {
  proxyConfigOf,
  type ProxyConfig,
  type ProxyListener,
  type ProxySettings,
} from './proxy-config.ts';

/** The parts of @clover/proxy's DataPlane that are used; another data plane has the same. */
export interface Proxy {
  readonly pid: number | null;
  readonly metricsUrl: string | null;
  apply(config: ProxyConfig): Promise<{ readonly listeners: readonly ProxyListener[] }>;
  health(): { readonly live: boolean; readonly restarts: number; readonly detail: string };
  statistics(): Promise<DataPlaneStatistics>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface ProxyDriverOptions extends ProxySettings {
  readonly proxy: Proxy;
  readonly events: EventHub;
  /** Where gateways that may choose listened before. */
  readonly gatewayPorts?: GatewayPorts;
  readonly onError?: (error: unknown, what: string) => void;
  readonly now?: () => number;
}

const WATCH_MS = 1000;

export function createProxyDriver(options: ProxyDriverOptions): MeshDataPlane {
  const { proxy, events, gatewayPorts, onError, now = Date.now } = options;
  const startedAt = new Date(now()).toISOString();
  let enforced: EnforcedConfig | undefined;
  let gateways: readonly GatewayProgram[] = [];
  let listeners: readonly ProxyListener[] = [];
  let lastApply: DataPlaneApplied = { state: 'pending', detail: 'nothing yet', tookMs: null };
  let wasLive = true;
  let last: Promise<unknown> = Promise.resolve();

  async function enforceNow(config: EnforcedConfig): Promise<DataPlaneApplied> {
    const wanted = proxyConfigOf(config, options);
    const startMs = performance.now();
    try {
      const keep = gatewayPorts ? keptOf(wanted, gatewayPorts) : [];
      ({ listeners } = await proxy.apply({ ...wanted, keep }));
    } catch (error) {
      lastApply = { state: 'failed', detail: (error as Error).message, tookMs: null };
      throw error;
    }
    gateways = wanted.gateways;
    enforced = config;
    await gatewayPorts
      ?.remember(chosenBy(wanted, listeners))
      .catch((error: unknown) => onError?.(error, 'the ports of the gateways were not kept'));
    const tookMs = Math.round((performance.now() - startMs) * 10) / 10;
    return (lastApply = { state: 'applied', detail: '', tookMs });
  }

  const watch = setInterval(() => {
    const { live, detail } = proxy.health();
    if (live === wasLive) return;
    wasLive = live;
    events.publish({ type: 'mesh', what: 'dataPlane', detail: live ? 'up' : `down: ${detail}` });
  }, WATCH_MS);
  watch.unref();

  return {
    enforce(config) {
      const next = last.then(() => enforceNow(config));
      last = next.catch(() => undefined);
      return next;
    },
    health() {
      const { live, detail, restarts } = proxy.health();
      const again = restarts > 0 ? `started again ${restarts} times` : '';
      return {
        state: live ? 'up' : 'down',
        detail: [detail, again].filter((part) => part !== '').join(', '),
        pid: proxy.pid,
        startedAt,
        revision: enforced?.effective.revision ?? null,
      };
    },
    get lastApply() {
      return lastApply;
    },
    listeners: (workload) =>
      enforced?.workloads.has(workload) ? listenersOf(workload, listeners, enforced) : null,
    gateways: () =>
      gateways.map(({ name, namespace, labels }) => ({
        name,
        namespace,
        labels: { ...labels },
        listeners: listeners
          .filter((one) => one.owner === `${namespace}/${name}`)
          .map((one) => ({ port: one.servicePort, address: addressOf(one) })),
      })),
    metricsUrl: proxy.metricsUrl,
    statistics: async () => answerOf(await proxy.statistics()),
    // One that ends meanwhile has nothing to tell any more.
    flush: () => proxy.flush().catch(() => undefined),
    async close() {
      clearInterval(watch);
      await proxy.close();
    },
  };
}

/** Only where any port may be taken: one that somebody named is that one. */
function keptOf({ gateways }: ProxyConfig, ports: GatewayPorts): ProxyListener[] {
  return gateways.flatMap(({ namespace, name, address, ports: wanted }) =>
    Object.entries(wanted).flatMap(([server, local]): ProxyListener[] => {
      const owner = `${namespace}/${name}`;
      const servicePort = Number(server);
      const port = local === 0 ? ports.of(owner, servicePort) : undefined;
      return port === undefined
        ? []
        : [{ owner, direction: 'gateway', servicePort, address, port }];
    }),
  );
}

function chosenBy(
  { gateways }: ProxyConfig,
  listeners: readonly ProxyListener[],
): readonly ProxyListener[] {
  const free = new Set(
    gateways.flatMap(({ namespace, name, ports }) =>
      Object.entries(ports).flatMap(([server, local]) =>
        local === 0 ? [`${namespace}/${name} ${server}`] : [],
      ),
    ),
  );
  return listeners.filter(
    ({ direction, owner, servicePort }) =>
      direction === 'gateway' && free.has(`${owner} ${servicePort}`),
  );
}

function listenersOf(
  workload: string,
  all: readonly ProxyListener[],
  { effective }: EnforcedConfig,
): WorkloadListeners {
  const own = all.filter(({ owner }) => owner === workload);
  const proxy = own.find(({ direction }) => direction === 'proxy');
  const outbound = own.filter(({ direction }) => direction === 'outbound');
  return {
    httpProxy: proxy ? `http://${addressOf(proxy)}` : null,
    outbound: servicePorts(effective.resources).flatMap(({ host, port }) => {
      const listener = outbound.find(({ servicePort }) => servicePort === port);
      return listener ? [{ host, port, address: addressOf(listener) }] : [];
    }),
    inbound: own
      .filter(({ direction }) => direction === 'inbound')
      .map((one) => ({ port: one.servicePort, address: addressOf(one) })),
  };
}

function servicePorts(
  resources: EnforcedConfig['effective']['resources'],
): { host: string; port: number }[] {
  return resources.flatMap((one) => {
    if (one.kind === 'Service')
      return (one.spec.ports ?? []).map(({ port }) => ({
        host: `${one.metadata.name}.${one.metadata.namespace}.svc.cluster.local`,
        port,
      }));
    if (one.kind === 'ServiceEntry')
      return (one.spec.hosts ?? []).flatMap((host) =>
        (one.spec.ports ?? []).map(({ number }) => ({ host, port: number })),
      );
    return [];
  });
}

/** As the API has it, with figures that it does not know. */
const answerOf = ({ clusters, ...figures }: DataPlaneStatistics): MeshStatistics => ({
  ...figures,
  clusters: clusters.map(({ endpoints, ...cluster }) => ({
    ...cluster,
    endpoints: endpoints.map((one) => ({ ...one, labels: { ...one.labels } })),
  })),
});

const addressOf = ({ address, port }: ProxyListener): string => `${address}:${port}`;
