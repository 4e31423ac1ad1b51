// Whether a resource whose fields are of the right form is valid: the rules by which Istio's webhook, and
// `istioctl validate`, refuse one. What passes may still be unwise: that is for `analyze`.

import type { Resource } from '../resource.ts';
import { checkAuthorizationPolicy } from './authorization-policy.ts';
import { checkDestinationRule } from './destination-rule.ts';
import { checkEndpoint } from './endpoint.ts';
import { checkGateway } from './gateway.ts';
import { checkRoute } from './gateway-api.ts';
import { checkPeerAuthentication } from './peer-authentication.ts';
import { collectFaults, type Fault } from './say.ts';
import { checkSecret } from './secret.ts';
import { checkServiceEntry } from './service-entry.ts';
import { checkSidecar } from './sidecar.ts';
import { checkVirtualService } from './virtual-service.ts';

/** All faults of one resource, warnings too. Empty when it is valid, and for kinds that have no rules beyond their schema. */
export function validate(resource: Resource): Fault[] {
  return collectFaults((say) => {
    switch (resource.kind) {
      case 'VirtualService':
        return checkVirtualService(resource, say);
      case 'Gateway':
        return checkGateway(resource, say);
      case 'DestinationRule':
        return checkDestinationRule(resource, say);
      case 'ServiceEntry':
        return checkServiceEntry(resource, say);
      case 'WorkloadEntry':
        return checkEndpoint(resource.spec, ['spec'], { say, named: true });
      case 'Sidecar':
        return checkSidecar(resource, say);
      case 'PeerAuthentication':
        return checkPeerAuthentication(resource, say);
      case 'AuthorizationPolicy':
        return checkAuthorizationPolicy(resource, say);
      case 'Secret':
        return checkSecret(resource, say);
      case 'HTTPRoute':
      case 'GRPCRoute':
        return checkRoute(resource, say);
      default:
        return undefined;
    }
  });
}
