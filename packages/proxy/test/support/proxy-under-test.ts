// This proxy as a data plane that random tables are put in force on: a sidecar's workload and a gateway.

import { readResources } from '@clover/traffic';
import type {
  Answer,
  DataPlaneUnderTest,
} from '../../../traffic/test/differential/data-plane-under-test.ts';
import { createSender } from '../../../traffic/test/differential/send.ts';
import { GATEWAY, GATEWAY_PORT, SIDECAR } from '../../../traffic/test/differential/world.ts';
import { createDataPlane } from '../../src/mesh/create-data-plane.ts';
import { createSampler } from '../../src/telemetry/sampling.ts';

/** @param ports where the program of each of the tables' ports listens, when it is elsewhere */
export function openProxyUnderTest(
  ports: ReadonlyMap<string, number> = new Map(),
): DataPlaneUnderTest {
  const sender = createSender();
  const plane = createDataPlane({
    drainMs: 100,
    // No host is known beyond the mesh.
    lookup: (host, _, done) =>
      setImmediate(done, Object.assign(new Error(host), { code: 'ENOTFOUND' }), '', 4),
    sink: { sampler: createSampler(0), record: () => undefined },
  });
  return {
    gatewayApi: true,
    async apply(resources) {
      const texts = resources.map((one) => JSON.stringify(one));
      const moved = texts.map((one) =>
        one.replace(/\b18[0-9]{3}\b/g, (port) => String(ports.get(port) ?? port)),
      );
      await plane.apply({
        resources: read(moved),
        workloads: [
          {
            name: 'sleep',
            namespace: SIDECAR.namespace,
            service: 'sleep',
            labels: SIDECAR.labels,
            serviceAccount: 'default',
            address: '127.0.0.1',
            ports: {},
          },
        ],
        gateways: [
          {
            name: 'gateway',
            namespace: GATEWAY.namespace,
            labels: GATEWAY.labels,
            ports: { [GATEWAY_PORT]: 0 },
          },
        ],
      });
      return [...read(texts)];
    },
    async answer(via, request): Promise<Answer> {
      const direction = via === 'gateway' ? 'gateway' : 'outbound';
      const at = plane
        .addresses()
        .find((one) => one.direction === direction && one.servicePort === request.port);
      // Istio's listeners stay; here a port that no service has is not listened at.
      if (!at) throw new Error(`no ${direction} listener at ${request.port}`);
      return sender.send({ host: at.address, port: at.port }, request);
    },
    async close() {
      sender.close();
      await plane.close();
    },
  };
}

const read = (texts: readonly string[]) =>
  readResources([{ name: 'table.yaml', text: texts.join('\n---\n') }]).resources;
