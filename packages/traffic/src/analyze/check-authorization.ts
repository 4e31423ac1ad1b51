// AuthorizationPolicies as far as they are enforced: those that ask an external authorizer.

import { unknownConditions } from '../authorization/match-rule.ts';
import type { Resource } from '../resource.ts';
import type { Report } from './analyze.ts';

export function checkAuthorization(resources: readonly Resource[], report: Report): void {
  for (const resource of resources) {
    if (resource.kind !== 'AuthorizationPolicy') continue;
    const { action = 'ALLOW', rules = [] } = resource.spec;
    if (action !== 'CUSTOM') {
      report(resource, ['spec', 'action'], {
        code: 'CLV420',
        severity: 'warning',
        message: `action ${action} is not enforced by the built-in data plane: requests are neither allowed nor denied by it`,
      });
      continue;
    }
    for (const [index, rule] of rules.entries()) {
      for (const name of unknownConditions(rule)) {
        report(resource, ['spec', 'rules', index], {
          code: 'CLV420',
          severity: 'warning',
          message: `${name} is not looked at by the built-in data plane: requests are asked about whatever it says`,
        });
      }
    }
  }
}
