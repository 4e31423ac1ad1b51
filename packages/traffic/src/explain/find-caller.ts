// Who sends a request and to which port, when a file or a person tells it in part only.

import { hostCovers, resolveHost } from '../host.ts';
import { hostnameOf, type Caller } from '../request.ts';
import type { RoutingTable } from '../compile.ts';
import type { Gateway, Resource } from '../resource.ts';
import { isHttp } from '../services.ts';
import type { AskedRequest } from './asked-request.ts';
import type { Workload } from './workloads.ts';

export interface FoundCaller {
  readonly caller: Caller;
  readonly port: number;
  /** Server name of the TLS that the gateway ends there; undefined for plain HTTP. */
  readonly sni: string | undefined;
  /** What was taken for granted; undefined when nothing was. */
  readonly note: string | undefined;
}

export interface CallerFinder {
  /** The same object for the same caller: tables keep what they worked out for it. */
  find(request: AskedRequest): FoundCaller;
}

/** `defaults` hold for what a request does not say itself. */
export function createCallerFinder(
  table: RoutingTable,
  resources: readonly Resource[],
  workloads: readonly Workload[],
  defaults: Partial<Pick<AskedRequest, 'via' | 'from' | 'namespace' | 'labels' | 'port'>> = {},
): CallerFinder {
  const gateways = resources.filter((one): one is Gateway => one.kind === 'Gateway');
  const known = new Map<string, FoundCaller>();
  return {
    find(request) {
      const via = request.via ?? defaults.via;
      // What is said about sidecars says nothing about gateways.
      const usual = via === (defaults.via ?? via) ? defaults : {};
      const from = request.from ?? usual.from;
      const namespace = request.namespace ?? usual.namespace;
      const labels = request.labels ?? usual.labels;
      const port = request.port ?? usual.port;
      const host = request.headers['host'] ?? '';
      const { scheme } = request;
      const key = `${scheme}\n${via}\n${from}\n${namespace}\n${port}\n${host}\n${labels ? JSON.stringify(labels) : ''}`;
      const before = known.get(key);
      if (before) return before;
      if (known.size > 10_000) known.clear();
      const asked = { via, from, namespace, labels, port, host, scheme };
      const found = shared(
        known,
        gatewayOf(gateways, asked, table) ?? sidecarOf(table, workloads, asked),
      );
      known.set(key, found);
      return found;
    },
  };
}

interface Asked {
  readonly via: 'gateway' | 'sidecar' | undefined;
  readonly from: string | undefined;
  readonly namespace: string | undefined;
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly port: number | undefined;
  readonly host: string;
  readonly scheme: 'http' | 'https' | undefined;
}

function shared(known: ReadonlyMap<string, FoundCaller>, found: FoundCaller): FoundCaller {
  const text = JSON.stringify(found.caller);
  for (const { caller } of known.values())
    if (JSON.stringify(caller) === text) return { ...found, caller };
  return found;
}

/**
 * A gateway when one is asked for, or when nothing is said and only a gateway serves the host: one that
 * takes every host does not stand for the services of the mesh.
 */
