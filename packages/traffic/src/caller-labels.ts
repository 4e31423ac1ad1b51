// Which labels of a caller any resource looks at: callers that agree in these have the same routes.

import type { DestinationRule, Gateway, Sidecar, VirtualService } from './resource.ts';

export function callerLabels(given: {
  readonly virtualServices: readonly VirtualService[];
  readonly sidecars: readonly Sidecar[];
  readonly gateways: readonly Gateway[];
  readonly rules: readonly DestinationRule[];
}): string[] {
  const names = new Set<string>();
  const add = (labels: Readonly<Record<string, string>> | undefined) => {
    for (const name in labels) names.add(name);
  };
  for (const { spec } of given.virtualServices) {
    for (const rules of [spec.http, spec.tls, spec.tcp])
      for (const { match } of rules ?? []) for (const one of match ?? []) add(one.sourceLabels);
  }
  for (const { spec } of given.sidecars) add(spec.workloadSelector?.labels);
  for (const { spec } of given.gateways) add(spec.selector);
  for (const { spec } of given.rules) add(spec.workloadSelector?.matchLabels);
  return [...names].toSorted();
}
