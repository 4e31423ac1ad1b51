// What the mesh says about the services of the map: faults that are switched on, who takes mutual TLS only, endpoints
// that are left out.

import type { FaultSwitch, TrafficEffectiveAnswer } from '@clover/model';

export interface MeshMark {
  readonly fault?: FaultSwitch | undefined;
  /** A PeerAuthentication lets in mutual TLS only. */
  readonly strict: boolean;
  /** Endpoints that are left out because they failed. */
  readonly ejected?: number | undefined;
}

interface PeerAuthentication {
  readonly namespace: string;
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly mode: string;
}

const ROOT_NAMESPACE = 'istio-system';

/** Marks by a service's name without namespace; services without any are left out. */
export function meshMarks(
  faults: readonly FaultSwitch[],
  effective: TrafficEffectiveAnswer | undefined,
  ejections: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, MeshMark> {
  const rules = (effective?.resources ?? [])
    .filter((one) => one.kind === 'PeerAuthentication')
    .map(({ metadata, spec }): PeerAuthentication => {
      // The API has checked it against the CRD.
      const { selector, mtls } = spec as {
        selector?: { matchLabels?: Record<string, string> };
        mtls?: { mode?: string };
      };
      return {
        namespace: String(metadata['namespace'] ?? 'default'),
        selector: selector?.matchLabels,
        mode: mtls?.mode ?? 'UNSET',
      };
    });
  const marks = new Map<string, MeshMark>();
  for (const { host, namespace, endpoints } of effective?.services ?? []) {
    const strict =
      endpoints.length > 0 &&
      endpoints.every(({ labels }) => modeOf(rules, namespace, labels) === 'STRICT');
    if (strict) marks.set(serviceOf(host), { strict });
  }
  for (const fault of faults) {
    const name = serviceOf(fault.service);
    marks.set(name, { strict: marks.get(name)?.strict ?? false, fault });
  }
  for (const [name, ejected] of ejections)
    marks.set(name, { strict: false, ...marks.get(name), ejected });
  return marks;
}

/** `http-lb` of `http-lb.default.svc.cluster.local`. */
export function serviceOf(name: string): string {
  return name.split('.')[0] ?? name;
}

/** Of the workload's own rule, else its namespace's, else the mesh's, as Istio has it. */
function modeOf(
  rules: readonly PeerAuthentication[],
  namespace: string,
  labels: Readonly<Record<string, string>>,
): string | undefined {
  const own = rules.filter(
    (one) =>
      one.namespace === namespace &&
      one.selector !== undefined &&
      Object.entries(one.selector).every(([name, value]) => labels[name] === value),
  );
  const wide = (of: string) =>
    rules.filter((one) => one.namespace === of && one.selector === undefined);
  return [...own, ...wide(namespace), ...wide(ROOT_NAMESPACE)].find(({ mode }) => mode !== 'UNSET')
    ?.mode;
}
