// The real process: ready file, signals, ports and folders in use, kill -9, start and end.

import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startProcess, tempDir, waitFor, type TempDir } from '@clover/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clover, isBuilt, MAIN, startClover } from './support/clover.ts';

const failing = (...args: string[]): Promise<string> =>
  startClover({ args }).then(
    async (clover) => {
      await clover.stop();
      return 'it started';
    },
    (error: Error) => error.message,
  );

/** OTLP JSON of `count` spans of one service, each a trace of its own. */
function otlp(service: string, count: number, first = 0): string {
  const now = BigInt(Date.now()) * 1_000_000n;
  const spans = Array.from({ length: count }, (_, i) => ({
    traceId: (first + i + 1).toString(16).padStart(32, 'a'),
    spanId: (first + i + 1).toString(16).padStart(16, 'b'),
    name: 'work',
    kind: 2,
    startTimeUnixNano: String(now),
    endTimeUnixNano: String(now + 1_000_000n),
  }));
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
        scopeSpans: [{ spans }],
      },
    ],
  });
}

const send = (clover: Clover, body: string) =>
  fetch(`${clover.ready.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });

const spansOf = async (clover: Clover): Promise<number> =>
  ((await (await clover.get('/api/v1/system')).json()) as { spans: number }).spans;

describe.skipIf(!isBuilt)('the process', () => {
  let dir: TempDir;
  beforeAll(async () => {
    dir = await tempDir('clover-process-test-');
  });
  afterAll(() => dir?.remove());

  it('says where everything is, and answers there', async () => {
    const clover = await startClover();
    expect(Object.keys(clover.ready).toSorted()).toEqual([
      'controller',
      'otlpGrpc',
      'otlpHttp',
      'zipkin',
    ]);
    expect(await (await clover.get('/livez')).text()).toBe('ok\n');
    expect(await (await clover.get('/readyz')).text()).toBe('ok\n');
    expect(await (await clover.get('/version')).json()).toMatchObject({
      name: 'clover',
      store: 'embedded',
    });
    const metrics = await (await clover.get('/metrics')).text();
    expect(metrics).toMatch(/^clover_build_info\{/m);
    expect(metrics).toMatch(/^# TYPE traces_spanmetrics_latency histogram$/m);
    for (const line of metrics.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{.*\})? -?[\d.e+-]+)$/i);
    await clover.stop();
  });

  it('SIGTERM: what was acknowledged is there, and the next start finds it', async () => {
    const dataDir = join(dir.path, 'drain');
    const first = await startClover({ dataDir });
    const sending = Array.from({ length: 20 }, (_, i) =>
      send(first, otlp('drained', 50, i * 50)).then(
        ({ status }) => status,
        () => 0,
      ),
    );
    await Promise.any(sending);
    first.process.signal('SIGTERM');
    expect(await first.process.exited).toBe(0);
    const acknowledged = (await Promise.all(sending)).filter((status) => status === 200).length;
    expect(acknowledged).toBeGreaterThan(0);
    const again = await startClover({ dataDir });
    expect(await spansOf(again)).toBeGreaterThanOrEqual(acknowledged * 50);
    await again.stop();
  });

  it('kill -9: nothing acknowledged is lost or counted twice', async () => {
    const dataDir = join(dir.path, 'killed');
    const first = await startClover({ dataDir });
    let acknowledged = 0;
    let sent = 0;
    let running = true;
    const sender = async () => {
      while (running) {
        const at = sent;
        sent += 20;
        const status = await send(first, otlp('killed', 20, at)).then(
          (response) => response.status,
          () => 0,
        );
        if (status === 200) acknowledged += 20;
      }
    };
    const senders = Promise.all([sender(), sender(), sender()]);
    await waitFor('some spans', () => acknowledged > 400);
    first.process.signal('SIGKILL');
    await first.process.exited;
    running = false;
    await senders;
    const again = await startClover({ dataDir });
    const found = await spansOf(again);
    expect(found).toBeGreaterThanOrEqual(acknowledged);
    expect(found).toBeLessThanOrEqual(sent);
    await again.stop();
  });

  it('a second signal ends it at once', async () => {
    const clover = await startClover();
    // A reader that holds a stream open, and a request that never ends its body.
    const held = await clover.get('/api/v1/events');
    const { port } = new URL(clover.ready.otlpHttp);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    const began = Date.now();
    let ended: number | string | undefined;
    void clover.process.exited.then((code) => (ended = code));
    // Two that come together may reach the process as one: again until it has ended.
    await expect
      .poll(() => (clover.process.signal('SIGTERM'), ended), { interval: 200, timeout: 20_000 })
      .toSatisfy((code) => code === 0 || code === 143);
    // 143: the second one ended it. Else it was quicker than four seconds, for which it waits for what is open.
    if (ended !== 143) expect(Date.now() - began).toBeLessThan(4000);
    await held.body?.cancel().catch(() => undefined);
    socket.destroy();
    await clover.stop();
  });

  it('a signal while it starts takes down what was started', async () => {
    const dataDir = join(dir.path, 'starting');
    const starting = await startProcess({
      command: process.execPath,
      args: [
        MAIN,
        '--port=0',
        '--otlp-http-port=0',
        '--otlp-grpc-port=0',
        '--zipkin-port=0',
        `--data=${dataDir}`,
      ],
    });
    await waitFor('the data directory', () => existsSync(dataDir));
    starting.signal('SIGTERM');
    expect(await starting.exited).toBe(0);
    const again = await startClover({ dataDir });
    await again.stop();
  });

  it('a port in use is said with its flag', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    expect(await failing(`--port=${port}`)).toMatch(/in use|EADDRINUSE/);
    expect(await failing(`--port=${port}`)).toMatch(/--port/);
    expect(await failing(`--otlp-grpc-port=${port}`)).toMatch(
      /is in use[^]*--otlp-http-port and --zipkin-port/,
    );
    await new Promise((resolve) => taken.close(resolve));
  });

  it('a data directory in use is said', async () => {
    const dataDir = join(dir.path, 'shared');
    const first = await startClover({ dataDir });
    await expect(startClover({ dataDir })).rejects.toThrow(/data directory[^]*--data|in use/);
    await first.stop();
  });

  it('the ready file is there while it runs, whole, and goes with it', async () => {
    const file = join(dir.path, 'ready.json');
    const running = await startProcess({
      command: process.execPath,
      args: [
        MAIN,
        '--port=0',
        '--otlp-http-port=0',
        '--otlp-grpc-port=0',
        '--zipkin-port=0',
        `--data=${join(dir.path, 'ready-data')}`,
        `--ready-file=${file}`,
      ],
      ready: async () => existsSync(file),
    });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('controller');
    running.signal('SIGINT');
    expect(await running.exited).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it('wrong settings name the nearest right one', async () => {
    expect(await failing('--prot=1')).toMatch(/ended with 2[^]*--port/);
    expect(await failing('--retention-spans=7')).toMatch(/ended with 2[^]*a duration such as/);
  });
});
