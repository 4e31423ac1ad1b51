// The kinds of resources that decide about traffic, and the words that people use for them.

export interface ResourceKind {
  readonly kind: string;
  readonly plural: string;
  readonly short: string;
}

/** In the order in which people list them. */
export const RESOURCE_KINDS: readonly ResourceKind[] = [
  { kind: 'Gateway', plural: 'gateways', short: 'gw' },
  { kind: 'VirtualService', plural: 'virtualservices', short: 'vs' },
  { kind: 'DestinationRule', plural: 'destinationrules', short: 'dr' },
  { kind: 'ServiceEntry', plural: 'serviceentries', short: 'se' },
  { kind: 'WorkloadEntry', plural: 'workloadentries', short: 'we' },
  { kind: 'Sidecar', plural: 'sidecars', short: 'sc' },
  { kind: 'PeerAuthentication', plural: 'peerauthentications', short: 'pa' },
  { kind: 'HTTPRoute', plural: 'httproutes', short: 'hr' },
  { kind: 'GRPCRoute', plural: 'grpcroutes', short: 'gr' },
  { kind: 'Secret', plural: 'secrets', short: 'secret' },
  { kind: 'Service', plural: 'kubeservices', short: 'ksvc' },
];

/** `vs`, `virtualservice`, `VirtualServices` … to `VirtualService`; a word that is none stays as it is. */
export function resourceKindOf(word: string): string {
  const folded = word.toLowerCase();
  const found = RESOURCE_KINDS.find(
    ({ kind, plural, short }) =>
      folded === kind.toLowerCase() || folded === plural || folded === short,
  );
  return found?.kind ?? word;
}
