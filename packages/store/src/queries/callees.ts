// Which service a caller means by "peer": a host, a cluster or a name. Pure.

export interface Callees {
  /** The service that sends spans under this name, or undefined: nobody traces this callee. */
  resolve(peer: string): string | undefined;
}

/**
 * `services` are those that send spans in the range; `learned` says which service received calls to
 * which peer, the most reliable witness. Kubernetes names (`web.demo.svc.cluster.local`) match the
 * services `web.demo` and `web`; a bare name matches the only service `name.namespace`. Other hosts
 * match whole or not at all: `api.example.com` is not the service `api`.
 */
export function createCallees(
  services: ReadonlySet<string>,
  learned: readonly { readonly peer: string; readonly service: string; readonly weight: number }[],
): Callees {
  const best = heaviest(learned);
  const byFirstLabel = new Map<string, string | undefined>();
  for (const service of services) {
    const label = service.split('.')[0] as string;
    if (label !== service) byFirstLabel.set(label, byFirstLabel.has(label) ? undefined : service);
  }
  return {
    resolve(peer) {
      if (peer === '') return undefined;
      const lesson = best.get(peer);
      if (lesson !== undefined) return lesson;
      return candidates(peer).find((name) => services.has(name)) ?? byFirstLabel.get(bare(peer));
    },
  };
}

/** How a callee that nobody traces is called in the graph. */
export function externalName(peer: string, protocol: string): string {
  if (peer !== '') return peer.replace(/:(80|443)$/, '');
  if (protocol === 'db') return 'unknown database';
  return protocol === 'messaging' ? 'unknown queue' : 'unknown';
}

/** Per peer the service with the greatest weight, the first by name among equals. */
function heaviest(
  learned: readonly { readonly peer: string; readonly service: string; readonly weight: number }[],
): Map<string, string> {
  const weights = new Map<string, Map<string, number>>();
  for (const { peer, service, weight } of learned) {
    if (peer === '') continue;
    const services = weights.get(peer) ?? new Map<string, number>();
    services.set(service, (services.get(service) ?? 0) + weight);
    weights.set(peer, services);
  }
  return new Map(
    [...weights].map(([peer, services]) => [
      peer,
      [...services].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]![0],
    ]),
  );
}

function bare(peer: string): string {
  return peer.replace(/:\d+$/, '');
}

function candidates(peer: string): string[] {
  const host = bare(peer);
  const kubernetes = /^([^.]+)\.([^.]+)\.svc(\..+)?$/.exec(host);
  return [peer, host, ...(kubernetes ? [`${kubernetes[1]}.${kubernetes[2]}`, kubernetes[1]!] : [])];
}
