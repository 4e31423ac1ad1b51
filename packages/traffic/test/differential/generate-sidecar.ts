// A Sidecar resource for the one workload that asks. It holds for all tables in force.

import type { Plain } from './generate-table.ts';
import type { Random } from './random.ts';

/** At most one, as the oldest of several would be the only one that counts. */
export function generateSidecar(random: Random): Plain[] {
  if (random.chance(0.4)) return [];
  const mode = random.pick(['REGISTRY_ONLY', 'ALLOW_ANY', undefined]);
  const hosts = random.pick([
    ['./*'],
    ['*/*'],
    ['./*', 'other/*'],
    ['default/*'],
    ['./*.svc.cluster.local'],
  ]);
  // One that says neither is refused.
  const egress = random.chance(0.6);
  const labels = random.pick([{ app: 'sleep' }, { app: 'other' }, undefined]);
  return [
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Sidecar',
      metadata: { name: 'batch', namespace: random.pick(['default', 'default', 'istio-system']) },
      spec: {
        ...(labels && { workloadSelector: { labels } }),
        ...(egress && { egress: [{ hosts }] }),
        ...((!egress || random.chance(0.7)) && { outboundTrafficPolicy: mode ? { mode } : {} }),
      },
    },
  ];
}
