// A thousand changes of the configuration under load, with a thousand VirtualServices in force: no request may
// fail, and the new rule must hold soon. Clients speak HTTP/1.1, HTTP/2, TCP and TLS through a gateway.
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { loadavg } from 'node:os';
import { spawnDataPlane, type DataPlaneConfig, type Workload } from '@clover/proxy';
import { tempDir } from '@clover/test-support';
import { readResources, type Resource } from '@clover/traffic';
import {
  askHttp,
  createCrowd,
  echoClient,
  echoOnce,
  http2Client,
  percentile,
  printTallies,
} from './clients.ts';
import { machineLine } from './machine.ts';
import { processorMs, residentBytes } from './processes.ts';
import { startServers } from './servers.ts';

const flag = (name: string, fallback: string) =>
  process.argv.find((one) => one.startsWith(`--${name}=`))?.split('=')[1] ?? fallback;
const CHANGES = Number(flag('changes', '1000'));
const SERVICES = Number(flag('services', '1000'));
const WORKLOADS = Number(flag('workloads', '10'));
const RATE = Number(flag('rate', '50'));
/** Between the end of one change and the next. */
const PAUSE_MS = Number(flag('pause', '20'));
const PROFILE = process.argv.includes('--cpu-prof');

const dir = await tempDir('clover-churn-');
const stops: (() => unknown)[] = [];
try {
  const servers = await startServers();
  stops.push(servers.close);
  const credentials = `${dir.path}/credentials`;
  await mkdir(`${credentials}/site`, { recursive: true });
  spawnSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=site.test -keyout ${credentials}/site/tls.key -out ${credentials}/site/tls.crt`.split(
      ' ',
    ),
  );
  const plane = await spawnDataPlane({
    file: 'packages/proxy/dist/worker/main.js',
    credentials,
    drainMs: 5000,
    metrics: { address: '127.0.0.1', port: 0 },
    execArgv: PROFILE ? ['--cpu-prof', '--cpu-prof-dir=.cache/clover/bench/profile'] : [],
  });
  stops.push(() => plane.close());

  const service = (name: string, port: number, protocol: string, target: number) => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name} }
spec:
  hosts: [${name}.default.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: ${port}, name: main, protocol: ${protocol} }]
  endpoints: [{ address: 127.0.0.1, ports: { main: ${target} }, labels: { version: v1 } }, { address: 127.0.0.1, ports: { main: ${target} }, labels: { version: v2 } }]
`;
  const read = (text: string) => readResources([{ name: 'churn.yaml', text }]).resources;
  const others = Array.from({ length: SERVICES }, (_, n) => {
    const name = `other${n}`;
    return `${service(name, 9180, 'HTTP', servers.http)}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name} }
spec: { host: ${name}, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec:
  hosts: [${name}]
  http:
    - match: [{ headers: { x-beta: { exact: "yes" } } }, { uri: { prefix: /beta } }]
      route: [{ destination: { host: ${name}, subset: v2 } }]
    - route: [{ destination: { host: ${name}, subset: v1 }, weight: 90 }, { destination: { host: ${name}, subset: v2 }, weight: 10 }]
`;
  });
  const steady = read(
    `${others.join('')}${service('web', 9180, 'HTTP', servers.http)}${service('calls', 9180, 'GRPC', servers.h2)}${service('echo', 9181, 'TCP', servers.echo)}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web }
spec: { host: web, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  selector: { istio: edge }
  servers: [{ port: { number: 443, name: https, protocol: HTTPS }, hosts: [site.test], tls: { mode: SIMPLE, credentialName: site } }]
`,
  );
  /** What a change changes: the weights and the marker of a rule, a listener, a workload. */
  const turnOf = (turn: number): readonly Resource[] =>
    read(`apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web }
spec:
  hosts: [web, site.test]
  gateways: [mesh, edge]
  http:
    - headers: { response: { set: { x-turn: "${turn}" } } }
      route: [{ destination: { host: web, subset: v1, port: { number: 9180 } }, weight: ${turn % 100} }, { destination: { host: web, subset: v2, port: { number: 9180 } }, weight: ${100 - (turn % 100)} }]
${turn % 5 === 0 ? service('sometimes', 9190, 'HTTP', servers.http) : ''}`);
  const workload = (name: string): Workload => ({
    name,
    namespace: 'default',
    service: name,
    labels: { app: name },
    serviceAccount: name,
    address: '127.0.0.1',
    ports: {},
  });
  const workloads = Array.from({ length: WORKLOADS }, (_, n) => workload(`w${n}`));
  const config = (turn: number): DataPlaneConfig => ({
    resources: [...steady, ...turnOf(turn)],
    workloads: turn % 7 === 0 ? [...workloads, workload('passing')] : workloads,
    gateways: [
      { name: 'edge', namespace: 'default', labels: { istio: 'edge' }, ports: { 443: 0 } },
    ],
  });

  console.log(machineLine(), `load ${loadavg()[0]!.toFixed(1)}`);
  const { listeners } = await plane.apply(config(0));
  const at = (direction: string, port: number) =>
    listeners.find((one) => one.direction === direction && one.servicePort === port)!;
  const front = at('outbound', 9180);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  const secure = new https.Agent({ keepAlive: true, maxSockets: 16 });
  const h2 = http2Client(front, 'calls');
  const kept = echoClient(at('outbound', 9181));
  stops.push(() => agent.destroy());
  stops.push(() => secure.destroy());
  stops.push(h2.close);
  stops.push(kept.close);
  const crowd = createCrowd();
  crowd.add('HTTP/1.1, kept', RATE, () => askHttp(front, { agent, headers: { host: 'web' } }));
  crowd.add('HTTP/1.1, new connections', RATE / 5, () =>
    askHttp(front, { agent: false, headers: { host: 'web' } }),
  );
  crowd.add('HTTP/2', RATE, () => h2.ask('/'));
  crowd.add('gRPC', RATE / 2, () => h2.ask('/a.B/C', true));
  crowd.add('TCP, kept', RATE / 2, kept.ask);
  crowd.add('TCP, new connections', RATE / 5, () => echoOnce(at('outbound', 9181)));
  crowd.add('TLS gateway, kept', RATE / 2, () =>
    askHttp(at('gateway', 443), { agent: secure, tls: true, headers: { host: 'site.test' } }),
  );
  crowd.add('TLS gateway, new connections', RATE / 10, () =>
    askHttp(at('gateway', 443), { agent: false, tls: true, headers: { host: 'site.test' } }),
  );
  await new Promise((resolve) => setTimeout(resolve, 2000));

  const inForceMs: number[] = [];
  const appliedMs: number[] = [];
  let stale = 0;
  let refused = 0;
  const probe = new http.Agent({ keepAlive: true, maxSockets: 1 });
  stops.push(() => probe.destroy());
  const cpuBefore = await processorMs(plane.pid!);
  const began = performance.now();
  for (let turn = 1; turn <= CHANGES; turn++) {
    const next = config(turn);
    const startMs = performance.now();
    let applied = false;
    const applying = plane.apply(next).then(
      () => {
        applied = true;
        appliedMs.push(performance.now() - startMs);
      },
      (error: Error) => {
        refused++;
        console.log(`change ${turn} was refused: ${error.message}`);
      },
    );
    for (let seen = -1; seen !== turn && refused === 0;) {
      const after = applied;
      const { headers } = await askHttp(front, { agent: probe, headers: { host: 'web' } });
      seen = Number(headers['x-turn']);
      if (after && seen !== turn) stale++;
    }
    inForceMs.push(performance.now() - startMs);
    await applying;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  const tookS = (performance.now() - began) / 1000;
  const cpu = (await processorMs(plane.pid!)) - cpuBefore;
  await crowd.stop();
  console.log(
    `${CHANGES} changes in ${tookS.toFixed(0)} s, ${SERVICES} VirtualServices in force, ${WORKLOADS} workloads; the data plane used ${((cpu / tookS / 1000) * 100).toFixed(0)} % of a core, ${(cpu / CHANGES).toFixed(0)} ms a change with its share of the load; ${((await residentBytes(plane.pid!)) / 2 ** 20).toFixed(0)} MB`,
  );
  for (const [name, values] of [
    ['from apply to the first request under the new rule', inForceMs],
    ['from apply to its answer', appliedMs],
  ] as const)
    console.log(
      `  ${name}: p50 ${percentile(values, 0.5).toFixed(0)} p99 ${percentile(values, 0.99).toFixed(0)} max ${percentile(values, 1).toFixed(0)} ms`,
    );
  console.log(
    `  requests under an old rule after the answer: ${stale}; changes refused: ${refused}`,
  );
  printTallies(crowd.tallies);
  const failed = [...crowd.tallies.values()].reduce((sum, one) => sum + one.failed, 0);
  if (failed + stale + refused > 0) {
    console.error(`${failed} requests failed, ${stale} were answered by an old rule`);
    process.exitCode = 1;
  }
} finally {
  for (const stop of stops.toReversed()) await stop();
  await dir.remove();
}
