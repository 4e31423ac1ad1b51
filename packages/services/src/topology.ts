// The Service Delivery Controller's chain on one machine: who stands where, how fast, how faulty.
// clients -> proxy-access-control -> http-lb v1 (4 of 5) and v2 -> clover-server1…5, and a copy of
// each request to snort-ids. As in 2018, v1 has the servers 1 to 3 and v2 the servers 4 and 5.
// In a mesh the shares, the copies and the ways between them are the mesh's.
import type { Endpoint, EndpointTable, ServerBehaviour, ServiceConfig } from './config.ts';
import { DEFAULT_RULES } from './config-from-env.ts';

export interface TopologyOptions {
  /** Services learn from the mesh where others are, and report nothing themselves. */
  readonly inMesh: boolean;
  readonly otlpHttpUrl: string | undefined;
  readonly alsoOtlpHttpUrl?: string | undefined;
  /** Of the front door; all others take any free port. */
  readonly port: number;
  readonly ratePerSecond: number;
  readonly restartEveryMs: number;
}

/** Ports that services listen on, by their instance. */
export type Listening = ReadonlyMap<string, number>;

/** One process: its services need to know where those before it listen. */
export type Stage = (listening: Listening) => readonly ServiceConfig[];

const BEHAVIOURS: readonly Omit<ServerBehaviour, 'restartEveryMs' | 'restartForMs'>[] = [
  { medianMs: 4, sigma: 0.45, errorRatio: 0.004, stallRatio: 0.002, stallMs: 1500 },
  { medianMs: 5, sigma: 0.5, errorRatio: 0.004, stallRatio: 0.002, stallMs: 1500 },
  { medianMs: 6, sigma: 0.5, errorRatio: 0.006, stallRatio: 0.004, stallMs: 1500 },
  { medianMs: 5, sigma: 0.5, errorRatio: 0.004, stallRatio: 0.002, stallMs: 1500 },
  // The one to find: slow and faulty, behind v2 only.
  { medianMs: 14, sigma: 0.7, errorRatio: 0.05, stallRatio: 0.03, stallMs: 1500 },
];
/**
 * Servers that restart now and then, one of each version, out of step: v1 loses those requests, v2
 * retries them. The figure is the share of restartEveryMs.
 */
const RESTARTING: Readonly<Record<number, number>> = { 3: 1, 4: 1.4 };

/** Everybody may be told to use any server. */
const SERVER_ROWS = BEHAVIOURS.map(
  (_, index) => [`clover-server${index + 1}:9180`, `clover-server${index + 1}-v1-0`, 1] as const,
);

/** The processes in the order in which they are to be configured. */
export function sdcTopology(options: TopologyOptions): readonly Stage[] {
  const { inMesh } = options;
  const tableOf = (rows: EndpointRows, listening: Listening) =>
    inMesh ? {} : endpointsOf(rows, listening);
  const service = (name: string, version = 'v1') => ({
    name,
    version,
    instance: `${name}-${version}-0`,
    namespace: 'default',
    host: '127.0.0.1',
    port: 0,
    adminPort: 0,
    controlPort: 0,
    controlHost: '127.0.0.1',
    // What others call it by, wherever it listens.
    serverName: name,
    serverPort: 9180,
    inMesh,
    otlpHttpUrl: inMesh ? undefined : options.otlpHttpUrl,
    alsoOtlpHttpUrl: inMesh ? undefined : options.alsoOtlpHttpUrl,
  });
  const servers: Stage = () => [
    ...BEHAVIOURS.map((behaviour, index): ServiceConfig => ({
      ...service(`clover-server${index + 1}`),
      role: 'server',
      siteRoot: undefined,
      siteIndex: 'index.html',
      locations: [],
      uploadPathConfig: '/uploads/',
      uploadPathTest: '/upload-test',
      behaviour: {
        ...behaviour,
        restartEveryMs: options.restartEveryMs * (RESTARTING[index + 1] ?? 0),
        restartForMs: 1500,
      },
    })),
    {
      ...service('snort-ids'),
      role: 'observer',
      rules: DEFAULT_RULES,
      variables: {},
      destinationPort: 80,
      alertsTo: undefined, // the proxy is not there yet; it is told afterwards
    },
  ];
  const balancers: Stage = (listening) => {
    const balancer = (version: string, numbers: readonly number[], retries: number) =>
      ({
        ...service('http-lb', version),
        serverName: `http-lb-${version}`,
        role: 'lb',
        lbPath: '/',
        slbList: numbers.map((number) => `http://clover-server${number}:9180`),
        slbGroup: 'cloverlb',
        timeoutMs: 1000,
        retries,
        endpoints: tableOf(SERVER_ROWS, listening),
      }) satisfies ServiceConfig;
    return [balancer('v1', [1, 2, 3], 0), balancer('v2', [4, 5], 1)];
  };
  const proxy: Stage = (listening) => [
    {
      ...service('proxy-access-control'),
      port: options.port,
      role: 'proxy',
      locationPath: '/',
      proxyPath: 'http://http-lb:9180',
      mirrorPath: inMesh ? undefined : 'http://snort-ids:80',
      denyPaths: ['/admin'],
      timeoutMs: 3000,
      endpoints: tableOf(
        [
          ['http-lb:9180', 'http-lb-v1-0', 4],
          ['http-lb:9180', 'http-lb-v2-0', 1],
          ['http-lb-v1:9180', 'http-lb-v1-0', 1],
          ['http-lb-v2:9180', 'http-lb-v2-0', 1],
          ['snort-ids', 'snort-ids-v1-0', 1],
          ...SERVER_ROWS,
        ],
        listening,
      ),
    },
  ];
  const clients: Stage = (listening) => [
    {
      ...service('clients'),
      // They are outside the system, as browsers are: they send no spans.
      otlpHttpUrl: undefined,
      alsoOtlpHttpUrl: undefined,
      role: 'clients',
      target: inMesh ? undefined : `http://127.0.0.1:${listening.get('proxy-access-control-v1-0')}`,
      hostHeader: inMesh ? 'www.sdc.com' : undefined,
      ratePerSecond: options.ratePerSecond,
      maxInFlight: 64,
    },
  ];
  return [servers, balancers, proxy, clients];
}

type EndpointRows = readonly (readonly [address: string, instance: string, weight: number])[];

function endpointsOf(rows: EndpointRows, listening: Listening): EndpointTable {
  const table: Record<string, Endpoint[]> = {};
  for (const [address, instance, weight] of rows) {
    const port = listening.get(instance);
    if (port === undefined) throw new Error(`${instance} is not up yet`);
    (table[address] ??= []).push({ host: '127.0.0.1', port, weight });
  }
  return table;
}
