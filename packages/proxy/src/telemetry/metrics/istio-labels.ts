// The labels of Istio's standard metrics: who called whom.
// https://istio.io/latest/docs/reference/config/metrics/

import type { Peer } from '../../request-record.ts';
import type { Cluster, Endpoint } from '../../upstream/cluster.ts';
import { parseClusterName } from '../cluster-name.ts';
import type { WorkloadIdentity } from '../workload-identity.ts';
import { labels } from './exposition.ts';

const UNKNOWN = 'unknown';

/** One end of a call. */
interface Party {
  readonly workload: string;
  readonly workloadNamespace: string;
  readonly principal: string;
  readonly app: string;
  readonly version: string;
  readonly canonicalService: string;
  readonly canonicalRevision: string;
}

const NOBODY: Party = {
  workload: UNKNOWN,
  workloadNamespace: UNKNOWN,
  principal: UNKNOWN,
  app: UNKNOWN,
  version: UNKNOWN,
  canonicalService: UNKNOWN,
  canonicalRevision: 'latest',
};

interface Service {
  readonly host: string;
  readonly name: string;
  readonly namespace: string;
}

/** A client's or a gateway's word: the source is this workload, the destination an endpoint. */
export function sourceLabels(
  identity: WorkloadIdentity,
  to: { readonly cluster: Cluster | undefined; readonly endpoint: Endpoint | undefined },
  clusterId: string,
): string {
  const service = serviceOf(to.cluster);
  const destination = to.endpoint === undefined ? NOBODY : endpointParty(to.endpoint, service);
  return both({
    reporter: 'source',
    source: workloadParty(identity, to.cluster?.tls !== undefined),
    destination,
    service,
    clusterId,
  });
}

/** A server's word: the destination is this workload, the source whoever the connection says. */
export function destinationLabels(
  identity: WorkloadIdentity,
  peer: Peer | undefined,
  clusterId: string,
): string {
  const { canonicalService: name, namespace } = identity;
  return both({
    reporter: 'destination',
    source: peer === undefined ? NOBODY : peerParty(peer),
    destination: workloadParty(identity, peer !== undefined && peer.principal !== ''),
    service: { host: `${name}.${namespace}.svc.cluster.local`, name, namespace },
    clusterId,
  });
}

function both(call: {
  reporter: string;
  source: Party;
  destination: Party;
  service: Service;
  clusterId: string;
}): string {
  const { source, destination, service } = call;
  return labels([
    ['reporter', call.reporter],
    ['source_workload', source.workload],
    ['source_canonical_service', source.canonicalService],
    ['source_canonical_revision', source.canonicalRevision],
    ['source_workload_namespace', source.workloadNamespace],
    ['source_principal', source.principal],
    ['source_app', source.app],
    ['source_version', source.version],
    ['source_cluster', source === NOBODY ? UNKNOWN : call.clusterId],
    ['destination_workload', destination.workload],
    ['destination_workload_namespace', destination.workloadNamespace],
    ['destination_principal', destination.principal],
    ['destination_app', destination.app],
    ['destination_version', destination.version],
    ['destination_service', service.host],
    ['destination_canonical_service', destination.canonicalService],
    ['destination_canonical_revision', destination.canonicalRevision],
    ['destination_service_name', service.name],
    ['destination_service_namespace', service.namespace],
    ['destination_cluster', destination === NOBODY ? UNKNOWN : call.clusterId],
  ]);
}

/** An identity shows itself only where both ends do. */
function workloadParty(identity: WorkloadIdentity, isMutual: boolean): Party {
  return {
    workload: identity.workload,
    workloadNamespace: identity.namespace,
    principal: isMutual ? `spiffe://${identity.principal}` : UNKNOWN,
    app: identity.app,
    version: identity.version,
    canonicalService: identity.canonicalService,
    canonicalRevision: identity.canonicalRevision,
  };
}

function endpointParty({ labels: of }: Endpoint, service: Service): Party {
  const app = of['app'] ?? UNKNOWN;
  return {
    workload: of['service.istio.io/workload-name'] ?? UNKNOWN,
    workloadNamespace: service.namespace,
    principal: UNKNOWN,
    app,
    version: of['version'] ?? UNKNOWN,
    canonicalService:
      of['service.istio.io/canonical-name'] ?? (app === UNKNOWN ? service.name : app),
    canonicalRevision:
      of['service.istio.io/canonical-revision'] ?? of['version'] ?? NOBODY.canonicalRevision,
  };
}

function peerParty(peer: Peer): Party {
  return {
    workload: peer.service === '' ? UNKNOWN : `${peer.service}-${peer.revision}`,
    workloadNamespace: peer.namespace || UNKNOWN,
    principal: peer.principal === '' ? UNKNOWN : `spiffe://${peer.principal}`,
    app: peer.service || UNKNOWN,
    version: peer.revision || UNKNOWN,
    canonicalService: peer.service || UNKNOWN,
    canonicalRevision: peer.revision || NOBODY.canonicalRevision,
  };
}

function serviceOf(cluster: Cluster | undefined): Service {
  if (cluster === undefined) return { host: UNKNOWN, name: UNKNOWN, namespace: UNKNOWN };
  const { host, service, namespace } = parseClusterName(cluster.name);
  return { host, name: service, namespace: namespace === '' ? UNKNOWN : namespace };
}
