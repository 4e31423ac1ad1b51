// The mesh's own settings, as a user gives them to the built program: the file in the form of MeshConfig,
// access logs, credentials of gateways, and the web application firewall of examples/waf.

import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { startWaf } from '@clover/services';
import { tempDir } from '@clover/test-support';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type {
  MeshAnswer,
  RouteAnswer,
  TrafficChangeAnswer,
  TrafficResourcesAnswer,
  WorkloadJoined,
} from '@clover/model';
import { findApache } from '../../services/src/waf/find-apache.ts';
import { ask } from './support/ask.ts';
import { startClover, type Clover } from './support/clover.ts';

const WAF = fileURLToPath(new URL('../../../examples/waf', import.meta.url));
const apache = findApache(process.env);
const why = 'missing' in apache ? ` (skipped: ${apache.missing})` : '';

let clover: Clover;
const dir = await tempDir('clover-mesh-settings-');
const servers: Server[] = [];
afterEach(async () => {
  await clover?.stop();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});
afterAll(() => dir.remove());

async function start(args: readonly string[]): Promise<void> {
  clover = await startClover({ args: ['--no-demo', '--mesh', '--log-level=warn', ...args] });
}

async function serve(answer: string): Promise<number> {
  const server = createServer((incoming, response) => {
    incoming.resume().on('end', () => response.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

const join = async (service: string, port?: number, targetPort?: number) =>
  (
    await clover.send<WorkloadJoined>('POST', '/mesh/workloads', {
      service,
      ports: port === undefined ? [] : [{ port, targetPort }],
    })
  ).workload;

async function gateway(serverPort: number): Promise<string> {
  const { gateways } = await clover.send<MeshAnswer>('GET', '/mesh');
  return gateways.flatMap((one) => one.listeners).find(({ port }) => port === serverPort)!.address;
}

describe('the settings of the mesh', () => {
  it.skipIf(why !== '')(
    `put a real web application firewall before the gateway, as examples/waf has it${why}`,
    async () => {
      const denied: string[] = [];
      const waf = await startWaf({ onDenied: ({ ruleId }) => denied.push(ruleId) });
      try {
        await start([`--mesh-config=${WAF}/mesh-config.yaml`]);
        for (const name of ['firewall', 'gateway', 'sdc-front'])
          await clover.send(
            'POST',
            '/traffic/apply',
            await readFile(`${WAF}/mesh/${name}.yaml`, 'utf8'),
          );
        await join('clover-server1', 9180, await serve('the front door'));
        const judge = await join('modsecurity-crs', 80, waf.port);
        const edge = await gateway(80);
        const attack = '/?id=1%27%20OR%20%271%27=%271';
        expect(await ask(edge)).toEqual({ status: 200, body: 'the front door' });
        expect(await ask(edge, { body: 'a=b' })).toMatchObject({ status: 200 });
        expect(await ask(edge, { path: attack })).toMatchObject({
          status: 403,
          body: expect.stringContaining('denied by the web application firewall'),
        });
        expect((await ask(edge, { headers: { 'user-agent': 'nikto' } })).status).toBe(403);
        const script = {
          body: `comment=${encodeURIComponent('<script>alert(1)</script>')}`,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        };
        expect((await ask(edge, script)).status).toBe(403);
        expect((await ask(edge, { path: `/healthz${attack.slice(1)}` })).status).toBe(200);
        // What Apache writes comes by a pipe, a little later than its answer.
        await expect.poll(() => denied.length).toBeGreaterThanOrEqual(3);
        await clover.send('DELETE', `/mesh/workloads/default/${judge.name}`);
        expect((await ask(edge)).status).toBe(403);
        const { metrics } = await clover.send<MeshAnswer>('GET', '/mesh');
        const text = await (await fetch(metrics!)).text();
        expect(text).toMatch(/^envoy_http_ext_authz_denied\{.*\} 3$/m);
        expect(text).toMatch(/^envoy_http_ext_authz_error\{.*\} 1$/m);
      } finally {
        await waf.close();
      }
    },
  );

  it.skipIf(why !== '')(`have the firewall with --with-waf, and not without it${why}`, async () => {
    const data = await tempDir('clover-with-waf-');
    const names = async () => {
      const { items } = await clover.send<TrafficResourcesAnswer>('GET', '/traffic/resources');
      return items.map(({ kind, name }) => `${kind} ${name}`);
    };
    clover = await startClover({
      dataDir: data.path,
      args: ['--no-demo', '--mesh', '--with-waf', '--log-level=warn'],
    });
    expect(await names()).toEqual(['AuthorizationPolicy firewall', 'Service modsecurity-crs']);
    const gateways = await readFile(`${WAF}/mesh/gateway.yaml`, 'utf8');
    const front = await readFile(`${WAF}/mesh/sdc-front.yaml`, 'utf8');
    await clover.send('POST', '/traffic/apply', `${gateways}---\n${front}`);
    await join('clover-server1', 9180, await serve('the front door'));
    const scanner = { headers: { 'user-agent': 'nikto' } };
    const edge = await gateway(80);
    expect((await ask(edge)).status).toBe(200);
    expect((await ask(edge, scanner)).status).toBe(403);
    // However it ended, the next start without the flag lets requests in again.
    clover.process.signal('SIGKILL');
    await clover.process.exited;
    await clover.stop();
    clover = await startClover({
      dataDir: data.path,
      args: ['--no-demo', '--mesh', '--log-level=warn'],
    });
    expect(await names()).not.toContain('AuthorizationPolicy firewall');
    await join('clover-server1', 9180, await serve('the front door'));
    expect((await ask(await gateway(80), scanner)).status).toBe(200);
    await clover.stop();
    await data.remove();
  });

  it('put an authorizer over gRPC before the gateway', async () => {
    const paths: string[] = [];
    const judge = new GrpcServer();
    const bytes = (value: Buffer) => value;
    judge.addService(
      {
        Check: {
          path: '/envoy.service.auth.v3.Authorization/Check',
          requestStream: false,
          responseStream: false,
          requestSerialize: bytes,
          requestDeserialize: (given) => given.toString('latin1'),
          responseSerialize: bytes,
          responseDeserialize: bytes,
        },
      },
      {
        Check({ request }: { request: string }, done: (error: null, answer: Buffer) => void) {
          const isSecret = request.includes('/secret');
          paths.push(isSecret ? 'secret' : 'open');
          // A CheckResponse whose status is 7, PERMISSION_DENIED; an empty one says OK.
          done(null, isSecret ? Buffer.from([0x0a, 2, 8, 7]) : Buffer.alloc(0));
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) =>
      judge.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    try {
      const file = `${dir.path}/grpc.yaml`;
      await writeFile(
        file,
        'extensionProviders:\n- name: modsecurity\n  envoyExtAuthzGrpc: {service: judge.default.svc.cluster.local, port: 9000}\n',
      );
      await start([`--mesh-config=${file}`]);
      const service = (name: string) =>
        `apiVersion: v1\nkind: Service\nmetadata: {name: judge}\nspec: {selector: {app: judge}, ports: [{port: 9000, name: ${name}}]}\n`;
      const policy = await readFile(`${WAF}/mesh/firewall.yaml`, 'utf8');
      const wrong = await clover.send<TrafficChangeAnswer>(
        'POST',
        '/traffic/apply',
        `${service('http')}---\n${policy}`,
      );
      expect(wrong.findings.map(({ code }) => code)).toContain('CLV412');
      const right = await clover.send<TrafficChangeAnswer>(
        'POST',
        '/traffic/apply',
        service('grpc'),
      );
      expect(right.findings.map(({ code }) => code)).not.toContain('CLV412');
      for (const name of ['gateway', 'sdc-front'])
        await clover.send(
          'POST',
          '/traffic/apply',
          await readFile(`${WAF}/mesh/${name}.yaml`, 'utf8'),
        );
      await join('clover-server1', 9180, await serve('the front door'));
      await join('judge', 9000, port);
      const edge = await gateway(80);
      expect(await ask(edge)).toEqual({ status: 200, body: 'the front door' });
      expect((await ask(edge, { path: '/secret' })).status).toBe(403);
      expect(paths).toEqual(['open', 'secret']);
    } finally {
      judge.forceShutdown();
    }
  });

  it('refuse policies whose provider is not there, and hosts that nobody declared', async () => {
    const file = `${dir.path}/mesh.yaml`;
    await writeFile(file, 'outboundTrafficPolicy: {mode: REGISTRY_ONLY}\nenableTracing: true\n');
    await start([`--mesh-config=${file}`]);
    await expect(
      clover.send('POST', '/traffic/apply', await readFile(`${WAF}/mesh/firewall.yaml`, 'utf8')),
    ).rejects.toThrow('there is no extension provider modsecurity');
    const client = await join('curl');
    const proxy = client.listeners!.httpProxy!.replace('http://', '');
    const path = `http://127.0.0.1:${await serve('outside')}/`;
    expect((await ask(proxy, { path, host: path.slice(7, -1) })).status).toBe(502);
    const route = await clover.send<RouteAnswer>('POST', '/traffic/explain', {
      url: path,
      from: client.name,
    });
    expect(JSON.stringify(route)).toContain('blocked');
  });

  it('log each request, and end TLS with the credentials of a folder', async () => {
    const log = `${dir.path}/access.log`;
    const folder = `${dir.path}/credentials/site`;
    await mkdir(folder, { recursive: true });
    spawnSync(
      'openssl',
      `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=www.sdc.com -keyout ${folder}/tls.key -out ${folder}/tls.crt`.split(
        ' ',
      ),
      { stdio: 'ignore' },
    );
    await start([
      `--mesh-access-log=${log}`,
      '--mesh-access-log-format=json',
      `--mesh-credentials=${dir.path}/credentials`,
    ]);
    const front = await readFile(`${WAF}/mesh/sdc-front.yaml`, 'utf8');
    const edge = (await readFile(`${WAF}/mesh/gateway.yaml`, 'utf8')).replace(
      '{ number: 80, name: http, protocol: HTTP }',
      '{ number: 443, name: https, protocol: HTTPS }\n      tls: { mode: SIMPLE, credentialName: site }',
    );
    await clover.send('POST', '/traffic/apply', `${front}---\n${edge}`);
    await join('clover-server1', 9180, await serve('safe'));
    expect(await ask(await gateway(443), { tls: true, path: '/logged' })).toEqual({
      status: 200,
      body: 'safe',
    });
    await expect
      .poll(() => readFile(log, 'utf8').catch(() => ''), { timeout: 10_000 })
      .toContain('"requested_server_name":"www.sdc.com"');
    const [line] = (await readFile(log, 'utf8')).trim().split('\n');
    expect(JSON.parse(line!)).toMatchObject({ path: '/logged', response_code: 200 });
  });

  it('go on without a log when the disk is full, and count the lines', async () => {
    await start(['--mesh-access-log=/dev/full']);
    const { listeners } = await join('curl');
    const proxy = listeners!.httpProxy!.replace('http://', '');
    const path = `http://127.0.0.1:${await serve('outside')}/`;
    expect((await ask(proxy, { path, host: path.slice(7, -1) })).status).toBe(200);
    const { metrics } = await clover.send<MeshAnswer>('GET', '/mesh');
    await expect
      .poll(async () => await (await fetch(metrics!)).text(), { timeout: 10_000 })
      .toMatch(/^clover_proxy_access_log_dropped_total\{\} 1$/m);
    expect((await ask(proxy, { path, host: path.slice(7, -1) })).status).toBe(200);
  });
});
