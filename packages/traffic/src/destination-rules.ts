// Which DestinationRule holds for a client's requests to a host.

import { hostCovers, resolveHost } from './host.ts';
import type { DestinationRule, Subset } from './resource.ts';

/** First of several subsets of one name. */
export function findSubset(rule: DestinationRule | undefined, name: string): Subset | undefined {
  return rule?.spec.subsets?.find((one) => one.name === name);
}

export interface RuleIndex {
  /** `namespace host` to the rules that name just this host, oldest first. */
  readonly exact: ReadonlyMap<string, readonly DestinationRule[]>;
  readonly wildcards: readonly DestinationRule[];
}

export function indexRules(rules: readonly DestinationRule[]): RuleIndex {
  const hostOf = (one: DestinationRule) => resolveHost(one.spec.host, one.metadata.namespace);
  const exact = new Map<string, DestinationRule[]>();
  for (const one of rules) {
    const key = `${one.metadata.namespace} ${hostOf(one)}`;
    const same = exact.get(key);
    if (same) same.push(one);
    else exact.set(key, [one]);
  }
  return { exact, wildcards: rules.filter((one) => hostOf(one).startsWith('*')) };
}

/** The rule of one namespace for a host: those that name it, else those with the narrowest wildcard, joined into one. */
export function findDestinationRule(
  index: RuleIndex,
  host: string,
  namespace: string,
  clientNamespace: string,
): DestinationRule | undefined {
  const visible = (one: DestinationRule) =>
    visibleIn(one.spec.exportTo, namespace, clientNamespace);
  let same = (index.exact.get(`${namespace} ${host}`) ?? []).filter(visible);
  if (same.length === 0) {
    const covering = index.wildcards.filter(
      (one) =>
        one.metadata.namespace === namespace &&
        hostCovers(one.spec.host.toLowerCase(), host) &&
        visible(one),
    );
    const longest = Math.max(...covering.map((one) => one.spec.host.length));
    same = covering.filter((one) => one.spec.host.length === longest);
  }
  const [first] = same;
  if (!first || same.length === 1) return first;
  const policy = same.find((one) => one.spec.trafficPolicy)?.spec.trafficPolicy;
  const subsets = same.flatMap((one) => one.spec.subsets ?? []);
  return { ...first, spec: { ...first.spec, subsets, ...(policy && { trafficPolicy: policy }) } };
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
