// Rules for connections that nothing reaches.

import type { FieldPath } from '../read/check-fields.ts';
import type { L4Match, Resource, VirtualService } from '../resource.ts';
import type { Report } from './analyze.ts';

export function checkConnections(resources: readonly Resource[], report: Report): void {
  for (const one of resources) {
    if (one.kind !== 'VirtualService') continue;
    checkTcp(one, report);
  }
}

/** A rule is never reached when an earlier one takes all that it takes. */
function checkTcp(one: VirtualService, report: Report): void {
  const rules = one.spec.tcp ?? [];
  const blocks = rules.flatMap((rule, ruleIndex) =>
    (rule.match?.length ? rule.match : [{}]).map((match, at) => ({
      ruleIndex,
      matchIndex: rule.match?.length ? at : -1,
      match,
    })),
  );
  for (const [index, { ruleIndex, matchIndex, match }] of blocks.entries()) {
    const earlier = blocks.slice(0, index).find((other) => covers(other.match, match));
    if (!earlier) continue;
    const path: FieldPath = ['spec', 'tcp', ruleIndex];
    report(one, matchIndex === -1 ? path : [...path, 'match', matchIndex], {
      code: 'CLV301',
      severity: earlier.ruleIndex === ruleIndex ? 'info' : 'error',
      message: `no connection can reach this: tcp[${earlier.ruleIndex}] takes all of them before`,
      hint: `move it before tcp[${earlier.ruleIndex}]`,
    });
  }
}

function covers(wide: L4Match, narrow: L4Match): boolean {
  const list = (one: readonly string[] | undefined) => one ?? [];
  return (
    (!wide.port || wide.port === narrow.port) &&
    (!wide.sourceNamespace || wide.sourceNamespace === narrow.sourceNamespace) &&
    (list(wide.gateways).length === 0 ||
      (list(narrow.gateways).length > 0 &&
        list(narrow.gateways).every((name) => wide.gateways!.includes(name)))) &&
    (list(wide.destinationSubnets).length === 0 ||
      (list(narrow.destinationSubnets).length > 0 &&
        list(narrow.destinationSubnets).every((range) =>
          wide.destinationSubnets!.includes(range),
        ))) &&
    Object.entries(wide.sourceLabels ?? {}).every(
      ([key, value]) => narrow.sourceLabels?.[key] === value,
    )
  );
}
