// The mesh as the demo's programs meet it.

import type { DemoMesh } from '@clover/services';
import type { Logger } from 'pino';
import type { EventHub } from '../events/event-hub.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { createOwnWorkloads } from './own-workloads.ts';

const AUTHOR = 'demo';
const NAMESPACE = 'default';
/** Of the gateway that the clients come through. */
const GATEWAY_PORT = 80;

export function demoMesh(mesh: Mesh, events: EventHub, logger: Pick<Logger, 'warn'>): DemoMesh {
  const { registry, dataPlane } = mesh;
  const own = createOwnWorkloads(registry, { author: AUTHOR, logger });
  const listeners = new Set<() => void>();
  events.observe(({ type }) => {
    if (type === 'mesh' || type === 'traffic') for (const listener of listeners) listener();
  });
  return {
    join: own.join,
    async leave(names) {
      const all = names.map((name) => ({ namespace: NAMESPACE, name }));
      await own
        .leave(all)
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
