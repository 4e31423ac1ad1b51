// The data plane beside Envoy with the same features (a header route, 1 % of the requests traced over
// OpenTelemetry, statistics), nginx as a plain proxy, and two Node proxies that do nothing else. One
// worker each, alternating rounds in one run, load by wrk with 32 connections, answers of 1 kB.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { spawnDataPlane } from '@clover/proxy';
import { answers, freePorts, requirePart, startProcess, tempDir } from '@clover/test-support';
import { readResources } from '@clover/traffic';
import { machineLine, median } from './machine.ts';
import { oneKilobyte, startNginx } from './nginx.ts';
import { outputOf, wrk } from './wrk.ts';

const flag = (name: string, fallback: string) =>
  process.argv.find((one) => one.startsWith(`--${name}=`))?.split('=')[1] ?? fallback;
const SECONDS = Number(flag('seconds', '3'));
const ROUNDS = Number(flag('rounds', '3'));
const ONLY = flag('only', 'clover,envoy,nginx,http-proxy-3,@fastify/reply-from').split(',');
const PROFILE = process.argv.includes('--cpu-prof');
const OUT = '.cache/clover/bench';

const dir = await tempDir('clover-proxy-bench-');
const stops: (() => Promise<void>)[] = [];
const collector = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.end());
});
await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', () => resolve()));
stops.push(async () => {
  collector.closeAllConnections();
  collector.close();
});
const collectorPort = (collector.address() as AddressInfo).port;

try {
  const [upstream, nginxPort, envoyPort, adminPort] = (await freePorts(4)) as [
    number,
    number,
    number,
    number,
  ];
  const server = await startNginx(`${dir.path}/upstream`, oneKilobyte(upstream), upstream);
  stops.push(server.stop);
  const targets: [string, number][] = [];
  const wants = (name: string) => ONLY.includes(name);
  if (wants('clover')) targets.push(['clover', await startClover(upstream)]);
  if (wants('envoy')) targets.push(['envoy', await startEnvoy(upstream, envoyPort, adminPort)]);
  if (wants('nginx')) {
    const nginx = await startNginx(
      `${dir.path}/proxy`,
      `upstream u { server 127.0.0.1:${upstream}; keepalive 64; } server { listen 127.0.0.1:${nginxPort} backlog=4096; location / { proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; } }`,
      nginxPort,
    );
    stops.push(nginx.stop);
    targets.push(['nginx', nginxPort]);
  }
  for (const name of ['http-proxy-3', '@fastify/reply-from'])
    if (wants(name)) targets.push([name, await startPeer(name, upstream)]);

  console.log(machineLine());
  const results = new Map<string, number[]>(targets.map(([name]) => [name, []]));
  for (const [, port] of targets) await load(port, 1);
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, port] of targets) results.get(name)!.push(await load(port, SECONDS));
  const clover = median(results.get('clover') ?? []);
  console.log('\nrequests a second, 32 connections, 1 kB answers (median of the rounds)');
  for (const [name, rounds] of results) {
    const middle = median(rounds);
    const ratio = name === 'clover' ? '' : `  clover is ${(clover / middle).toFixed(2)} times that`;
    console.log(
      `  ${name.padEnd(20)} ${Math.round(middle).toLocaleString('en').padStart(8)}${ratio}   (${rounds.map((one) => Math.round(one)).join(', ')})`,
    );
  }
  if (results.has('clover') && !PROFILE) {
    const rate = Math.round(clover / 2);
    const added = new Map<string, number[]>(targets.map(([name]) => [name, []]));
    for (let round = 0; round < ROUNDS; round++) {
      const direct = await paced(upstream, rate);
      console.log(`  ${rate}/s direct: ${inMs(direct)}`);
      for (const [name, port] of targets) {
        // One that does not reach the rate has no latency at it.
        if (median(results.get(name)!) < 1.2 * rate) continue;
        const through = await paced(port, rate);
        added.get(name)!.push(through.p99 - direct.p99);
        console.log(`  ${rate}/s through ${name}: ${inMs(through)}`);
      }
    }
    for (const [name, rounds] of added)
      if (rounds.length > 0)
        console.log(`added p99 at half of Clover's load, ${name}: ${median(rounds).toFixed(2)} ms`);
  }
} finally {
  for (const stop of stops.toReversed()) await stop();
  await dir.remove();
}

