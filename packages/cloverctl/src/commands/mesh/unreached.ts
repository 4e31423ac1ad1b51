// Whether any rule sends requests to a program that has joined: a version that no subset has gets none, in silence.
import type { TrafficEffectiveAnswer, WorkloadStatus } from '@clover/model';

/** Undefined when requests can come to it. A service without rules of its own sends to all its programs. */
export function unreached(
  { rules, resources }: Pick<TrafficEffectiveAnswer, 'rules' | 'resources'>,
  { service, namespace, labels }: Pick<WorkloadStatus, 'service' | 'namespace' | 'labels'>,
): string | undefined {
  const host = `${service}.${namespace}.svc.cluster.local`;
  const names = new Set([
    host,
    `${service}.${namespace}.svc`,
    `${service}.${namespace}`,
    ...(namespace === 'default' ? [service] : []),
  ]);
  if (!rules.some(({ hosts }) => hosts.some((one) => names.has(one)))) return undefined;
  const sentTo = rules
    .flatMap(({ destinations }) => destinations)
    .filter((one) => one.host === host && one.share > 0)
    .map(({ subset }) => subset);
  const named = [...new Set(sentTo)];
  const subsets = subsetsOf(resources, names);
  if (named.some((name) => name === '' || isIn(subsets.get(name), labels))) return undefined;
  const own = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
  return `no rule sends requests to it (${own || 'no labels'}): ${
    named.length === 0
      ? `none sends any to ${service}`
      : `those to ${service} go to ${named.length === 1 ? 'the subset' : 'the subsets'} ${named.join(', ')}`
  }`;
}

type Labels = Readonly<Record<string, unknown>>;

function subsetsOf(
  resources: TrafficEffectiveAnswer['resources'],
  names: ReadonlySet<string>,
): Map<string, Labels> {
  const found = new Map<string, Labels>();
  for (const { kind, spec } of resources) {
    if (kind !== 'DestinationRule' || !names.has(String(spec['host']))) continue;
    // As Istio's schema has them; the server has checked it.
    for (const one of (spec['subsets'] ?? []) as { name: string; labels?: Labels }[])
      found.set(one.name, one.labels ?? {});
  }
  return found;
}

const isIn = (wanted: Labels | undefined, labels: Labels): boolean =>
  wanted !== undefined && Object.entries(wanted).every(([key, value]) => labels[key] === value);
