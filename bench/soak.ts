// The mesh for an hour with everything that happens to one: HTTP/1.1, HTTP/2, gRPC, WebSockets, TCP, clients
// that give up or read slowly, servers that reset, hang, talk garbage or end in the middle, changes of the
// configuration, workloads that come and go. Each minute says what the data plane's process holds (its garbage
// is collected every ten seconds); at the end a verdict: memory must not grow after the warm-up, and sockets
// must come back to what they were.
import http from 'node:http';
import { loadavg } from 'node:os';
import { connect } from 'node:net';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { spawnDataPlane, type DataPlaneConfig, type Workload } from '@clover/proxy';
import { tempDir } from '@clover/test-support';
import { readResources } from '@clover/traffic';
import {
  askHttp,
  createCrowd,
  echoClient,
  echoOnce,
  http2Client,
  printTallies,
  upgradeOnce,
  type Address,
} from './clients.ts';
import { machineLine, median } from './machine.ts';
import { processorMs } from './processes.ts';
import { startServers } from './servers.ts';

const flag = (name: string, fallback: string) =>
  process.argv.find((one) => one.startsWith(`--${name}=`))?.split('=')[1] ?? fallback;
/** As `--minutes=5` or `--minutes 5`. */
const spaced = process.argv.indexOf('--minutes');
const MINUTES = Number(spaced === -1 ? flag('minutes', '60') : process.argv[spaced + 1]);
/** Requests a second of the busiest kind; the others are shares of it. */
const RATE = Number(flag('rate', '30'));
const MINUTE_MS = Number(flag('minute-ms', '60000'));
/** A slope below this is none: what an hour would add to a process of 150 MB without being noticed. */
const MOST_GROWTH_MB_PER_HOUR = 20;

/** The port of the metrics, the channel to its owner, and connections that carry spans. */
const BASE_SOCKETS = 4;

const dir = await tempDir('clover-soak-');
const stops: (() => unknown)[] = [];
const collector = http.createServer((request, response) => {
  request.resume().on('end', () => response.end());
});
try {
  const servers = await startServers();
  stops.push(servers.close);
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', () => resolve()));
  stops.push(() => collector.close().closeAllConnections());
  const { port: collectorPort } = collector.address() as { port: number };
  const memoryFile = `${dir.path}/memory.json`;
  const collecting = `import { renameSync, writeFileSync } from 'node:fs';
setInterval(() => {
  globalThis.gc();
  writeFileSync('${memoryFile}.tmp', JSON.stringify(process.memoryUsage()));
  renameSync('${memoryFile}.tmp', '${memoryFile}');
}, ${MINUTE_MS / 6}).unref();`;
  const plane = await spawnDataPlane({
    file: 'packages/proxy/dist/worker/main.js',
    identities: {},
    // A process with so little to do collects its garbage late: what grows would not be told from what waits.
    // `kill -USR2` writes what is in memory into the working directory.
    execArgv: [
      '--expose-gc',
      `--import=data:text/javascript,${encodeURIComponent(collecting)}`,
      '--heapsnapshot-signal=SIGUSR2',
    ],
    drainMs: 2000,
    limits: { streamIdleTimeoutMs: 10_000, connectionIdleTimeoutMs: 20_000 },
    metrics: { address: '127.0.0.1', port: 0 },
    telemetry: {
      samplingRatio: 0.2,
      spans: { endpoint: `http://127.0.0.1:${collectorPort}` },
      accessLog: { to: { path: `${dir.path}/access.log`, maxFileBytes: 1 << 20, keptFiles: 2 } },
    },
  });
  stops.push(() => plane.close());

  const service = (name: string, port: number, protocol: string, target: number, more = '') => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name} }
spec:
  hosts: [${name}.default.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: ${port}, name: main, protocol: ${protocol} }]
  endpoints: [{ address: 127.0.0.1, ports: { main: ${target} }, labels: { app: ${name}, version: v1${more} } }]
`;
  const yaml = (
    turn: number,
  ) => `${service('web', 9180, 'HTTP', servers.http, ', security.istio.io/tlsMode: istio')}${service('calls', 9180, 'GRPC', servers.h2, turn % 2 === 0 ? ', security.istio.io/tlsMode: istio' : '')}${service('bad', 9180, 'HTTP', servers.bad)}${service('echo', 9181, 'TCP', servers.echo)}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web }
