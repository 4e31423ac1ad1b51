// How a client of the mesh speaks TLS to a destination: as its DestinationRule says, and by itself to
// endpoints of the mesh where it says nothing (Istio's automatic mTLS).

import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { badCredential } from '../errors.ts';
import type { ClusterTls, Endpoint } from '../upstream/cluster.ts';
import type { TlsDestination } from '../upstream/create-clusters.ts';
import { UpstreamEndpoint } from '../upstream/upstream-endpoint.ts';
import { checkAltNames, checkHostName, checkMeshPeer } from './certificate-names.ts';
import { openClientCredential } from './client-credential.ts';
import { createCredentials, type Credentials } from './credentials.ts';
import type { Identities } from './identities.ts';
import { spiffeId, type ServiceAccount } from './spiffe.ts';

export interface ClientTlsOptions {
  /** The client's own account. */
  readonly account: ServiceAccount;
  /** Without them there is no mTLS between workloads. */
  readonly identities?: Identities;
  /** Sidecars of Istio take none, gateways do. */
  readonly credentials?: Credentials;
  /** Whether the destination's own policy forbids mTLS (PeerAuthentication DISABLE). */
  readonly plainOnly?: (destination: TlsDestination) => boolean;
}

/** For the `clientTls` of `createClusters`. */
export function createClientTls(
  options: ClientTlsOptions,
): (destination: TlsDestination) => ClusterTls | undefined {
  return (destination) => {
    const { tls, service } = destination;
    const { identities } = options;
    if (tls === undefined) {
      if (!identities || service.external || options.plainOnly?.(destination)) return undefined;
      return meshTls(destination, options, identities, true);
    }
    switch (tls.mode) {
      case 'ISTIO_MUTUAL':
        if (!identities) return unusable(destination, 'there are no identities in this mesh');
        return meshTls(destination, options, identities, false);
      case 'SIMPLE':
      case 'MUTUAL':
        return fileTls(destination, options);
      default:
        return undefined;
    }
  };
}

function meshTls(
  { tls, service, port, subset, http2 }: TlsDestination,
  { account }: ClientTlsOptions,
  identities: Identities,
  automatic: boolean,
): ClusterTls {
  const servername = tls?.sni || `outbound_.${port}_.${subset}_.${service.host}`;
  const ids = firstGiven(
    tls?.subjectAltNames,
    service.subjectAltNames,
    service.endpoints.flatMap(({ serviceAccount }) =>
      serviceAccount ? [spiffeId({ namespace: service.namespace, serviceAccount })] : [],
    ),
  );
  const { trustDomain } = identities;
  const common: ConnectionOptions = {
    servername,
    ALPNProtocols: http2 ? ['istio-h2', 'istio', 'h2'] : ['istio-http/1.1', 'istio', 'http/1.1'],
    rejectUnauthorized: true,
    checkServerIdentity: (_host, certificate) => checkMeshPeer(ids, trustDomain, certificate),
  };
  const isPlain = (endpoint: Endpoint) =>
    automatic && !(endpoint instanceof UpstreamEndpoint && endpoint.spec.meshTls);
  return {
    key: JSON.stringify(['mesh', account, common.servername, ids, http2, automatic]),
    modeOf: (endpoint) => (isPlain(endpoint) ? 'none' : 'mutual'),
    connectionOptions(endpoint: Endpoint) {
      if (isPlain(endpoint)) return undefined;
      return { ...common, secureContext: identities.of(account).context };
    },
  };
}

function fileTls(
  destination: TlsDestination,
  { credentials = createCredentials({}), account }: ClientTlsOptions,
): ClusterTls {
  const tls = destination.tls!;
  const { service, http2 } = destination;
  const label = destination.clusterName;
  const context = openClientCredential(tls, { credentials, namespace: account.namespace, label });
  const names = firstGiven(tls.subjectAltNames, service.subjectAltNames);
  const host = service.host.startsWith('*') ? undefined : service.host;
  // A server name of its own without names to check turns the check off, as Istio has it.
  const checkHost = names.length === 0 && !tls.sni;
  const common: ConnectionOptions = {
    ...(http2 && { ALPNProtocols: ['h2'] }),
    rejectUnauthorized: tls.insecureSkipVerify !== true,
    checkServerIdentity(servername, certificate) {
      if (names.length > 0) return checkAltNames(names, certificate);
      return checkHost ? checkHostName(host ?? servername, certificate) : undefined;
    },
  };

  return {
    key: JSON.stringify(['files', tls, names, http2]),
    modeOf: () => (tls.mode === 'MUTUAL' ? 'mutual' : 'simple'),
    connectionOptions({ address }) {
      const secureContext = context();
      const servername = tls.sni || host || address;
      return {
        ...common,
        ...(isIP(servername) === 0 && { servername }),
        secureContext,
      };
    },
  };
}

function unusable(destination: TlsDestination, why: string): ClusterTls {
  return {
    key: why,
    modeOf: () => 'mutual',
    connectionOptions() {
      throw badCredential(destination.clusterName, why);
    },
  };
}

function firstGiven(...lists: readonly (readonly string[] | undefined)[]): readonly string[] {
  return lists.find((list) => list && list.length > 0) ?? [];
}