function gatewayOf(
  gateways: readonly Gateway[],
  asked: Asked,
  table: RoutingTable,
): FoundCaller | undefined {
  if (asked.via === 'sidecar') return undefined;
  const named = gateways.filter((one) =>
    [one.metadata.name, `${one.metadata.namespace}/${one.metadata.name}`].includes(
      asked.from ?? '',
    ),
  );
  if (asked.via === undefined && named.length === 0 && (asked.from ?? asked.labels))
    return undefined;
  const candidates = named.length > 0 ? named : gateways;
  const hostname = hostnameOf(asked.host);
  const nothingSaid = asked.via === undefined && named.length === 0;
  const isInside = nothingSaid && serviceOf(table, hostname, asked.namespace ?? 'default');
  const serving = candidates.flatMap((gateway) =>
    (gateway.spec.servers ?? [])
      .filter((server) =>
        server.hosts.some((raw) => {
          const pattern = raw.slice(raw.indexOf('/') + 1).toLowerCase();
          return hostCovers(pattern, hostname) && !(pattern === '*' && isInside);
        }),
      )
      .map((server) => ({
        gateway,
        port: server.port.number,
        tls: server.tls?.mode !== undefined && !isHttp(server.port.protocol),
      })),
  );
  const best =
    serving.find((one) => one.port === asked.port) ??
    serving.find((one) => one.tls === (asked.scheme === 'https')) ??
    serving[0];
  const gateway =
    best?.gateway ?? (asked.via === 'gateway' || named.length > 0 ? candidates[0] : undefined);
  if (!gateway) {
    return asked.via === 'gateway'
      ? {
          caller: {
            via: 'gateway',
            namespace: asked.namespace ?? 'default',
            labels: asked.labels ?? {},
          },
          port: asked.port ?? 80,
          sni: undefined,
          note: 'no Gateway is declared',
        }
      : undefined;
  }
  // A log names the port of the pod, not that of the server: one that nobody declared says nothing.
  const declared = (gateway.spec.servers ?? []).some((one) => one.port.number === asked.port);
  return {
    caller: {
      via: 'gateway',
      namespace: gateway.metadata.namespace,
      labels: asked.labels ?? gateway.spec.selector ?? {},
    },
    port:
      (declared ? asked.port : undefined) ??
      best?.port ??
      gateway.spec.servers?.[0]?.port.number ??
      80,
    sni: best?.tls ? hostname : undefined,
    note: undefined,
  };
}

function sidecarOf(table: RoutingTable, workloads: readonly Workload[], asked: Asked): FoundCaller {
  const { name, namespace: told } = splitName(asked.from);
  const wanted = told ?? asked.namespace;
  const fits = workloads.filter((one) => wanted === undefined || one.namespace === wanted);
  const workload =
    name === undefined
      ? undefined
      : (fits.find((one) => one.name === name) ?? fits.find((one) => one.labels['app'] === name));
  const namespace = wanted ?? workload?.namespace ?? 'default';
  const labels = asked.labels ?? workload?.labels ?? (name === undefined ? {} : { app: name });
  return {
    caller: { via: 'sidecar', namespace, labels },
    port: asked.port ?? servicePort(table, asked.host, namespace),
    sni: undefined,
    note:
      name !== undefined && !workload && !asked.labels
        ? `no workload ${name} is declared: taken for one with the label app=${name} in namespace ${namespace}`
        : undefined,
  };
}

/** `NAME`, `NAMESPACE/NAME` or `NAME.NAMESPACE`. */
function splitName(from: string | undefined): { name?: string; namespace?: string } {
  if (from === undefined) return {};
  const slash = from.indexOf('/');
  if (slash !== -1) return { namespace: from.slice(0, slash), name: from.slice(slash + 1) };
  const dot = from.indexOf('.');
  if (dot === -1) return { name: from };
  return { name: from.slice(0, dot), namespace: from.slice(dot + 1) };
}

/** The port in the Host header if any service has it, else the first HTTP port of the service, else one that all services share, else 80. */
function servicePort(table: RoutingTable, authority: string, namespace: string): number {
  const explicit = Number(/:(\d+)$/.exec(authority)?.[1] ?? 0);
  const services = [...table.services.values()];
  if (services.some((one) => one.ports.some((port) => port.number === explicit))) return explicit;
  const service = serviceOf(table, hostnameOf(authority), namespace);
  const own =
    service?.ports.find((one) => isHttp(one.protocol))?.number ?? service?.ports[0]?.number;
  if (own !== undefined) return own;
  if (explicit > 0) return explicit;
  const ports = new Set(services.flatMap((one) => one.ports.map((port) => port.number)));
  return ports.size === 1 ? [...ports][0]! : 80;
}

/** By any name that a program in the namespace may call it by. */
function serviceOf(table: RoutingTable, host: string, namespace: string) {
  const [name = '', of] = host.split('.');
  return (
    table.services.get(host) ??
    table.services.get(resolveHost(host, namespace)) ??
    table.services.get(resolveHost(name, of ?? namespace))
  );
}
