// Which requests to a workload an external authorizer is asked about: AuthorizationPolicies of action CUSTOM.

import { byAge } from '../age.ts';
import type { AuthorizationPolicy, Resource } from '../resource.ts';
import { selects } from '../services.ts';
import { ruleMatches, type AuthorizationSubject } from './match-rule.ts';

export interface CustomAuthorization {
  /** Name of the extension provider; undefined when policies name several, which Istio answers by denying all. */
  readonly provider: string | undefined;
  /** Whether the request is to be asked about. */
  asks(subject: AuthorizationSubject): boolean;
}

/** Undefined when no policy of this action is for the workload. Policies of the root namespace are for all. */
export function customAuthorization(
  resources: readonly Resource[],
  workload: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  rootNamespace = 'istio-system',
): CustomAuthorization | undefined {
  const policies = resources
    .filter((one): one is AuthorizationPolicy => one.kind === 'AuthorizationPolicy')
    .filter((one) => one.spec.action === 'CUSTOM')
    .filter(
      ({ metadata, spec }) =>
        (metadata.namespace === workload.namespace || metadata.namespace === rootNamespace) &&
        (Object.keys(spec.selector?.matchLabels ?? {}).length === 0 ||
          selects(spec.selector?.matchLabels, workload.labels)),
    )
    .toSorted(byAge);
  const rules = policies.flatMap((one) => one.spec.rules ?? []);
  if (rules.length === 0) return undefined;
  const providers = new Set(policies.map((one) => one.spec.provider?.name ?? ''));
  const [provider] = providers;
  return {
    provider: providers.size === 1 ? provider : undefined,
    asks: (subject) => rules.some((one) => ruleMatches(one, subject)),
  };
}
