import { expect, it } from 'vitest';
import { CloverError, type LiveEvent } from '@clover/model';
import { readResources } from '@clover/traffic';
import { createEventHub } from '../../events/event-hub.ts';
import { effectiveOf } from '../effective.ts';
import type { RegisteredWorkload } from '../workloads/workload.ts';
import { NO_SETTINGS } from '../settings/mesh-settings.ts';
import { createProxyDriver, type Proxy } from './proxy-driver.ts';
import type { ProxyConfig, ProxyListener } from './proxy-config.ts';

const { resources } = readResources([
  {
    name: 'a.yaml',
    text: `apiVersion: v1
kind: Service
metadata: {name: http-lb}
spec: {selector: {run: lb}, ports: [{port: 9180, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}
`,
  },
]);
const workload = (address: string): RegisteredWorkload => ({
  name: 'lb-0',
  namespace: 'default',
  service: 'http-lb',
  labels: { version: 'v1' },
  serviceAccount: 'default',
  address,
  ports: [{ port: 9180, targetPort: 19180, protocol: 'HTTP' }],
  joinedAt: '2026-01-01T00:00:00.000Z',
  joinedBy: 'local',
  leaseMs: null,
  ready: true,
});
const listeners: ProxyListener[] = [
  { owner: 'default/lb-0', direction: 'proxy', servicePort: 0, address: '127.0.0.1', port: 15001 },
  {
    owner: 'default/lb-0',
    direction: 'outbound',
    servicePort: 9180,
    address: '127.77.0.1',
    port: 9180,
  },
  {
    owner: 'default/lb-0',
    direction: 'inbound',
    servicePort: 9180,
    address: '127.77.0.2',
    port: 9180,
  },
  {
    owner: 'istio-system/istio-ingressgateway',
    direction: 'gateway',
    servicePort: 80,
    address: '127.0.0.1',
    port: 18080,
  },
];
const config = (address = '127.0.0.1', revision = 7) => ({
  effective: effectiveOf(new Map(), revision, resources),
  workloads: new Map([['default/lb-0', workload(address)]]),
});

/** The process at the other end, as far as this one sees it. */
function farEnd(changes: Partial<Proxy> = {}) {
  const taken: ProxyConfig[] = [];
  const proxy: Proxy = {
    pid: 1,
    metricsUrl: null,
    async apply(one) {
      taken.push(one);
      return { listeners };
    },
    health: () => ({ live: true, restarts: 0, detail: '' }),
    statistics: async () => ({
      connections: 0,
      refusedConnections: 0,
      bufferedBytes: 0,
      bodiesNotKept: 0,
      requestsRefused: 0,
      mirrorsDropped: 0,
      answersCut: 0,
      bugs: 0,
      clusters: [],
    }),
    flush: async () => undefined,
    close: async () => undefined,
    ...changes,
  };
  return { proxy, taken };
}
const options = {
  listenOn: new Map([[80, 18080]]),
  gatewayHost: '127.0.0.1',
  settings: NO_SETTINGS,
};

it('gives the proxy workloads with the labels of their service, and the gateways', async () => {
  const { proxy, taken } = farEnd();
  const driver = createProxyDriver({ ...options, proxy, events: createEventHub() });
  expect(await driver.enforce(config())).toMatchObject({ state: 'applied' });
  expect(taken[0]).toMatchObject({
    workloads: [{ labels: { app: 'http-lb', run: 'lb', version: 'v1' }, ports: { 9180: 19180 } }],
    gateways: [{ name: 'istio-ingressgateway', ports: { 80: 18080 } }],
  });
  expect(driver.health()).toMatchObject({ state: 'up', revision: 7 });
  expect(driver.listeners('default/lb-0')).toEqual({
    httpProxy: 'http://127.0.0.1:15001',
    outbound: [
      { host: 'http-lb.default.svc.cluster.local', port: 9180, address: '127.77.0.1:9180' },
    ],
    inbound: [{ port: 9180, address: '127.77.0.2:9180' }],
  });
  expect(driver.listeners('default/other')).toBeNull();
  expect(driver.gateways()).toMatchObject([
    { listeners: [{ port: 80, address: '127.0.0.1:18080' }] },
  ]);
  await driver.close();
});

it('asks for the port that a gateway chose before, and for no other', async () => {
  const { proxy, taken } = farEnd();
  const known = new Map<string, number>();
  const gatewayPorts = {
    of: (owner: string, port: number) => known.get(`${owner} ${port}`),
    remember: async (ports: readonly ProxyListener[]) => {
      for (const one of ports) known.set(`${one.owner} ${one.servicePort}`, one.port);
    },
  };
  const parts = { ...options, proxy, gatewayPorts, events: createEventHub() };
  const named = createProxyDriver(parts);
  await named.enforce(config());
  expect(known.size).toBe(0);
  await named.close();
  const driver = createProxyDriver({ ...parts, listenOn: new Map() });
  await driver.enforce(config());
  await driver.enforce(config());
  expect(taken.map(({ keep }) => keep?.map(({ port }) => port))).toEqual([[], [], [18080]]);
  await driver.close();
});

it('leaves what is in force when the proxy refuses', async () => {
  let refuse = false;
  const { proxy } = farEnd({
    async apply() {
      if (refuse) throw new CloverError('proxy.listen_failed', 'taken');
      return { listeners };
    },
  });
  const driver = createProxyDriver({ ...options, proxy, events: createEventHub() });
  await driver.enforce(config());
  refuse = true;
  await expect(driver.enforce(config('127.0.0.1', 8))).rejects.toThrow('taken');
  expect(driver.health().revision).toBe(7);
  expect(driver.lastApply).toMatchObject({ state: 'failed', detail: 'taken' });
  await driver.close();
});

it('gives no listeners to programs on other machines', async () => {
  const { proxy, taken } = farEnd();
  const events: LiveEvent[] = [];
  const hub = createEventHub();
  hub.observe((event) => events.push(event));
  const driver = createProxyDriver({ ...options, proxy, events: hub });
  await driver.enforce(config('192.0.2.7'));
  expect(taken[0]!.workloads).toEqual([]);
  await driver.close();
});
