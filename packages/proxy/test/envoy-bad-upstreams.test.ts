// Upstreams that misbehave, behind a real Envoy and behind Clover: the same answer, the same log.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { hasParts, titleWith, waitFor } from '@clover/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileJsonFormat } from '../src/telemetry/format/compile-format.ts';
import { startEnvoy, type RunningEnvoy } from './support/envoy.ts';
import { rules, service, startMesh, type Mesh } from './support/mesh.ts';

/** What does not depend on ports and clocks. */
const FORMAT = {
  path: '%REQ(:PATH)%',
  status: '%RESPONSE_CODE%',
  flags: '%RESPONSE_FLAGS%',
  details: '%RESPONSE_CODE_DETAILS%',
  received: '%BYTES_RECEIVED%',
  sent: '%BYTES_SENT%',
  attempts: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
  failure: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
  host: '%UPSTREAM_HOST%',
} as const;

const after =
  (act: (socket: Socket) => void) =>
  (socket: Socket): void =>
    void socket.once('data', () => act(socket));

const UPSTREAMS: Readonly<Record<string, (socket: Socket) => void>> = {
  'answers well': after((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')),
  'closes without an answer': after((socket) => socket.end()),
  resets: after((socket) => socket.resetAndDestroy()),
  hangs: () => undefined,
  'answers garbage': after((socket) => socket.end('garbage\r\n\r\n')),
  'says two lengths': after((socket) =>
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'),
  ),
};
const TIMEOUT = '0.3s';

describe.skipIf(!hasParts('envoy'))(titleWith('beside a real Envoy', 'envoy'), () => {
  let mesh: Mesh;
  let envoy: RunningEnvoy;
  const names = Object.keys(UPSTREAMS);

  beforeAll(async () => {
    mesh = await startMesh();
    const ports = await Promise.all(Object.values(UPSTREAMS).map((act) => mesh.tcp(act)));
    envoy = await startEnvoy({
      routes: Object.fromEntries(
        ports.map((port, n) => [`/u${n}-`, { port, route: { timeout: TIMEOUT } }]),
      ),
      jsonFormat: FORMAT,
    });
    const prefixes = names.map(
      (_, n) =>
        `- match: [{ uri: { prefix: /u${n}- } }]\n  timeout: ${TIMEOUT}\n  retries: { attempts: 0 }\n  route: [{ destination: { host: u${n} } }]`,
    );
    await mesh.apply(
      ports.map((port, n) => service(`u${n}`, port)).join('') +
        service('web', ports[0]!) +
        rules('web', prefixes.join('\n')),
    );
  });
  afterAll(async () => {
    await envoy?.stop();
    await mesh?.close();
  });

  it.each(names.map((name, n) => [name, n] as const))(
    'an upstream that %s is answered and logged alike',
    async (_, n) => {
      const path = `/u${n}-x`;
      const { address, port } = mesh.port('outbound');
      const [theirs, ours] = [
        await exchange('127.0.0.1', envoy.port, path),
        await exchange(address, port, path),
      ];
      expect(ours).toEqual(theirs);
      const logged = await waitFor('Envoy’s line', async () =>
        (await envoy.jsonLog(1)).find((line) => line.includes(`"${path}"`)),
      );
      const record = await waitFor('the record', () =>
        mesh.records.find((one) => one.path === path),
      );
      const line = compileJsonFormat(FORMAT)(record);
      expect(JSON.parse(line)).toEqual(JSON.parse(logged));
    },
  );
});

/** Status and body as they came, and whether the connection was cut before the answer's end. */
async function exchange(address: string, port: number, path: string) {
  const socket = connect(port, address);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n`);
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString('latin1');
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  return { status: Number(head.slice(9, 12)), body };
}
