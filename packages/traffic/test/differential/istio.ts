// A real Istio as a data plane: istiod with an API server, one Envoy as gateway and one as sidecar.

import { setTimeout as sleep } from 'node:timers/promises';
import type { DataPlaneUnderTest } from './data-plane-under-test.ts';
import type { Plain } from './generate-table.ts';
import { openKubernetes } from './kubernetes.ts';
import { createSender } from './send.ts';
import { openUpstreams } from './upstreams.ts';
import { GATEWAY_PORT, PORTS } from './world.ts';

export interface IstioAddresses {
  /** A kubeconfig with a token. */
  readonly kubeconfig: string;
  /** The gateway's own address; it listens at the ports of Gateway resources. */
  readonly gateway: string;
  /** Where the sidecar listens at each service port. */
  readonly sidecar: string;
  /** Envoy's admin addresses, gateway first: for the count of refused configurations. */
  readonly admin: readonly [string, string];
}

const ISTIO = 'networking.istio.io/v1';

/** Of resources that go in together how many are sent at a time. */
const AT_ONCE = 12;

export async function openIstio(addresses: IstioAddresses): Promise<DataPlaneUnderTest> {
  const kubernetes = openKubernetes(addresses.kubeconfig);
  const sender = createSender();
  const upstreams = await openUpstreams();
  const gatewayApi = await kubernetes.serves('gateway.networking.k8s.io/v1');
  let inForce: Plain[] = [];
  let round = 0;

  await kubernetes
    .create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'other', namespace: '' },
      spec: {},
    })
    .catch((error: Error) => {
      if (!error.message.includes('AlreadyExists')) throw error;
    });

  const answer: DataPlaneUnderTest['answer'] = (via, request) =>
    sender.send(
      via === 'gateway'
        ? { host: addresses.gateway, port: request.port }
        : { host: addresses.sidecar, port: request.port },
      request,
    );

  const clear = async () => {
    await inBatches(inForce, (one) => kubernetes.delete(one).catch(unlessMissing));
    inForce = [];
  };

  /** Rules that answer for themselves at each listener; when they do, what went in before them is in force. */
  const markers = (): Plain[] => {
    round++;
    const host = `marker-${round}.test`;
    const http = [{ directResponse: { status: 299, body: { string: host } } }];
    const services = `marker-${round}.default.svc.cluster.local`;
    const plain = (kind: string, name: string, spec: Record<string, unknown>): Plain => ({
      apiVersion: ISTIO,
      kind,
      metadata: { name: `${name}-${round}`, namespace: 'default' },
      spec,
    });
    return [
      plain('ServiceEntry', 'marker', {
        hosts: [services],
        location: 'MESH_INTERNAL',
        resolution: 'STATIC',
        ports: PORTS.map((number) => ({ number, name: `http-${number}`, protocol: 'HTTP' })),
        endpoints: [{ address: '127.0.0.1' }],
      }),
      plain('Gateway', 'marker', {
        selector: { istio: 'ingressgateway' },
        servers: [
          { port: { number: GATEWAY_PORT, name: 'http', protocol: 'HTTP' }, hosts: [host] },
        ],
      }),
      plain('VirtualService', 'marker', {
        hosts: [host, services],
        gateways: ['mesh', `marker-${round}`],
        http,
      }),
    ];
  };

  const settled = async () => {
    const ask = [
      ['gateway', GATEWAY_PORT, `marker-${round}.test`],
      ...PORTS.map((port) => ['sidecar', port, `marker-${round}.default.svc.cluster.local`]),
    ] as ['gateway' | 'sidecar', number, string][];
    const deadline = Date.now() + 60_000;
    for (const [via, port, host] of ask) {
      for (;;) {
        const request = { method: 'GET', path: '/', headers: { host }, port };
        const got = await answer(via, request).catch(() => undefined);
        if (got?.status === 299) break;
        if (Date.now() > deadline) {
          const { gateway, sidecar } = await refusals(addresses.admin);
          throw new Error(
            `Istio has not put the rules in force within a minute; refused by gateway ${gateway}, by sidecar ${sidecar}`,
          );
        }
        await sleep(50);
      }
    }
  };

  return {
    gatewayApi,
    answer,
    async apply(resources) {
      await clear();
      inForce = [...resources];
      const created = await inBatches(resources, (one) => kubernetes.create(one));
      for (const one of markers()) {
        inForce.push(one);
        created.push(await kubernetes.create(one));
      }
      await settled();
      return created;
    },
    async close() {
      await clear();
      sender.close();
      kubernetes.close();
      await upstreams.close();
    },
  };
}

/** What was refused when it was to go in cannot be taken out. */
function unlessMissing(error: Error): void {
  if (!error.message.includes('NotFound')) throw error;
}

async function inBatches<T>(
  resources: readonly Plain[],
  work: (one: Plain) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (let at = 0; at < resources.length; at += AT_ONCE)
    results.push(...(await Promise.all(resources.slice(at, at + AT_ONCE).map(work))));
  return results;
}

/** Configurations that the two Envoys have refused so far. */
async function refusals(
  admin: readonly [string, string],
): Promise<{ gateway: number; sidecar: number }> {
  const count = async (address: string) => {
    const response = await fetch(`http://${address}/stats?filter=update_rejected`);
    const text = await response.text();
    return [...text.matchAll(/: (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
  };
  return { gateway: await count(admin[0]), sidecar: await count(admin[1]) };
}
