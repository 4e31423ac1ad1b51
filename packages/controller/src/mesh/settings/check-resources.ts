// All findings on the mesh's resources, by its own settings too.

import {
  analyze,
  compile,
  type Finding,
  type ReadResult,
  type RoutingTable,
} from '@clover/traffic';
import { grpcPortFault } from './grpc-port-fault.ts';
import type { MeshSettings } from './mesh-settings.ts';

const NO_CREDENTIAL = 'CLV236';

/**
 * What `analyze` finds, and policies that name a provider which the mesh's settings do not have. Where gateways
 * run here, one without its certificate is an error.
 */
export function checkResources(read: ReadResult, settings: MeshSettings): Finding[] {
  const { options, extensionProviders, hasCredential } = settings;
  const found = analyze(read, options, { ...(hasCredential && { hasCredential }) });
  if (extensionProviders === undefined) return found;
  const findings = found.map((one): Finding =>
    one.code === NO_CREDENTIAL ? { ...one, severity: 'error' } : one,
  );
  let table: RoutingTable | undefined;
  const known = extensionProviders.map(({ name }) => name);
  for (const one of read.resources) {
    if (one.kind !== 'AuthorizationPolicy' || one.spec.action !== 'CUSTOM') continue;
    const name = one.spec.provider?.name ?? '';
    if (name === '') continue;
    const at = read.positionOf(one, ['spec', 'provider', 'name']);
    const resource = `${one.kind} ${one.metadata.namespace}/${one.metadata.name}`;
    const field = 'spec.provider.name';
    if (known.includes(name)) {
      const provider = extensionProviders.find((other) => other.name === name)!;
      const fault = grpcPortFault(provider, (table ??= compile(read.resources, options)));
      if (fault) findings.push({ ...fault, resource, field, at });
      continue;
    }
    findings.push({
      code: 'CLV210',
      severity: 'error',
      message: `there is no extension provider ${name}: all requests would be denied`,
      hint: `those of --mesh-config can be named: ${known.join(', ') || 'none'}`,
      resource,
      field,
      at,
    });
  }
  return findings;
}