async function startClover(upstream: number): Promise<number> {
  const { resources } = readResources([{ name: 'bench.yaml', text: meshYaml(upstream) }]);
  const plane = await spawnDataPlane({
    file: 'packages/proxy/dist/worker/main.js',
    telemetry: { samplingRatio: 0.01, spans: { endpoint: `http://127.0.0.1:${collectorPort}` } },
    metrics: { address: '127.0.0.1', port: 0 },
    execArgv: PROFILE ? ['--cpu-prof', `--cpu-prof-dir=${OUT}/profile`] : [],
  });
  stops.push(() => plane.close());
  const { listeners } = await plane.apply({
    resources,
    workloads: [],
    gateways: [{ name: 'gw', namespace: 'default', labels: { istio: 'gw' }, ports: { 80: 0 } }],
  });
  return listeners[0]!.port;
}

function meshYaml(upstream: number): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: web }
spec: { hosts: [web.test], resolution: STATIC, location: MESH_INTERNAL, ports: [{ number: 80, name: http, protocol: HTTP }], endpoints: [{ address: 127.0.0.1, ports: { http: ${upstream} } }] }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gw }
spec: { selector: { istio: gw }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web }
spec:
  hosts: ["*"]
  gateways: [gw]
  http:
    - match: [{ headers: { user-agent: { prefix: firefox } } }]
      route: [{ destination: { host: web.test, subset: none } }]
    - match: [{ headers: { user-agent: { prefix: chrome } } }]
      route: [{ destination: { host: web.test } }]
`;
}

async function startEnvoy(upstream: number, port: number, admin: number): Promise<number> {
  const address = (p: number) => ({ socket_address: { address: '127.0.0.1', port_value: p } });
  const cluster = (name: string, p: number, extra = {}) => ({
    name,
    type: 'STATIC',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(p) } }] }],
    },
    ...extra,
  });
  const userAgent = (prefix: string) => ({
    prefix: '/',
    headers: [{ name: 'user-agent', string_match: { prefix } }],
  });
  const manager = {
    '@type':
      'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'outbound',
    normalize_path: true,
    use_remote_address: true,
    tracing: {
      random_sampling: { value: 1 },
      provider: {
        name: 'envoy.tracers.opentelemetry',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig',
          service_name: 'bench',
          http_service: {
            http_uri: {
              uri: `http://127.0.0.1:${collectorPort}/v1/traces`,
              cluster: 'collector',
              timeout: '1s',
            },
          },
        },
      },
    },
    http_filters: [
      {
        name: 'envoy.filters.http.router',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
        },
      },
    ],
    route_config: {
      name: 'r',
      virtual_hosts: [
        {
          name: 'v',
          domains: ['*'],
          routes: [
            { match: userAgent('firefox'), route: { cluster: 'none' } },
            { match: userAgent('chrome'), route: { cluster: 'web' } },
          ],
        },
      ],
    },
  };
  const config = {
    admin: { address: address(admin) },
    static_resources: {
      listeners: [
        {
          name: 'l',
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
      clusters: [cluster('web', upstream), cluster('none', 1), cluster('collector', collectorPort)],
    },
  };
  const file = `${dir.path}/envoy.json`;
  await writeFile(file, JSON.stringify(config));
  const envoy = await startProcess({
    command: requirePart('envoy'),
    args: [
      '-c',
      file,
      '--concurrency',
      '1',
      '--log-level',
      'error',
      '--base-id',
      String(admin % 30_000),
    ],
    ready: () => answers(`http://127.0.0.1:${admin}/ready`),
  });
  stops.push(() => envoy.stop());
  return port;
}

async function startPeer(name: string, upstream: number): Promise<number> {
  const child = spawn(process.execPath, [`${OUT}/proxy-peer.mjs`, name, String(upstream)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stops.push(async () => void child.kill());
  for await (const line of createInterface({ input: child.stdout })) return Number(line);
  throw new Error(`${name} did not start`);
}

/** Requests a second; throws when any failed. */
async function load(port: number, seconds: number): Promise<number> {
  const headers = { Host: 'web', 'User-Agent': 'chrome' };
  const report = await wrk(`http://127.0.0.1:${port}/`, { seconds, connections: 32, headers });
  return report.perSecond;
}

function inMs({ p50, p99 }: { p50: number; p99: number }): string {
  return `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
}

async function paced(port: number, rate: number): Promise<{ p50: number; p99: number }> {
  const text = await outputOf(process.execPath, [
    `${OUT}/paced-load.mjs`,
    String(port),
    String(rate),
    String(SECONDS),
    '32',
  ]);
  return JSON.parse(text) as { p50: number; p99: number };
}