spec:
  hosts: [web]
  http:
    - headers: { response: { set: { x-turn: "${turn}" } } }
      mirror: { host: web }
      mirrorPercentage: { value: 10 }
      route: [{ destination: { host: web } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: bad }
spec:
  hosts: [bad]
  http:
    - timeout: 2s
      retries: { attempts: 2, perTryTimeout: 500ms, retryOn: "5xx,reset,connect-failure" }
      route: [{ destination: { host: bad } }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web }
spec: { host: web, trafficPolicy: { loadBalancer: { simple: ${turn % 2 === 0 ? 'ROUND_ROBIN' : 'LEAST_REQUEST'} } } }
${turn % 3 === 0 ? service('sometimes', 9190, 'HTTP', servers.http) : ''}`;
  const workload = (name: string, ports: Record<number, number>, of = name): Workload => ({
    name,
    namespace: 'default',
    service: of,
    labels: { app: name, version: 'v1' },
    serviceAccount: 'default',
    address: '127.0.0.1',
    ports,
  });
  const config = (turn: number): DataPlaneConfig => ({
    resources: readResources([{ name: 'soak.yaml', text: yaml(turn) }]).resources,
    workloads: [
      workload('front', {}),
      workload('web', { 9180: servers.http }),
      // Comes and goes, each time under another name.
      ...(turn % 2 === 0 ? [workload(`passing-${turn}`, { 9180: servers.h2 }, 'calls')] : []),
    ],
    gateways: [],
  });
  const { listeners } = await plane.apply(config(0));
  const at = (port: number): Address =>
    listeners.find(
      (one) =>
        one.owner === 'default/front' && one.direction === 'outbound' && one.servicePort === port,
    )!;
  const front = at(9180);
  const pid = plane.pid!;
  console.log(
    `${machineLine()} load ${loadavg()[0]!.toFixed(1)}, ${MINUTES} minutes, the data plane is process ${pid}`,
  );

  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const h2 = http2Client(front, 'calls');
  let kept = echoClient(at(9181));
  const crowd = createCrowd();
  const web = { host: 'web' };
  const failing = (path: string) => () =>
    askHttp(front, { agent: false, path, headers: { host: 'bad' } }).then(
      () => {
        throw new Error(`${path} was answered with 200`);
      },
      () => undefined,
    );
  crowd.add('HTTP/1.1, kept', RATE, () => askHttp(front, { agent, headers: web }));
  crowd.add('HTTP/1.1, new connections', RATE / 6, () =>
    askHttp(front, { agent: false, headers: web }),
  );
  crowd.add('HTTP/1.1, bodies', RATE / 6, () =>
    askHttp(front, {
      agent,
      method: 'POST',
      path: '/big',
      headers: web,
      body: Buffer.alloc(100_000),
    }),
  );
  crowd.add('HTTP/2', RATE / 2, () => h2.ask('/'));
  crowd.add('gRPC', RATE / 3, () => h2.ask('/a.B/C', true));
  crowd.add('WebSocket', RATE / 10, () => upgradeOnce(front, 'web'));
  crowd.add('TCP, kept', RATE / 6, () =>
    kept.ask().catch((error: unknown) => {
      kept.close();
      kept = echoClient(at(9181));
      throw error;
    }),
  );
  crowd.add('TCP, new connections', RATE / 10, () => echoOnce(at(9181)));
  crowd.add('servers that reset', RATE / 15, failing('/reset'));
  crowd.add('servers that hang', RATE / 30, failing('/hang'));
  crowd.add('servers that talk garbage', RATE / 15, failing('/garbage'));
  crowd.add('servers that end half-way', RATE / 15, failing('/half'));
  crowd.add('servers that stop half-way', RATE / 60, failing('/slow'));
  crowd.add('clients that give up', RATE / 10, () => giveUp(front));
  crowd.add('clients that read slowly', RATE / 30, () => readSlowly(front));

  let turn = 0;
  let changing: Promise<unknown> = Promise.resolve();
  let refused = 0;
  const churn = setInterval(() => {
    turn++;
    changing = changing
      .then(() => plane.apply(config(turn)))
      .catch((error: unknown) => {
        refused++;
        console.log(`change ${turn} was refused: ${(error as Error).message}`);
      });
  }, MINUTE_MS / 12);

  const samples: { minute: number; megabytes: number; alive: number }[] = [];
  let used = await processorMs(pid);
  for (let minute = 1; minute <= MINUTES; minute++) {
    await new Promise((resolve) => setTimeout(resolve, MINUTE_MS));
    const held = await holds(pid);
    const now = await processorMs(pid);
    const memory = JSON.parse(await readFile(memoryFile, 'utf8')) as NodeJS.MemoryUsage;
    const megabytes = memory.rss / 2 ** 20;
    const alive = (memory.heapUsed + memory.external) / 2 ** 20;
    samples.push({ minute, megabytes, alive });
    console.log(
      `minute ${String(minute).padStart(3)}: ${held.sockets} sockets, ${held.descriptors} descriptors, ${megabytes.toFixed(1)} MB resident and ${alive.toFixed(1)} MB alive after a collection, ${(((now - used) / MINUTE_MS) * 100).toFixed(0)} % of a core`,
    );
    used = now;
    if (plane.pid !== pid) {
      console.error('the data plane ended by itself');
      process.exitCode = 1;
      break;
    }
  }
  clearInterval(churn);
  await changing;
  await crowd.stop();
  agent.destroy();
  h2.close();
  kept.close();
  await plane.apply({ resources: [], workloads: [], gateways: [] });
  // Kept connections to servers end with the clusters, those of clients with their listeners.
  let idle = await holds(pid);
  for (let n = 0; n < 40 && idle.sockets > BASE_SOCKETS; n++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    idle = await holds(pid);
  }
  printTallies(crowd.tallies);
  const warm = samples.filter(({ minute }) => minute > MINUTES / 4);
  const perHour = (of: 'megabytes' | 'alive') =>
    growthPerHour(warm.map((one) => ({ minute: one.minute, megabytes: one[of] }))) *
    (60_000 / MINUTE_MS);
  const slope = perHour('megabytes');
  const aliveSlope = perHour('alive');
  const flat = samples.length < 5 || Math.max(slope, aliveSlope) < MOST_GROWTH_MB_PER_HOUR;
  const failed = [...crowd.tallies.values()].reduce((sum, one) => sum + one.failed, 0);
  console.log(
    `after the end: ${idle.sockets} sockets (${BASE_SOCKETS} are the process's own), ${idle.descriptors} descriptors; ${turn} changes, ${refused} refused`,
  );
  console.log(
    `memory after the warm-up: ${slope.toFixed(1)} MB an hour resident, ${aliveSlope.toFixed(1)} MB alive; ${failed} requests failed that should not have`,
  );
  const good = flat && idle.sockets <= BASE_SOCKETS && refused === 0 && failed === 0;
  console.log(good ? 'verdict: flat' : 'verdict: NOT flat');
  if (!good) process.exitCode = 1;
} finally {
  for (const stop of stops.toReversed()) await stop();
  await dir.remove();
}

