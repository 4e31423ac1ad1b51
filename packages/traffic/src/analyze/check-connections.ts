// VirtualServices as a whole, and their rules for connections: rules that nothing reaches, and
// VirtualServices that say nothing.

import type { FieldPath } from '../read/check-fields.ts';
import type { L4Match, Resource, VirtualService } from '../resource.ts';
import type { Report } from './analyze.ts';

export function checkConnections(resources: readonly Resource[], report: Report): void {
  for (const one of resources) {
    if (one.kind !== 'VirtualService') continue;
    checkWhole(one, report);
    checkTcp(one, report);
    checkWeights(one, report);
  }
}

function checkWhole(one: VirtualService, report: Report): void {
  const { hosts = [], gateways, http = [], tcp = [], tls = [] } = one.spec;
  if (http.length + tcp.length + tls.length === 0)
    report(one, ['spec'], {
      code: 'CLV320',
      severity: 'error',
      message: 'this VirtualService says nothing: it has neither http, tcp nor tls',
    });
  const inMesh = !gateways?.length || gateways.includes('mesh');
  if (inMesh && hosts.includes('*'))
    report(one, ['spec', 'hosts', hosts.indexOf('*')], {
      code: 'CLV321',
      severity: 'error',
      message: 'host * is not allowed in the mesh',
      hint: 'name the hosts, or bind it to gateways only',
    });
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

function checkWeights(one: VirtualService, report: Report): void {
  for (const section of ['tcp', 'tls'] as const) {
    for (const [index, { route = [] }] of (one.spec[section] ?? []).entries()) {
      const path: FieldPath = ['spec', section, index];
      if (route.length === 0)
        report(one, path, {
          code: 'CLV310',
          severity: 'error',
          message: 'this rule does nothing: it has no route',
        });
      else if (route.length > 1 && route.every((to) => (to.weight ?? 0) === 0))
        report(one, [...path, 'route'], {
          code: 'CLV313',
          severity: 'error',
          message: 'no destination has a weight',
          hint: 'give each a weight; they need not sum to 100',
        });
    }
  }
}
