// The demo's services as workloads of a mesh: what they join with, and where they then find each other.
import type { WorkloadJoin } from '@clover/model';
import type { Endpoint, EndpointTable, ServiceConfig } from './config.ts';
import type { Ports } from './run-service.ts';

/** What the demo needs of a mesh that its services are to run in. */
export interface DemoMesh {
  /** Takes programs in, all at once; they stay until they are taken out. */
  join(workloads: readonly WorkloadJoin[]): Promise<void>;
  /** Never rejects; who is not in it is passed over. */
  leave(names: readonly string[]): Promise<void>;
  /** The listeners for what a workload sends: one for each port of each service. */
  outbound(workload: string): readonly OutboundListener[];
  /** Base URL of the gateway that the clients go through; undefined while there is none. */
  gateway(): string | undefined;
  /** Tells when listeners or gateways may have changed; returns the function that ends it. */
  onChange(listener: () => void): () => void;
  /** Resolves when the spans of all requests so far were acknowledged. */
  flush(): Promise<void>;
}

export interface OutboundListener {
  readonly host: string;
  readonly port: number;
  /** `127.77.4.1:9180` */
  readonly address: string;
}

/** Long: whoever takes them in keeps them up, and ends with the demo. Workloads with a lease are not kept on disk. */
const LEASE_MS = 3_600_000;

/** Of the clients there is none: they are outside. */
export function workloadOf(config: ServiceConfig, { port }: Ports): WorkloadJoin | undefined {
  if (config.role === 'clients') return undefined;
  const { name, instance, namespace, version, host } = config;
  const servicePort = config.role === 'observer' ? config.destinationPort : config.serverPort;
  return {
    name: instance,
    namespace,
    service: name,
    labels: { app: name, version },
    serviceAccount: name,
    address: host,
    ports: [{ port: servicePort, targetPort: port, protocol: 'HTTP' }],
    ready: true,
    leaseMs: LEASE_MS,
  };
}

/**
 * Logical addresses to outbound listeners, as a program in `namespace` may write them: `http-lb:9180`,
 * `http-lb.default:9180` and the whole name; port 80 is left out, as in a URL.
 */
export function meshEndpoints(
  listeners: readonly OutboundListener[],
  namespace: string,
): EndpointTable {
  return Object.fromEntries(
    listeners.flatMap(({ host, port, address }) =>
      namesOf(host, namespace).map((name): [string, Endpoint[]] => [
        port === 80 ? name : `${name}:${port}`,
        [endpointOf(address)],
      ]),
    ),
  );
}

function namesOf(host: string, namespace: string): string[] {
  const [, service, of] = /^([^.]+)\.([^.]+)\.svc\./.exec(host) ?? [];
  if (service === undefined) return [host];
  const short = `${service}.${of}`;
  return [host, `${short}.svc`, short, ...(of === namespace ? [service] : [])];
}

function endpointOf(address: string): Endpoint {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)), weight: 1 };
}
