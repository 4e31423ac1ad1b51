// Which connections a workload accepts: plain text, mTLS or both. The narrowest policy that says
// something wins: of the port, of the workload, of its namespace, of the mesh.

import { byAge } from './age.ts';
import type { PeerAuthentication, Resource } from './resource.ts';
import { selects } from './services.ts';

export type PeerMode = 'DISABLE' | 'PERMISSIVE' | 'STRICT';

export interface AcceptingWorkload {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PeerModes {
  /** @param port the program's own, which is what `portLevelMtls` counts by */
  of(workload: AcceptingWorkload, port: number): PeerMode;
}

/** PERMISSIVE where no policy says anything; of several policies of one scope the oldest counts. */
export function peerModes(
  resources: readonly Resource[],
  rootNamespace = 'istio-system',
): PeerModes {
  const policies = resources
    .filter((one): one is PeerAuthentication => one.kind === 'PeerAuthentication')
    .toSorted(byAge);
  const hasSelector = (one: PeerAuthentication) =>
    Object.keys(one.spec.selector?.matchLabels ?? {}).length > 0;
  const wide = policies.filter((one) => !hasSelector(one));
  const narrow = policies.filter(hasSelector);
  const ofNamespace = (namespace: string) =>
    modeOf(wide.find((one) => one.metadata.namespace === namespace)?.spec.mtls);

  return {
    of({ namespace, labels }, port) {
      const own = narrow.find(
        (one) =>
          one.metadata.namespace === namespace && selects(one.spec.selector?.matchLabels, labels),
      );
      return (
        modeOf(own?.spec.portLevelMtls?.[port]) ??
        modeOf(own?.spec.mtls) ??
        ofNamespace(namespace) ??
        ofNamespace(rootNamespace) ??
        'PERMISSIVE'
      );
    },
  };
}

/** UNSET is what the wider scope says. */
function modeOf(mtls: { readonly mode?: string } | undefined): PeerMode | undefined {
  const mode = mtls?.mode;
  return mode === 'DISABLE' || mode === 'PERMISSIVE' || mode === 'STRICT' ? mode : undefined;
}
