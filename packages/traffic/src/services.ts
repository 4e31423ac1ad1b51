// Who can be called: services from ServiceEntries and Kubernetes' Services, with their ports and endpoints.

import { resolveHost } from './host.ts';
import { readinessProbe, type ReadinessProbe } from './readiness-probe.ts';
import type {
  Metadata,
  Resource,
  ServiceEntrySpec,
  WorkloadEntry,
  WorkloadEntrySpec,
} from './resource.ts';

export interface ServiceEndpoint extends WorkloadEntrySpec {
  /** How its health is checked, if it asks for it. */
  readonly probe?: ReadinessProbe;
}

export interface ServiceInfo {
  readonly host: string;
  readonly namespace: string;
  readonly ports: readonly {
    readonly number: number;
    readonly name: string;
    readonly protocol: string;
    /** Where an endpoint listens that does not say it by the port's name: a number, or a name of its own. */
    readonly targetPort: number | string | undefined;
  }[];
  readonly endpoints: readonly ServiceEndpoint[];
  /** How endpoints are found; Kubernetes' Services are STATIC, headless ones NONE. */
  readonly resolution: NonNullable<ServiceEntrySpec['resolution']>;
  /** Outside of the mesh: no automatic mTLS. */
  readonly external: boolean;
  /** What the endpoints' certificates must name, if anything. */
  readonly subjectAltNames: readonly string[];
  /** IP addresses and ranges that stand for it. */
  readonly addresses: readonly string[];
  readonly exportTo: readonly string[] | undefined;
}

/** By host name in lower case; of two ServiceEntries for a host the first stays. */
export function collectServices(resources: readonly Resource[]): Map<string, ServiceInfo> {
  const services = new Map<string, ServiceInfo>();
  const entries = resources.filter((one): one is WorkloadEntry => one.kind === 'WorkloadEntry');
  for (const resource of resources) {
    const { namespace } = resource.metadata;
    if (resource.kind === 'Service') {
      const ports = (resource.spec.ports ?? []).map((one) => ({
        number: one.port,
        name: one.name ?? '',
        protocol: one.appProtocol ?? protocolOf(one.name ?? ''),
        targetPort: one.targetPort,
      }));
      const endpoints = entries
        .filter(
          (one) =>
            one.metadata.namespace === namespace &&
            selects(resource.spec.selector, one.spec.labels),
        )
        .map(endpointOf);
      const host = resolveHost(resource.metadata.name, namespace);
      const addresses = [resource.spec.clusterIP, ...(resource.spec.clusterIPs ?? [])];
      services.set(host, {
        host,
        namespace,
        ports,
        endpoints,
        resolution: resource.spec.clusterIP === 'None' ? 'NONE' : 'STATIC',
        external: false,
        subjectAltNames: [],
        addresses: [...new Set(addresses.filter((one) => one && one !== 'None'))] as string[],
        exportTo: undefined,
      });
    } else if (resource.kind === 'ServiceEntry') {
      const ports = (resource.spec.ports ?? []).map(({ number, name, protocol, targetPort }) => ({
        number,
        name,
        protocol: protocol ?? protocolOf(name),
        targetPort: targetPort || undefined,
      }));
      const selector = resource.spec.workloadSelector?.labels;
      const endpoints = selector
        ? entries
            .filter(
              (one) => one.metadata.namespace === namespace && selects(selector, one.spec.labels),
            )
            .map(endpointOf)
        : (resource.spec.endpoints ?? []).map((spec) => withProbe(spec, resource.metadata));
      const common = {
        namespace,
        ports,
        endpoints,
        resolution: resource.spec.resolution ?? 'NONE',
        external: resource.spec.location !== 'MESH_INTERNAL',
        subjectAltNames: resource.spec.subjectAltNames ?? [],
        addresses: resource.spec.addresses ?? [],
        exportTo: resource.spec.exportTo,
      };
      for (const raw of resource.spec.hosts ?? []) {
        const host = raw.toLowerCase();
        if (!services.has(host)) services.set(host, { host, ...common });
      }
    }
  }
  return services;
}

const endpointOf = ({ spec, metadata }: WorkloadEntry) => withProbe(spec, metadata);

function withProbe(spec: WorkloadEntrySpec, metadata: Metadata): ServiceEndpoint {
  const probe = readinessProbe(metadata);
  return probe ? { ...spec, probe } : spec;
}

/** Istio takes the protocol from the port's name: `http-web` is HTTP. */
function protocolOf(portName: string): string {
  const [prefix] = portName.split('-');
  return (prefix ?? '').toUpperCase();
}

const HTTP_PROTOCOLS = new Set([
  'HTTP',
  'HTTP2',
  'GRPC',
  'GRPC-WEB',
  'HTTP_PROXY',
  'KUBERNETES.IO/H2C',
]);
export const isHttp = (protocol: string) => HTTP_PROTOCOLS.has(protocol.toUpperCase());

const TLS_PROTOCOLS = new Set(['TLS', 'HTTPS']);
export const isTls = (protocol: string) => TLS_PROTOCOLS.has(protocol.toUpperCase());

/** Every label of the selector; an absent or empty one selects nothing. */
export function selects(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
}

const HTTP2_PROTOCOLS = new Set(['HTTP2', 'GRPC', 'GRPC-WEB', 'KUBERNETES.IO/H2C']);
/** Whether a port's protocol is spoken over HTTP/2 without being asked. */
export const isHttp2 = (protocol: string) => HTTP2_PROTOCOLS.has(protocol.toUpperCase());
