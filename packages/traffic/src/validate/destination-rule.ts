// DestinationRules: hosts, subsets and the policies of both.

import type { DestinationRule } from '../resource.ts';
import { checkExportTo } from './export-to.ts';
import { dnsLabel, host, podLabels } from './names.ts';
import type { Say } from './say.ts';
import { checkSelector } from './selector.ts';
import { checkTrafficPolicy } from './traffic-policy.ts';

export function checkDestinationRule({ spec, metadata }: DestinationRule, say: Say): void {
  say(['spec', 'host'], host(spec.host));
  checkTrafficPolicy(spec.trafficPolicy, ['spec', 'trafficPolicy'], say);
  const seen = new Set<string>();
  for (const [index, subset] of (spec.subsets ?? []).entries()) {
    const path = ['spec', 'subsets', index];
    if (seen.has(subset.name))
      say(path, {
        code: 'subsetTwice',
        message: `subset ${subset.name} stands twice; only the first counts`,
        hint: 'give it a name of its own',
      });
    seen.add(subset.name);
    say([...path, 'name'], dnsLabel('a subset', subset.name));
    for (const [key, said] of podLabels(subset.labels)) say([...path, 'labels', key], said);
    checkTrafficPolicy(subset.trafficPolicy, [...path, 'trafficPolicy'], say);
  }
  const selected = spec.workloadSelector?.matchLabels;
  checkExportTo(spec.exportTo, metadata.namespace, say, {
    own: spec.workloadSelector !== undefined,
  });
  checkSelector(selected, ['spec', 'workloadSelector', 'matchLabels'], say);
}
