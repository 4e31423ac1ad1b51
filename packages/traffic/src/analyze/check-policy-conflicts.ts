// DestinationRules that contradict each other about one host: Istio joins them, and of two policies (or two
// subsets of one name) the older counts without a word.

import { resolveHost } from '../host.ts';
import type { FieldPath } from '../read/check-fields.ts';
import type { DestinationRule, Resource } from '../resource.ts';
import type { Report } from './analyze.ts';
import { byAge } from '../age.ts';

export function checkPolicyConflicts(resources: readonly Resource[], report: Report): void {
  const groups = new Map<string, DestinationRule[]>();
  for (const one of resources) {
    if (one.kind !== 'DestinationRule' || one.spec.workloadSelector) continue;
    const { namespace } = one.metadata;
    const key = `${namespace} ${resolveHost(one.spec.host, namespace)}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  for (const group of groups.values()) {
    const [first, ...others] = group.toSorted(byAge);
    for (const other of others) checkPair(first!, other, report);
  }
}

function checkPair(first: DestinationRule, other: DestinationRule, report: Report): void {
  const owner = `${first.metadata.namespace}/${first.metadata.name}`;
  const tell = (path: FieldPath, what: string) =>
    report(other, path, {
      code: 'CLV213',
      severity: 'warning',
      message: `${what} contradicts that of DestinationRule ${owner} for the same host, which is older and counts alone`,
      hint: 'join them in one DestinationRule',
    });
  if (
    other.spec.trafficPolicy &&
    first.spec.trafficPolicy &&
    differ(other.spec.trafficPolicy, first.spec.trafficPolicy)
  )
    tell(['spec', 'trafficPolicy'], 'this trafficPolicy');
  for (const [index, subset] of (other.spec.subsets ?? []).entries()) {
    const known = first.spec.subsets?.find(({ name }) => name === subset.name);
    if (known && differ(known, subset)) tell(['spec', 'subsets', index], `subset ${subset.name}`);
  }
}

const differ = (a: object, b: object) => canonical(a) !== canonical(b);

/** The same text whatever the order of the fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
