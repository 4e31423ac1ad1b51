// Gateways that run: the examples of the command's help, as they stand there.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, type TempDir } from '@clover/test-support';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { meshGateway } from '../src/commands/mesh/gateway.ts';
import { startController } from './support/cloverctl.ts';

const gateway = (name: string, port: string) => `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}}
spec: {selector: {istio: ${name}}, servers: [{hosts: ['*'], port: ${port}}]}
---
`;
const ANSWER = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: hello}
spec: {hosts: ['*'], gateways: [ingressgateway], http: [{directResponse: {status: 200, body: {string: hello}}}]}
`;
const MESH =
  gateway('egressgateway', '{number: 443, name: tls, protocol: TLS}, tls: {mode: PASSTHROUGH}') +
  gateway('ingressgateway', '{number: 80, name: http, protocol: HTTP}') +
  ANSWER;

let clover: Awaited<ReturnType<typeof startController>>;
let dir: TempDir;
beforeAll(async () => {
  [clover, dir] = await Promise.all([
    startController(['--no-demo', '--mesh']),
    tempDir('cloverctl-gateway-'),
  ]);
  await writeFile(join(dir.path, 'mesh.yaml'), MESH);
  const applied = await clover.run(['apply', '-f', 'mesh.yaml'], { cwd: dir.path });
  if (applied.exit !== 0) throw new Error(applied.stderr);
});
afterAll(async () => {
  await clover?.stop();
  await dir?.remove();
});

const run = (line: string) => clover.run(line.split(' '));

it.each(meshGateway.examples.map(({ line }) => line))(
  '`%s` says where it listens',
  async (line) => {
    expect(await run(line)).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^127\.0\.0\.1:\d+\n$/),
      stderr: '',
    });
  },
);

it('means the ingress gateway, which answers there', async () => {
  const { stdout } = await run('mesh gateway');
  expect(stdout).toBe((await run('mesh gateway istio-ingressgateway --port 80')).stdout);
  expect(await (await fetch(`http://${stdout.trim()}/`)).text()).toBe('hello');
});

it('says what there is instead', async () => {
  expect(await run('mesh gateway egressgateway')).toMatchObject({
    exit: 1,
    stdout: '',
    stderr: expect.stringContaining('did you mean istio-egressgateway?'),
  });
});
