// Delegation: a root VirtualService hands part of its paths to VirtualServices without hosts. Their
// rules are joined here, so that the compiler sees plain VirtualServices only.

import type { HttpMatch, HttpRoute, StringMatch, VirtualService } from './resource.ts';

/**
 * Roots with their delegates' rules in place; delegates themselves (no hosts) are gone. A delegate that is not there,
 * or a match that contradicts the root's, drops the rule, as Istio does.
 */
export function withDelegates(virtualServices: readonly VirtualService[]): VirtualService[] {
  const delegates = new Map(
    virtualServices
      .filter((one) => (one.spec.hosts ?? []).length === 0)
      .map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one]),
  );
  return virtualServices
    .filter((one) => (one.spec.hosts ?? []).length > 0)
    .map((root) => {
      if (!root.spec.http?.some((rule) => rule.delegate)) return root;
      const http = root.spec.http.flatMap((rule) => {
        if (!rule.delegate) return [rule];
        const delegate = delegates.get(
          `${rule.delegate.namespace ?? root.metadata.namespace}/${rule.delegate.name}`,
        );
        return (delegate?.spec.http ?? []).flatMap((inner) =>
          joinRules(rule, inner, delegate!.metadata.namespace),
        );
      });
      return { ...root, spec: { ...root.spec, http } };
    });
}

function joinRules(root: HttpRoute, inner: HttpRoute, namespace: string): HttpRoute[] {
  const match = joinMatches(root.match ?? [], inner.match ?? []);
  if (match === undefined) return [];
  const { delegate: _, match: __, ...outer } = root;
  const headers =
    root.headers || inner.headers ? { headers: joinHeaders(root.headers, inner.headers) } : {};
  return [
    { ...outer, ...qualified(inner, namespace), ...headers, ...(match.length > 0 && { match }) },
  ];
}

/** Hosts of the delegate are short for its own namespace, not the root's. */
function qualified(rule: HttpRoute, namespace: string): HttpRoute {
  const long = (host: string) =>
    host.includes('.') ? host : `${host}.${namespace}.svc.cluster.local`;
  const route = rule.route?.map((one) => ({
    ...one,
    destination: { ...one.destination, host: long(one.destination.host) },
  }));
  return { ...rule, ...(route && { route }) };
}

/** Every pair that agrees; undefined when no pair does, empty when neither side asks anything. */
function joinMatches(
  root: readonly HttpMatch[],
  inner: readonly HttpMatch[],
): HttpMatch[] | undefined {
  if (root.length === 0) return [...inner];
  if (inner.length === 0) return [...root];
  const pairs = root.flatMap((outer) =>
    inner.map((one) => joinMatch(outer, one)).filter((one) => one !== undefined),
  );
  return pairs.length > 0 ? pairs : undefined;
}

function joinMatch(root: HttpMatch, inner: HttpMatch): HttpMatch | undefined {
  if ((root.ignoreUriCase ?? false) !== (inner.ignoreUriCase ?? false) && root.uri && inner.uri)
    return undefined;
  for (const field of ['uri', 'scheme', 'method', 'authority'] as const) {
    if (conflict(root[field], inner[field])) return undefined;
  }
  if (root.port && inner.port && root.port !== inner.port) return undefined;
  for (const field of ['headers', 'withoutHeaders', 'queryParams'] as const) {
    for (const [name, outer] of Object.entries(root[field] ?? {})) {
      const one = inner[field]?.[name];
      if (one !== undefined && conflict(outer ?? {}, one ?? {})) return undefined;
    }
  }
  const joined = (field: 'headers' | 'withoutHeaders' | 'queryParams') =>
    root[field] || inner[field] ? { [field]: { ...root[field], ...inner[field] } } : {};
  return {
    ...root,
    ...inner,
    ...joined('headers'),
    ...joined('withoutHeaders'),
    ...joined('queryParams'),
  };
}

/** The delegate must ask for a part of what the root asks; what cannot be compared is a conflict. */
function conflict(
  root: StringMatch | null | undefined,
  inner: StringMatch | null | undefined,
): boolean {
  if (!root || !inner) return false;
  if (root.regex !== undefined || inner.regex !== undefined) return true;
  if (root.exact !== undefined) return inner.exact !== root.exact;
  if (root.prefix !== undefined)
    return !(inner.exact ?? inner.prefix ?? '').startsWith(root.prefix);
  return false;
}

function joinHeaders(
  root: HttpRoute['headers'],
  inner: HttpRoute['headers'],
): NonNullable<HttpRoute['headers']> {
  const side = (name: 'request' | 'response') => {
    const a = root?.[name];
    const b = inner?.[name];
    if (!a && !b) return {};
    return {
      [name]: {
        set: { ...a?.set, ...b?.set },
        add: { ...a?.add, ...b?.add },
        remove: [...(a?.remove ?? []), ...(b?.remove ?? [])],
      },
    };
  };
  return { ...side('request'), ...side('response') };
}
