// Who is at the other end of a connection within the mesh.

import type { Peer } from '../request-record.ts';
import type { GatewayWorkload, Workload } from '../workload.ts';

/** What is known of a client whose other end is elsewhere is its certificate's identity. */
export function withPrincipal(peer: Peer | undefined, principal: string): Peer | undefined {
  if (principal === '') return peer;
  const id = principal.replace('spiffe://', '');
  if (peer !== undefined) return { ...peer, principal: id };
  const namespace = /\/ns\/([^/]+)/.exec(id)?.[1] ?? 'unknown';
  return { service: 'unknown', namespace, revision: 'unknown', principal: id };
}

export function peerOf(owner: Workload | GatewayWorkload): Peer {
  return {
    service: 'service' in owner ? owner.service : owner.name,
    namespace: owner.namespace,
    revision: owner.labels['version'] ?? 'latest',
    principal: '',
  };
}
