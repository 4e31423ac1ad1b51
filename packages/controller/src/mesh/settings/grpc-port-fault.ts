// Whether an authorizer over gRPC can be asked at its port at all.

import type { ExtensionProvider } from '@clover/proxy';
import { clusterPolicy, isHttp2, type Finding, type RoutingTable } from '@clover/traffic';

/** Undefined when it can, and where nobody declares the service or its port. */
export function grpcPortFault(
  provider: ExtensionProvider,
  table: RoutingTable,
): Pick<Finding, 'code' | 'severity' | 'message' | 'hint'> | undefined {
  if (!('envoyExtAuthzGrpc' in provider)) return undefined;
  const { service: named, port: number, failOpen = false } = provider.envoyExtAuthzGrpc;
  const host = named.slice(named.indexOf('/') + 1).toLowerCase();
  const service = table.services.get(host);
  const port = service?.ports.find((one) => one.number === number);
  if (!service || !port || isHttp2(port.protocol)) return undefined;
  const rule = table.destinationRule(host, service.namespace);
  if (clusterPolicy(rule, '', number).http2 === 'UPGRADE') return undefined;
  return {
    code: 'CLV412',
    severity: 'warning',
    message: `${provider.name} is asked over gRPC, and port ${number} of ${host} carries ${port.protocol || 'TCP'}: ${failOpen ? 'all requests pass unseen' : 'all requests are denied'}`,
    hint: 'give the port protocol GRPC, or a name that begins with grpc',
  };
}
