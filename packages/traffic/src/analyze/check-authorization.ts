// AuthorizationPolicies as far as they are enforced (those that ask an external authorizer), and
// PeerAuthentications whose settings do nothing.

import { unknownConditions } from '../authorization/match-rule.ts';
import type { PeerAuthentication, Resource } from '../resource.ts';
import type { Report } from './analyze.ts';

export function checkAuthorization(resources: readonly Resource[], report: Report): void {
  for (const resource of resources) {
    if (resource.kind === 'PeerAuthentication') checkPeers(resource, report);
    if (resource.kind !== 'AuthorizationPolicy') continue;
    const { action = 'ALLOW', provider, rules = [] } = resource.spec;
    if (action !== 'CUSTOM') {
      report(resource, ['spec', 'action'], {
        code: 'CLV420',
        severity: 'warning',
        message: `action ${action} is not enforced by the built-in data plane: requests are neither allowed nor denied by it`,
      });
      continue;
    }
    if (!provider?.name) {
      report(resource, ['spec', 'provider'], {
        code: 'CLV113',
        severity: 'error',
        message: 'action CUSTOM has no provider',
        hint: 'add provider: {name: …} with the name of an extension provider',
      });
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

function checkPeers(policy: PeerAuthentication, report: Report): void {
  const { selector, portLevelMtls } = policy.spec;
  if (!portLevelMtls || Object.keys(selector?.matchLabels ?? {}).length > 0) return;
  report(policy, ['spec', 'portLevelMtls'], {
    code: 'CLV410',
    severity: 'error',
    message: 'portLevelMtls does nothing without a selector',
    hint: 'add selector: {matchLabels: …}, or use mtls',
  });
}
