// Which program a Gateway resource means: Istio's own two by their usual labels, any other by its selector.

import type { Gateway } from './resource.ts';

export interface GatewayIdentity {
  readonly name: string;
  /** Where its Secrets are, too. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

const NAMESPACE = 'istio-system';
const KNOWN: readonly GatewayIdentity[] = [
  {
    name: 'istio-ingressgateway',
    namespace: NAMESPACE,
    labels: { app: 'istio-ingressgateway', istio: 'ingressgateway' },
  },
  {
    name: 'istio-egressgateway',
    namespace: NAMESPACE,
    labels: { app: 'istio-egressgateway', istio: 'egressgateway' },
  },
];

/** Any other stands in the Gateway's namespace under the value of its label `istio` or `app`. */
export function gatewayProgram({ metadata, spec }: Gateway): GatewayIdentity {
  const selector = spec.selector ?? KNOWN[0]!.labels;
  return (
    KNOWN.find(({ labels }) => selects(selector, labels)) ?? {
      name: selector['istio'] ?? selector['app'] ?? metadata.name,
      namespace: metadata.namespace,
      labels: selector,
    }
  );
}

const selects = (
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean => Object.entries(selector).every(([key, value]) => labels[key] === value);
