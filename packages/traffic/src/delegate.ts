// Delegation: a root VirtualService hands part of its paths to VirtualServices without hosts. Their
// rules are joined here, so that the compiler sees plain VirtualServices only.

import type {
  Destination,
  HttpMatch,
  HttpRoute,
  RuleOf,
  RuleOrigin,
  StringMatch,
  VirtualService,
} from './resource.ts';

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
      const virtualService = nameOf(root);
      const http = root.spec.http.flatMap((rule, ruleIndex) => {
        if (!rule.delegate) {
          const matchIndexes = rule.match?.length ? [...rule.match.keys()] : [-1];
          const origin = { kind: 'VirtualService', name: virtualService, ruleIndex } as const;
          return [{ ...rule, origin: { ...origin, matchIndexes } }];
        }
        const delegate = delegates.get(
          `${rule.delegate.namespace ?? root.metadata.namespace}/${rule.delegate.name}`,
        );
        const from = { virtualService, ruleIndex, ruleName: rule.name ?? '' };
        return (delegate?.spec.http ?? []).flatMap((inner, index) =>
          joinRules(rule, inner, { root: from, delegate: delegate!, index }),
        );
      });
      return { ...root, spec: { ...root.spec, http } };
    });
}

/** What the delegate says counts; the root fills what it leaves open. Undefined when their matches contradict each other. */
function joinRules(
  root: HttpRoute,
  inner: HttpRoute,
  at: {
    readonly root: RuleOf;
    readonly delegate: VirtualService;
    readonly index: number;
  },
): HttpRoute[] {
  const joined = joinMatches(root.match ?? [], inner.match ?? []);
  if (joined === undefined) return [];
  const match = joined.map((one) => one.match);
  const origin: RuleOrigin = {
    kind: 'VirtualService',
    name: nameOf(at.delegate),
    ruleIndex: at.index,
    ruleName: inner.name ?? '',
    matchIndexes: joined.length > 0 ? joined.map((one) => one.innerIndex) : [-1],
    root: at.root,
  };
  const { delegate: _, match: __, name: outerName, redirect: ___, ...outer } = root;
  const name = [outerName, inner.name].filter(Boolean).join('-');
  const rule = qualified(inner, at.delegate.metadata.namespace);
  return [{ ...outer, ...rule, ...(name && { name }), ...(match.length > 0 && { match }), origin }];
}

const nameOf = ({ metadata }: VirtualService) => `${metadata.namespace}/${metadata.name}`;

interface JoinedMatch {
  readonly match: HttpMatch;
  /** Of the delegate's block; -1 when it has none. */
  readonly innerIndex: number;
}

/** Hosts of the delegate are short for its own namespace, not the root's. */
function qualified(rule: HttpRoute, namespace: string): HttpRoute {
  const long = (host: string) =>
    host.includes('.') ? host : `${host}.${namespace}.svc.cluster.local`;
  const at = <T extends { readonly destination: Destination }>(one: T): T => ({
    ...one,
    destination: { ...one.destination, host: long(one.destination.host) },
  });
  return {
    ...rule,
    ...(rule.route && { route: rule.route.map(at) }),
    ...(rule.mirror && { mirror: { ...rule.mirror, host: long(rule.mirror.host) } }),
    ...(rule.mirrors && { mirrors: rule.mirrors.map(at) }),
  };
}

/** Every pair that agrees; undefined when a block of the delegate lies within none of the root's. */
export function joinMatches(
  root: readonly HttpMatch[],
  inner: readonly HttpMatch[],
): JoinedMatch[] | undefined {
  if (root.length === 0) return inner.map((match, innerIndex) => ({ match, innerIndex }));
  if (inner.length === 0) return root.map((match) => ({ match, innerIndex: -1 }));
  const joined: JoinedMatch[] = [];
  for (const [innerIndex, one] of inner.entries()) {
    const agreeing = root.filter((outer) => !contradicts(outer, one));
    if (agreeing.length === 0) return undefined;
    for (const outer of agreeing) joined.push({ match: joinMatch(outer, one), innerIndex });
  }
  return joined;
}

function contradicts(root: HttpMatch, inner: HttpMatch): boolean {
  for (const field of ['uri', 'scheme', 'method', 'authority'] as const) {
    if (conflict(root[field], inner[field])) return true;
  }
  for (const field of ['headers', 'withoutHeaders', 'queryParams'] as const) {
    for (const [name, one] of Object.entries(inner[field] ?? {})) {
      const outer = root[field]?.[name];
      if (outer !== undefined && conflict(outer ?? {}, one ?? {})) return true;
    }
  }
  if ((root.ignoreUriCase ?? false) !== (inner.ignoreUriCase ?? false)) return true;
  if (root.port && inner.port && root.port !== inner.port) return true;
  if (root.sourceNamespace && inner.sourceNamespace !== root.sourceNamespace) return true;
  for (const [key, value] of Object.entries(inner.sourceLabels ?? {})) {
    const outer = root.sourceLabels?.[key];
    if (outer !== undefined && outer !== value) return true;
  }
  return Boolean(
    root.gateways?.length &&
    inner.gateways?.length &&
    (root.gateways.length < inner.gateways.length ||
      !inner.gateways.every((one) => root.gateways!.includes(one))),
  );
}

function joinMatch(root: HttpMatch, inner: HttpMatch): HttpMatch {
  const joined = (field: 'headers' | 'withoutHeaders' | 'queryParams' | 'sourceLabels') =>
    root[field] || inner[field] ? { [field]: { ...root[field], ...inner[field] } } : {};
  const name = [root.name, inner.name].filter(Boolean).join('-');
  const gateways = inner.gateways?.length ? inner.gateways : root.gateways;
  return {
    ...root,
    ...inner,
    ...(name && { name }),
    ...(gateways && { gateways }),
    ...joined('headers'),
    ...joined('withoutHeaders'),
    ...joined('queryParams'),
    ...joined('sourceLabels'),
  };
}

/** The delegate must ask for a part of what the root asks; what cannot be compared is a conflict. */
function conflict(
  root: StringMatch | null | undefined,
  inner: StringMatch | null | undefined,
): boolean {
  if (!root || !inner) return false;
  if (root.regex && (inner.regex || inner.prefix || inner.exact)) return true;
  if (inner.regex && (root.regex || root.prefix || root.exact)) return true;
  if (root.exact) return Boolean(inner.prefix) || inner.exact !== root.exact;
  if (root.prefix && (inner.prefix || inner.exact))
    return !(inner.prefix || inner.exact!).startsWith(root.prefix);
  return true;
}
