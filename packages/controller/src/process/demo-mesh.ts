// The mesh as the demo's programs meet it, and the resources that the demo starts with.

import { CloverError } from '@clover/model';
import type { DemoMesh } from '@clover/services';
import type { Logger } from 'pino';
import type { EventHub } from '../events/event-hub.ts';
import type { Mesh } from '../mesh/mesh.ts';

const AUTHOR = 'demo';
const NAMESPACE = 'default';
/** Of the gateway that the clients come through. */
const GATEWAY_PORT = 80;

export function demoMesh(mesh: Mesh, events: EventHub, logger: Logger): DemoMesh {
  const { registry, dataPlane } = mesh;
  const listeners = new Set<() => void>();
  events.observe(({ type }) => {
    if (type === 'mesh' || type === 'traffic') for (const listener of listeners) listener();
  });
  return {
    async join(workloads) {
      await registry.joinAll(workloads, AUTHOR);
    },
    async leave(names) {
      const all = names.map((name) => ({ namespace: NAMESPACE, name }));
      await registry
        .removeAll(all)
        .catch((error: unknown) => logger.warn({ err: error, names }, 'still in the mesh'));
    },
    outbound: (workload) => dataPlane.listeners(`${NAMESPACE}/${workload}`)?.outbound ?? [],
    gateway() {
      const all = dataPlane.gateways().flatMap((one) => one.listeners);
      const listener = all.find(({ port }) => port === GATEWAY_PORT) ?? all[0];
      return listener && `http://${listener.address}`;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    flush: () => dataPlane.flush(),
  };
}

/** Puts the sample's resources into force where nothing was ever applied; what a user has is kept. */
export async function applySample(mesh: Mesh, logger: Logger): Promise<void> {
  const { repository } = mesh;
  if (repository.revision > 0) return;
  const { sdcResources } = await import('@clover/services');
  const files = await sdcResources();
  if (files.length === 0) {
    logger.warn('the resources of the sample are not here: apply yours with cloverctl apply -f');
    return;
  }
  try {
    await repository.apply(files, {
      author: AUTHOR,
      reason: 'the Service Delivery Controller sample, as in examples/sdc/mesh',
    });
  } catch (error) {
    if (!(error instanceof CloverError)) throw error;
    logger.warn({ issues: error.issues }, `the sample is not in force: ${error.message}`);
  }
}
