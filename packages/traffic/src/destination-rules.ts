// Which DestinationRule holds for a client's requests to a host. Istio joins rules of one host and
// namespace only when they are exported alike; of what is left apart the last one counts.

import { HostIndex, resolveHost } from './host.ts';
import type { DestinationRule, Subset } from './resource.ts';

/** First of several subsets of one name. */
export function findSubset(rule: DestinationRule | undefined, name: string): Subset | undefined {
  return rule?.spec.subsets?.find((one) => one.name === name);
}

export interface Client {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface RuleIndex {
  /** @param homes namespaces of the client, the service and the mesh, in this order */
  find(
    host: string,
    client: Client,
    homes: { service: string | undefined; root: string },
  ): DestinationRule | undefined;
}

/** Rules of one namespace by host, each list in Istio's order. */
interface Namespace {
  readonly local: HostIndex<DestinationRule[]>;
  readonly exported: HostIndex<DestinationRule[]>;
  /** What the namespace keeps to itself: all that the mesh's own namespace has for its own clients alone. */
  readonly kept: HostIndex<DestinationRule[]>;
}

/** @param rules oldest first */
export function indexRules(rules: readonly DestinationRule[]): RuleIndex {
  const namespaces = new Map<string, Namespace>();
  const withSelector = (one: DestinationRule) => Number(!one.spec.workloadSelector);
  for (const rule of rules.toSorted((a, b) => withSelector(a) - withSelector(b))) {
    const home = rule.metadata.namespace;
    let own = namespaces.get(home);
    if (!own) {
      own = { local: new HostIndex(), exported: new HostIndex(), kept: new HostIndex() };
      namespaces.set(home, own);
    }
    const exports = exportsOf(rule);
    const atHome = exports.size === 0 || exports.has('*') || exports.has('.') || exports.has(home);
    if (atHome) join(own.local, rule);
    const onlyAtHome = exports.size === 1 && (exports.has('.') || exports.has(home));
    join(onlyAtHome ? own.kept : own.exported, rule);
  }
  return {
    find(host, client, { service, root }) {
      const own = namespaces.get(client.namespace);
      const found = (client.namespace === root ? own?.kept : own?.local)?.find(host);
      const candidates = found ?? exportedTo(namespaces, host, client, [service, root]);
      return candidates && choose(candidates, client);
    },
  };
}

function exportedTo(
  namespaces: ReadonlyMap<string, Namespace>,
  host: string,
  { namespace }: Client,
  homes: readonly (string | undefined)[],
): DestinationRule[] | undefined {
  for (const home of homes) {
    const all = home === undefined ? undefined : namespaces.get(home)?.exported.find(host);
    const seen = all?.filter((one) => {
      const exports = exportsOf(one);
      return exports.size === 0 || exports.has('*') || exports.has(namespace);
    });
    if (seen?.length) return seen;
  }
  return undefined;
}

/** The first that selects the client, else the last that selects nobody. */
function choose(candidates: readonly DestinationRule[], { labels }: Client) {
  const selected = candidates.find((one) => {
    const selector = one.spec.workloadSelector?.matchLabels;
    return selector && Object.entries(selector).every(([key, value]) => labels[key] === value);
  });
  return selected ?? candidates.findLast((one) => !one.spec.workloadSelector);
}

/** A rule for chosen workloads stays in its namespace whatever it says. */
function exportsOf({ spec }: DestinationRule): ReadonlySet<string> {
  return spec.workloadSelector ? new Set(['.']) : new Set(spec.exportTo);
}

/** Adds the rule's subsets to those rules of its host that are for the same clients, or the rule itself. */
function join(index: HostIndex<DestinationRule[]>, rule: DestinationRule): void {
  const host = resolveHost(rule.spec.host, rule.metadata.namespace);
  const list: DestinationRule[] = [];
  if (index.add(host, list)) {
    list.push(rule);
    return;
  }
  const same = index.at(host)!;
  const exports = exportsOf(rule);
  let apart = true;
  for (const [position, other] of same.entries()) {
    const others = exportsOf(other);
    const equal = others.size === exports.size && [...exports].every((one) => others.has(one));
    const wider = others.size > 0 && [...others].every((one) => exports.has(one));
    apart = !equal;
    if (!equal && !wider) continue;
    if (Boolean(rule.spec.workloadSelector) !== Boolean(other.spec.workloadSelector)) continue;
    if (selectorKey(rule) !== selectorKey(other)) {
      apart = true;
      continue;
    }
    apart = false;
    same[position] = joined(other, rule);
  }
  if (apart) same.push(rule);
}

const selectorKey = ({ spec }: DestinationRule) =>
  JSON.stringify(
    Object.entries(spec.workloadSelector?.matchLabels ?? {}).toSorted(([a], [b]) =>
      a < b ? -1 : 1,
    ),
  );

function joined(first: DestinationRule, second: DestinationRule): DestinationRule {
  const known = new Set(first.spec.subsets?.map((one) => one.name));
  const further = (second.spec.subsets ?? []).filter((one) => !known.has(one.name));
  const policy = first.spec.trafficPolicy ?? second.spec.trafficPolicy;
  return {
    ...first,
    spec: {
      ...first.spec,
      subsets: [...(first.spec.subsets ?? []), ...further],
      ...(policy && { trafficPolicy: policy }),
    },
  };
}

/** `exportTo` of a resource at home in `home`; all namespaces when it says nothing. */
export function visibleIn(
  exportTo: readonly string[] | undefined,
  home: string,
  namespace: string,
): boolean {
  if (!exportTo || exportTo.length === 0) return true;
  return exportTo.some((one) => one === '*' || (one === '.' ? home : one) === namespace);
}
