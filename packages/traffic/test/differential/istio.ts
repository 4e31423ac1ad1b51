// A real Istio as a data plane: istiod with an API server, one Envoy as gateway and one as sidecar.

import { randomBytes } from 'node:crypto';
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

const GATEWAY_API = 'gateway.networking.k8s.io/v1';

/** Of resources that go in together how many are sent at a time. */
const AT_ONCE = 12;

/** What a run that was ended has left behind is known by this. */
const LABELS = { 'clover.test/made-by': 'differential' };
const KINDS = [
  ...['VirtualService', 'DestinationRule', 'ServiceEntry', 'Gateway', 'Sidecar'].map((kind) => ({
    apiVersion: ISTIO,
    kind,
  })),
  ...['Gateway', 'HTTPRoute', 'GRPCRoute', 'ReferenceGrant'].map((kind) => ({
    apiVersion: GATEWAY_API,
    kind,
  })),
];
const NAMESPACES = ['default', 'other', 'istio-system'];

/** A busy machine may take long; a mesh without its control plane never does it. */
const CONNECTED_MS = 30_000;
const IN_FORCE_MS = 120_000;

export async function openIstio(addresses: IstioAddresses): Promise<DataPlaneUnderTest> {
  const kubernetes = openKubernetes(addresses.kubeconfig);
  const sender = createSender();
  const upstreams = await openUpstreams();
  const gatewayApi = await kubernetes.serves(GATEWAY_API);
  let inForce: Plain[] = [];
  // Of its own for each run, so that an answer to an earlier run's marker says nothing.
  const run = randomBytes(3).toString('hex');
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
  await connected(addresses.admin);
  for (const kind of KINDS)
    for (const namespace of NAMESPACES) await kubernetes.deleteLabelled(kind, namespace, label());

  const answer: DataPlaneUnderTest['answer'] = (via, request) =>
    sender.send(
      via === 'gateway'
        ? { host: addresses.gateway, port: request.port }
        : { host: addresses.sidecar, port: request.port },
      request,
    );

  const create = (one: Plain) =>
    kubernetes.create({ ...one, metadata: { ...one.metadata, labels: LABELS } });

  const clear = async () => {
    await inBatches(inForce, (one) => kubernetes.delete(one).catch(unlessMissing));
    inForce = [];
  };

  const marker = () => `marker-${run}-${round}`;

  /** Rules that answer for themselves at each listener; when they do, what went in before them is in force. */
  const markers = (): Plain[] => {
    round++;
    const host = `${marker()}.test`;
    const http = [{ directResponse: { status: 299, body: { string: host } } }];
    const services = `${marker()}.default.svc.cluster.local`;
    const plain = (kind: string, spec: Record<string, unknown>): Plain => ({
      apiVersion: ISTIO,
      kind,
      metadata: { name: marker(), namespace: 'default' },
      spec,
    });
    return [
      plain('ServiceEntry', {
        hosts: [services],
        location: 'MESH_INTERNAL',
        resolution: 'STATIC',
        ports: PORTS.map((number) => ({ number, name: `http-${number}`, protocol: 'HTTP' })),
        endpoints: [{ address: '127.0.0.1' }],
      }),
      plain('Gateway', {
        selector: { istio: 'ingressgateway' },
        servers: [
          { port: { number: GATEWAY_PORT, name: 'http', protocol: 'HTTP' }, hosts: [host] },
        ],
      }),
      plain('VirtualService', {
        hosts: [host, services],
        gateways: ['mesh', marker()],
        http,
      }),
    ];
  };

  const settled = async () => {
    const ask = [
      ['gateway', GATEWAY_PORT, `${marker()}.test`],
      ...PORTS.map((port) => ['sidecar', port, `${marker()}.default.svc.cluster.local`]),
    ] as ['gateway' | 'sidecar', number, string][];
    const deadline = Date.now() + IN_FORCE_MS;
    for (const [via, port, host] of ask) {
      for (;;) {
        const request = { method: 'GET', path: '/', headers: { host }, port };
        const got = await answer(via, request).catch(() => undefined);
        if (got?.status === 299) break;
        if (Date.now() > deadline) {
          const { gateway, sidecar } = await refusals(addresses.admin);
          throw new Error(
            `Istio has not put the rules in force within ${IN_FORCE_MS / 1000} s; refused by gateway ${gateway}, by sidecar ${sidecar}`,
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
      const created = await inBatches(resources, create);
      for (const one of markers()) {
        inForce.push(one);
        created.push(await create(one));
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

const label = () =>
  Object.entries(LABELS)
    .map(([name, value]) => `${name}=${value}`)
    .join();

/** Until istiod feeds both Envoys; without it every rule would be waited for in vain. */
async function connected(admin: readonly [string, string]): Promise<void> {
  const deadline = Date.now() + CONNECTED_MS;
  for (const address of admin) {
    for (;;) {
      const text = await fetch(`http://${address}/stats?filter=control_plane.connected_state`)
        .then((response) => response.text())
        .catch((error: unknown) => String(error));
      if (text.includes('connected_state: 1')) break;
      if (Date.now() > deadline)
        throw new Error(`the Envoy at ${address} has no control plane (is istiod up?): ${text}`);
      await sleep(200);
    }
  }
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
