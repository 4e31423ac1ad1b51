// What the mesh costs beside Istio: two hops (outbound listener, mutual TLS, inbound listener, program), every
// request traced and logged, 4 connections, all in one process of the data plane; and what a workload weighs.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import { spawnDataPlane, type Workload } from '@clover/proxy';
import { freePorts, tempDir } from '@clover/test-support';
import { readResources } from '@clover/traffic';
import { machineLine, median } from './machine.ts';
import { oneKilobyte, startNginx } from './nginx.ts';
import { processorMs, residentBytes } from './processes.ts';
import { wrk, type WrkReport } from './wrk.ts';

const flag = (name: string, fallback: string) =>
  process.argv.find((one) => one.startsWith(`--${name}=`))?.split('=')[1] ?? fallback;
const SECONDS = Number(flag('seconds', '5'));
const ROUNDS = Number(flag('rounds', '3'));
const WORKLOADS = Number(flag('workloads', '50'));
const CONNECTIONS = Number(flag('connections', '4'));
const PROFILE = process.argv.includes('--cpu-prof');
const PORT = 9180;
/** The original on its own machine: requests a second, latencies, and a sidecar's memory. */
const ISTIO = { perSecond: 1710, p50Ms: 2.1, p99Ms: 6, megabytes: 113 };

const dir = await tempDir('clover-mesh-bench-');
const stops: (() => Promise<unknown>)[] = [];
const collector = createServer((request, response) => {
  request.resume().on('end', () => response.end());
});
await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', () => resolve()));
stops.push(async () => collector.close().closeAllConnections());

try {
  const programs = await freePorts(WORKLOADS + 2);
  const nginx = await startNginx(`${dir.path}/program`, oneKilobyte(...programs), programs[0]!);
  stops.push(nginx.stop);
  const plane = await spawnDataPlane({
    file: 'packages/proxy/dist/worker/main.js',
    identities: {},
    telemetry: {
      samplingRatio: 1,
      spans: { endpoint: `http://127.0.0.1:${(collector.address() as AddressInfo).port}` },
      accessLog: { to: { path: `${dir.path}/access.log` }, format: 'istio' },
    },
    metrics: { address: '127.0.0.1', port: 0 },
    execArgv: PROFILE ? ['--cpu-prof', '--cpu-prof-dir=.cache/clover/bench/profile'] : [],
  });
  stops.push(() => plane.close());
  const workload = (name: string, index: number): Workload => ({
    name,
    namespace: 'default',
    service: name,
    labels: { app: name, version: 'v1' },
    serviceAccount: name,
    address: '127.0.0.1',
    ports: { [PORT]: programs[index]! },
  });
  const put = async (names: readonly string[]) => {
    const { resources } = readResources([{ name: 'mesh.yaml', text: names.map(entry).join('') }]);
    const { listeners } = await plane.apply({
      resources,
      workloads: names.map(workload),
      gateways: [],
    });
    return (name: string) => {
      const found = listeners.find(
        (one) => one.owner === `default/${name}` && one.direction === 'outbound',
      )!;
      return `http://${found.address}:${found.port}/`;
    };
  };
  function entry(name: string, index: number): string {
    return `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name} }
spec:
  hosts: [${name}.default.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: ${PORT}, name: http, protocol: HTTP }]
  endpoints: [{ address: 127.0.0.1, ports: { http: ${programs[index]} }, labels: { app: ${name}, version: v1, security.istio.io/tlsMode: istio }, serviceAccount: ${name} }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec:
  hosts: [${name}]
  http:
    - match: [{ headers: { x-beta: { exact: "${index}" } } }]
      route: [{ destination: { host: ${name} } }]
    - timeout: 10s
      retries: { attempts: 2, retryOn: "connect-failure,refused-stream,503" }
      route: [{ destination: { host: ${name} } }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ${name} }
spec: { selector: { matchLabels: { app: ${name} } }, mtls: { mode: STRICT } }
`;
  }

  console.log(machineLine(), `load ${loadavg()[0]!.toFixed(1)}`);
  const at = await put(['front', 'server']);
  const headers = { Host: `server:${PORT}` };
  await wrk(at('front'), { seconds: 2, connections: CONNECTIONS, headers });
  const rounds: WrkReport[] = [];
  const before = await processorMs(plane.pid!);
  for (let round = 0; round < ROUNDS; round++)
    rounds.push(await wrk(at('front'), { seconds: SECONDS, connections: CONNECTIONS, headers }));
  const usedMs = (await processorMs(plane.pid!)) - before;
  const requests = rounds.reduce((all, one) => all + one.perSecond * SECONDS, 0);
  const text = await (await fetch(plane.metricsUrl!)).text();
  const sum = (name: string, label = '') =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) && line.includes(label))
      .reduce((all, line) => all + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  const mtls = sum('istio_requests_total', 'connection_security_policy="mutual_tls"');
  const lost =
    sum('clover_proxy_access_log_dropped_total') + sum('clover_proxy_spans_dropped_total');
  const perSecond = median(rounds.map((one) => one.perSecond));
  const p50 = median(rounds.map((one) => one.p50Ms));
  const p99 = median(rounds.map((one) => one.p99Ms));
  console.log(
    `two hops, traced and logged, ${CONNECTIONS} connections: ${Math.round(perSecond).toLocaleString('en')} requests/s, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms (${rounds.map((one) => Math.round(one.perSecond)).join(', ')})`,
  );
  console.log(
    `  processor time of the data plane: ${((usedMs * 1000) / requests).toFixed(0)} µs a request, both hops; so one core does at most ${Math.round((requests * 1000) / usedMs).toLocaleString('en')} a second`,
  );
  console.log(
    `  over mutual TLS ${mtls.toLocaleString('en')} requests; spans and lines lost: ${lost}`,
  );
  console.log(
    `  Istio: 1,710 requests/s, p50 2.1 ms, p99 6 ms: ${(perSecond / ISTIO.perSecond).toFixed(1)} times as many, p50 ${(p50 / ISTIO.p50Ms).toFixed(2)} and p99 ${(p99 / ISTIO.p99Ms).toFixed(2)} of it`,
  );
  if (!PROFILE) {
    await put([]);
    const idle = await settled(plane.pid!);
    const names = Array.from({ length: WORKLOADS }, (_, n) => `w${n}`);
    const many = await put(names);
    for (const [n, name] of names.entries()) {
      const host = `${names[(n + 1) % names.length]!}:${PORT}`;
      await Promise.all(Array.from({ length: 20 }, () => ask(many(name), host)));
    }
    const full = await settled(plane.pid!);
    const each = (full - idle) / WORKLOADS / 2 ** 20;
    console.log(
      `memory of a workload: ${each.toFixed(2)} MB (${(idle / 2 ** 20).toFixed(0)} MB with none, ${(full / 2 ** 20).toFixed(0)} MB with ${WORKLOADS}, each asked 20 times); a sidecar of Istio's takes 113 MB: ${(ISTIO.megabytes / each).toFixed(0)} times that`,
    );
  }
} finally {
  for (const stop of stops.toReversed()) await stop();
  await dir.remove();
}

async function ask(url: string, host: string): Promise<void> {
  const { request } = await import('node:http');
  await new Promise<void>((resolve, reject) => {
    request(url, { headers: { host }, agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${host}: ${response.statusCode}`));
      response.resume().on('end', resolve);
    })
      .on('error', reject)
      .end();
  });
}

/** Resident memory when it has come down: the least of some seconds. */
async function settled(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 16; n++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    least = Math.min(least, await residentBytes(pid));
  }
  return least;
}
