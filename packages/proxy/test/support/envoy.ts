// A real Envoy on loopback with the routes that a test asks for, its logs and its counters.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  answers,
  freePorts,
  requirePart,
  startProcess,
  tempDir,
  waitFor,
} from '@clover/test-support';

export interface EnvoyOptions {
  /** Path prefix to the upstream's port; undefined: a cluster without endpoints. */
  readonly routes: Readonly<
    Record<
      string,
      {
        readonly port?: number;
        readonly route?: object;
        readonly http2?: boolean;
        /** More settings of the cluster. */
        readonly cluster?: object;
      }
    >
  >;
  /** HTTP filters before the router. */
  readonly filters?: readonly object[];
  /** Prefixes with an action of their own, before the others. */
  readonly actions?: readonly object[];
  /** A format of a JSON log beside the default text. */
  readonly jsonFormat: object;
  /** More settings of the connection manager. */
  readonly manager?: object;
}

export interface RunningEnvoy {
  readonly port: number;
  readonly localAddress: string;
  /** Lines so far, when there are at least `count`. */
  textLog(count: number): Promise<string[]>;
  jsonLog(count: number): Promise<string[]>;
  prometheus(): Promise<string>;
  stop(): Promise<void>;
}

const clusterOf = (prefix: string): string =>
  `outbound|80||${prefix.slice(1)}.default.svc.cluster.local`;

export async function startEnvoy(options: EnvoyOptions): Promise<RunningEnvoy> {
  const dir = await tempDir('clover-envoy-');
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const file = join(dir.path, 'envoy.json');
  const text = join(dir.path, 'text.log');
  const json = join(dir.path, 'json.log');
  await writeFile(file, JSON.stringify(bootstrap(options, { port, adminPort, text, json })));
  const running = await startProcess({
    command: requirePart('envoy'),
    args: [
      '-c',
      file,
      '--concurrency',
      '1',
      '--log-level',
      'error',
      '--use-dynamic-base-id',
      '--file-flush-interval-msec',
      '50',
    ],
    ready: () => answers(`http://127.0.0.1:${adminPort}/ready`),
  }).catch(async (error: unknown) => {
    await dir.remove();
    throw error;
  });
  const lines = (path: string) => (count: number) =>
    waitFor(`${count} lines of ${path}`, async () => {
      const all = (await readFile(path, 'latin1')).split('\n').slice(0, -1);
      return all.length >= count && all;
    });
  return {
    port,
    localAddress: `127.0.0.1:${port}`,
    textLog: lines(text),
    jsonLog: lines(json),
    async prometheus() {
      const response = await fetch(`http://127.0.0.1:${adminPort}/stats/prometheus`);
      return response.text();
    },
    async stop() {
      await running.stop();
      await dir.remove();
    },
  };
}

/** As Istio's bootstrap names its tags. */
const STATS_TAGS = [
  { tag_name: 'cluster_name', regex: String.raw`^cluster\.((.+?(\..+?\.svc\.cluster\.local)?)\.)` },
  {
    tag_name: 'http_conn_manager_prefix',
    regex: String.raw`^http\.(((outbound_([0-9]{1,3}\.{0,1}){4}_\d{0,5})|([^\.]+))\.)`,
  },
  { tag_name: 'response_code_class', regex: String.raw`_rq(_(\dxx))$` },
  { tag_name: 'response_code', regex: String.raw`_rq(_(\d{3}))$` },
];

interface Places {
  readonly port: number;
  readonly adminPort: number;
  readonly text: string;
  readonly json: string;
}

function bootstrap(options: EnvoyOptions, { port, adminPort, text, json }: Places): object {
  const prefixes = Object.keys(options.routes);
  const fileLog = (path: string, format: object) => ({
    name: path,
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
      path,
      ...format,
    },
  });
  const manager = {
    '@type':
      'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: `outbound_127.0.0.1_${port}`,
    generate_request_id: true,
    ...options.manager,
    access_log: [
      fileLog(text, {}),
      fileLog(json, { log_format: { json_format: options.jsonFormat } }),
    ],
    http_filters: [
      ...(options.filters ?? []),
      {
        name: 'envoy.filters.http.router',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
        },
      },
    ],
    route_config: {
      virtual_hosts: [
        {
          name: 'all',
          domains: ['*'],
          routes: [
            ...(options.actions ?? []),
            ...prefixes.map((prefix) => ({
              match: { prefix },
              route: { cluster: clusterOf(prefix), ...options.routes[prefix]!.route },
            })),
          ],
        },
      ],
    },
  };
  return {
    admin: { address: address(adminPort) },
    stats_flush_interval: '0.05s',
    stats_config: { use_all_default_tags: false, stats_tags: STATS_TAGS },
    static_resources: {
      listeners: [
        {
          address: address(port),
          filter_chains: [
            {
              filters: [
                { name: 'envoy.filters.network.http_connection_manager', typed_config: manager },
              ],
            },
          ],
        },
      ],
      clusters: prefixes.map((prefix) => clusterConfig(prefix, options.routes[prefix]!)),
    },
  };
}

function clusterConfig(
  prefix: string,
  { port, http2 = false, cluster }: EnvoyOptions['routes'][string],
): object {
  const endpoints = port === undefined ? [] : [{ endpoint: { address: address(port) } }];
  return {
    name: clusterOf(prefix),
    type: 'STATIC',
    connect_timeout: '1s',
    ...cluster,
    ...(http2 && {
      typed_extension_protocol_options: {
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
          '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
          explicit_http_config: { http2_protocol_options: {} },
        },
      },
    }),
    load_assignment: { cluster_name: 'any', endpoints: [{ lb_endpoints: endpoints }] },
  };
}

function address(port: number): object {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}
