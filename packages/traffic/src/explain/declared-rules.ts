// What all rules declare about where traffic goes, whatever kind of resource they stand in: for lists and pages.

import { resolveHost } from '../host.ts';
import type { RouteBackend } from '../gateway-api/gateway-api-resource.ts';
import type { Destination, Resource } from '../resource.ts';

export interface DeclaredShare {
  /** The whole name of the service. */
  readonly host: string;
  readonly subset: string;
  /** undefined: the only one of the service, or the listener's. */
  readonly port: number | undefined;
  /** 0..1 */
  readonly share: number;
}

export interface DeclaredRule {
  readonly kind: 'VirtualService' | 'HTTPRoute' | 'GRPCRoute';
  /** `namespace/name` */
  readonly resource: string;
  readonly section: 'http' | 'tcp' | 'tls';
  /** In its list in the file. */
  readonly ruleIndex: number;
  readonly ruleName: string;
  readonly hosts: readonly string[];
  /** Empty for a rule that sends nothing on: a redirect, a direct response, a delegate. */
  readonly destinations: readonly DeclaredShare[];
}

/** In the order of the resources; of a VirtualService http, tcp and then tls rules. */
export function declaredRules(resources: readonly Resource[]): DeclaredRule[] {
  return resources.flatMap((one): DeclaredRule[] => {
    const { namespace, name } = one.metadata;
    const resource = `${namespace}/${name}`;
    if (one.kind === 'VirtualService') {
      const { hosts = [], http = [], tcp = [], tls = [] } = one.spec;
      const lists = { http, tcp, tls };
      return (['http', 'tcp', 'tls'] as const).flatMap((section) =>
        lists[section].map((rule, ruleIndex) => ({
          kind: one.kind,
          resource,
          section,
          ruleIndex,
          ruleName: 'name' in rule ? (rule.name ?? '') : '',
          hosts,
          destinations: sharesOf(rule.route ?? [], namespace),
        })),
      );
    }
    if (one.kind !== 'HTTPRoute' && one.kind !== 'GRPCRoute') return [];
    return (one.spec.rules ?? []).map((rule, ruleIndex) => ({
      kind: one.kind,
      resource,
      section: 'http' as const,
      ruleIndex,
      ruleName: rule.name ?? '',
      hosts: one.spec.hostnames ?? [],
      destinations: backendShares(rule.backendRefs ?? [], namespace),
    }));
  });
}

/** Istio's: a destination that stands alone gets all, whatever its weight. */
function sharesOf(
  routes: readonly { readonly destination: Destination; readonly weight?: number }[],
  namespace: string,
): DeclaredShare[] {
  const total = routes.reduce((sum, { weight = 0 }) => sum + weight, 0);
  return routes.map(({ destination: { host, subset = '', port }, weight = 0 }) => ({
    host: resolveHost(host, namespace),
    subset,
    port: port?.number,
    share: routes.length === 1 ? 1 : total > 0 ? weight / total : 0,
  }));
}

/** Gateway API's: a weight that nobody gives is 1. */
function backendShares(backends: readonly RouteBackend[], namespace: string): DeclaredShare[] {
  const total = backends.reduce((sum, { weight = 1 }) => sum + weight, 0);
  return backends.map(({ name, namespace: own = namespace, port, weight = 1 }) => ({
    host: resolveHost(name, own),
    subset: '',
    port,
    share: total > 0 ? weight / total : 0,
  }));
}