async function holds(pid: number): Promise<{ sockets: number; descriptors: number }> {
  const names = await readdir(`/proc/${pid}/fd`);
  const targets = await Promise.all(
    names.map((one) => readlink(`/proc/${pid}/fd/${one}`).catch(() => '')),
  );
  return {
    sockets: targets.filter((one) => one.startsWith('socket:')).length,
    descriptors: targets.length,
  };
}

/** Slope of a line through the samples by Theil and Sen: the median of all pairs, which outliers do not move. */
function growthPerHour(all: readonly { minute: number; megabytes: number }[]): number {
  const slopes = all.flatMap((one, n) =>
    all
      .slice(n + 1)
      .map((other) => (other.megabytes - one.megabytes) / (other.minute - one.minute)),
  );
  return slopes.length === 0 ? 0 : median(slopes) * 60;
}

/** Asks for much and goes away in the middle. */
function giveUp({ address, port }: Address): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.on('connect', () => socket.write('GET /big HTTP/1.1\r\nHost: web\r\n\r\n'));
    setTimeout(() => socket.destroy(), Math.random() * 20);
  });
}

/** Takes a second for an answer of 64 kB. */
function readSlowly({ address, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    let bytes = 0;
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer in 20 s')));
    socket.on('error', reject);
    socket.on('close', () => (bytes > 65_536 ? resolve() : reject(new Error(`${bytes} bytes`))));
    socket.on('connect', () =>
      socket.write('GET /big HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n'),
    );
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      socket.pause();
      setTimeout(() => socket.resume(), 100);
    });
  });
}
