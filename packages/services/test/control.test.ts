// The gRPC control interfaces, asked by a client made from the .proto files by grpc's own loader.

import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceConfig } from '../src/config.ts';
import { runService } from '../src/run-service.ts';
import type { Reports } from '../src/reports.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const base = (name: string) => ({
  name,
  version: 'v1',
  instance: `${name}-v1-0`,
  namespace: 'default',
  host: '127.0.0.1',
  port: 0,
  adminPort: 0,
  controlPort: 0,
  controlHost: '127.0.0.1',
  inMesh: false,
  otlpHttpUrl: undefined,
  serverName: name,
  serverPort: 9180,
});

async function start(config: ServiceConfig, onReports?: (reports: Reports) => void) {
  const service = await runService(config, {
    sendReports: onReports && (async (reports) => onReports(reports)),
  });
  closers.push(() => service.close());
  return {
    service,
    url: () => `http://127.0.0.1:${service.port}`,
    client: nginxClient(service.controlPort),
  };
}

/** A call by its name; rejects with the status code and the details. */
function nginxClient(port: number) {
  const proto = fileURLToPath(new URL('../proto/nginx.proto', import.meta.url));
  const { nginx } = grpc.loadPackageDefinition(loadSync(proto, { keepCase: true })) as unknown as {
    nginx: { Controller: grpc.ServiceClientConstructor };
  };
  const client = new nginx.Controller(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  closers.push(() => client.close());
  return (method: string, fields: object) =>
    new Promise<string>((resolve, reject) => {
      (client[method] as Function).call(
        client,
        fields,
        (error: grpc.ServiceError | null, reply: { message: string }) =>
          error ? reject(error) : resolve(reply.message),
      );
    });
}

/** A server that says its name and what headers came. */
async function upstream(name: string): Promise<{ host: string; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server: Server = createServer((incoming, answer) => {
    seen.push(incoming);
    incoming.resume();
    answer.end(name);
  });
  server.on('upgrade', (incoming, socket: Socket, head: Buffer) => {
    seen.push(incoming);
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo\r\nx-name: it\r\n\r\n',
    );
    if (head.length > 0) socket.write(head);
    socket.on('error', () => {}).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const text = async (url: string, init?: RequestInit) => (await fetch(url, init)).text();
const BEHAVIOUR = {
  medianMs: 0,
  sigma: 0,
  errorRatio: 0,
  stallRatio: 0,
  stallMs: 0,
  restartEveryMs: 0,
  restartForMs: 0,
};

describe('ModifyLB', () => {
  const lb = (slbList: string[]): ServiceConfig => ({
    ...base('http-lb'),
    role: 'lb',
    lbPath: '/',
    slbList,
    slbGroup: 'cloverlb',
    timeoutMs: 2000,
    retries: 0,
    endpoints: {},
  });

  it('changes the servers under load with no request failed', async () => {
    const [a, b] = await Promise.all([upstream('a'), upstream('b')]);
    const { url, client } = await start(lb([`http://${a.host}`]));
    let running = true;
    const answers: { status: number; text: string }[] = [];
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (running) {
          const response = await fetch(url());
          answers.push({ status: response.status, text: await response.text() });
        }
      }),
    );
    for (let turn = 0; turn < 50; turn++)
      await client('ModifyLB', { slb_list: JSON.stringify([turn % 2 === 0 ? b.host : a.host]) });
    await client('ModifyLB', { slb_list: `[{'url': '${b.host}'}]` });
    running = false;
    await load;
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map((one) => one.text))).toEqual(new Set(['a', 'b']));
    for (let turn = 0; turn < 4; turn++) expect(await text(url())).toBe('b');
  });

  it('refuses what is wrong, all of it, and changes nothing', async () => {
    const a = await upstream('a');
    const { url, client } = await start(lb([`http://${a.host}`]));
    await expect(
      client('ModifyLB', {
        server_port: '99999',
        slb_list: `['https://x', 'no.such.host.invalid:1']`,
        lb_path: 'x',
      }),
    ).rejects.toMatchObject({
      code: grpc.status.INVALID_ARGUMENT,
      details: [
        'server_port: "99999" is no port from 1 to 65535',
        'lb_path: "x" is no path: it has to begin with / and hold no blanks',
        'slb_list[0]: "https://x": only http is passed on',
        'slb_list[1]: there is no host no.such.host.invalid',
      ].join('\n'),
    });
    expect(await text(url())).toBe('a');
  });

  it('moves to another port; what is under way is finished on the old one', async () => {
    const a = await upstream('a');
    const { service, url, client } = await start(lb([`http://${a.host}`]));
    const taken = Number(a.host.split(':')[1]);
    await expect(client('ModifyLB', { server_port: String(taken) })).rejects.toMatchObject({
      details: `server_port: cannot listen on ${taken}: EADDRINUSE`,
    });
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const before = url();
    await client('ModifyLB', { server_port: String(port) });
    expect(service.port).toBe(port);
    expect(await text(url())).toBe('a');
    await expect
      .poll(() => text(before).catch((error: Error) => error.message))
      .toBe('fetch failed');
  });

  it('is not what a proxy has', async () => {
    const { client } = await start(lb(['http://127.0.0.1:1']));
    await expect(client('ModifyProxy', {})).rejects.toMatchObject({
      code: grpc.status.UNIMPLEMENTED,
    });
  });
});

describe('ModifyProxy', () => {
  const proxy = (proxyPath: string, mirrorPath?: string, inMesh = false): ServiceConfig => ({
    ...base('proxy-access-control'),
    inMesh,
    role: 'proxy',
    locationPath: '/',
    proxyPath,
    mirrorPath,
    denyPaths: ['/admin'],
    timeoutMs: 2000,
    endpoints: {},
  });

  it('changes where requests and their copies go, and ends the copies', async () => {
    const [a, b, mirror] = await Promise.all(['a', 'b', 'm'].map(upstream));
    const { url, client } = await start(proxy(`http://${a!.host}`));
    expect(await text(url())).toBe('a');
    await client('ModifyProxy', { proxy_path: `http://${b!.host}`, mirror_path: mirror!.host });
    expect(await text(`${url()}/x?y=1`)).toBe('b');
    await expect.poll(() => mirror!.seen.map((one) => one.url)).toEqual(['/x?y=1']);
    await client('ModifyProxy', { mirror_path: 'off', location_path: '/only' });
    expect((await fetch(`${url()}/other`)).status).toBe(404);
    expect(await text(`${url()}/only`)).toBe('b');
    expect(mirror!.seen).toHaveLength(1);
  });

  it.each([
    { where: 'in a mesh the name of where they go, which is what sidecars go by', inMesh: true },
    { where: 'outside of one the name that was asked for', inMesh: false },
  ])('gives copies $where', async ({ inMesh }) => {
    const [a, mirror] = await Promise.all(['a', 'm'].map(upstream));
    const { url } = await start(proxy(`http://${a!.host}`, `http://${mirror!.host}`, inMesh));
    expect(await text(url())).toBe('a');
    const host = inMesh ? mirror!.host : new URL(url()).host;
    await expect.poll(() => mirror!.seen.map(({ headers }) => headers.host)).toEqual([host]);
  });

  it('sets X-Real-IP, X-Forwarded-For and X-Forwarded-Proto', async () => {
    const a = await upstream('a');
    const { url } = await start(proxy(`http://${a.host}`));
    await text(url(), { headers: { 'x-forwarded-for': '10.0.0.9', 'x-real-ip': '6.6.6.6' } });
    expect(a.seen[0]!.headers).toMatchObject({
      'x-real-ip': '127.0.0.1',
      'x-forwarded-for': '10.0.0.9, 127.0.0.1',
      'x-forwarded-proto': 'http',
    });
  });

  it('passes a WebSocket upgrade through, both ways, until either side ends', async () => {
    const a = await upstream('a');
    const { url } = await start(proxy(`http://${a.host}`));
    const outgoing = request(`${url()}/chat`, {
      headers: { connection: 'Upgrade', upgrade: 'echo', 'sec-websocket-version': '13' },
    }).end();
    const [response, socket] = (await once(outgoing, 'upgrade')) as [IncomingMessage, Socket];
    expect(response.statusCode).toBe(101);
    expect(response.headers).toMatchObject({ upgrade: 'echo', 'x-name': 'it' });
    expect(a.seen[0]!.headers).toMatchObject({
      upgrade: 'echo',
      'sec-websocket-version': '13',
      'x-real-ip': '127.0.0.1',
    });
    for (const word of ['hello', 'again']) {
      socket.write(word);
      expect(String((await once(socket, 'data'))[0])).toBe(word);
    }
    socket.end();
    await once(socket, 'close');
  });

  it('answers an upgrade that it may not pass on, or that nobody takes', async () => {
    const { url } = await start(proxy('http://127.0.0.1:1'));
    for (const [path, status] of [
      ['/admin', 403],
      ['/chat', 502],
    ] as const) {
      const outgoing = request(url() + path, {
        headers: { connection: 'Upgrade', upgrade: 'echo' },
      }).end();
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      response.resume();
      expect(response.statusCode).toBe(status);
    }
  });

  it('ProcessAlerts takes an alert of the IDS', async () => {
    const { client } = await start(proxy('http://127.0.0.1:1'));
    expect(await client('ProcessAlerts', { event_id: '7', redis_key: 'snort_event:7' })).toBe(
      'processed alert snort_event:7',
    );
    await expect(client('ProcessAlerts', {})).rejects.toMatchObject({
      details: 'event_id is missing',
    });
  });
});

describe('ModifyServer', () => {
  const server: ServiceConfig = {
    ...base('clover-server1'),
    role: 'server',
    siteRoot: undefined,
    siteIndex: 'index.html',
    locations: [],
    uploadPathConfig: '/uploads/',
    uploadPathTest: '/upload-test',
    behaviour: BEHAVIOUR,
  };
  const ORIGINAL = {
    server_port: '9180',
    server_name: 'clover-server1',
    site_root: '/var/www/html',
    site_index: 'index.html',
    upload_path_config: '/upload',
    upload_path_test: '/upload_test',
    locations: `[{'uri_match': '/clover/testurl', 'directive': 'try_files $uri @default2', 'path': '/clover/testurl'}]`,
  };

  it('takes the original’s file: uploads are kept, reported, and shown where `files` says', async () => {
    const reported: Reports[] = [];
    const { url, client } = await start(server, (reports) => reported.push(reports));
    await client('ModifyServer', ORIGINAL);
    const form = new FormData();
    form.set('note', 'not a file');
    form.set('file1', new File(['picture'], 'file1.png', { type: 'image/png' }));
    const answer = await fetch(`${url()}/upload`, { method: 'POST', body: form });
    const md5 = createHash('md5').update('picture').digest('hex');
    const upload = {
      name: 'file1.png',
      contentType: 'image/png',
      path: '/var/www/html/upload/0000000001',
      md5,
      sizeBytes: 7,
    };
    expect([answer.status, await answer.json()]).toEqual([201, upload]);
    await expect
      .poll(() => reported.flatMap(({ uploads }) => uploads))
      .toMatchObject([{ ...upload, server: 'clover-server1-v1-0' }]);
    expect((await fetch(`${url()}/clover/testurl/file1.png`)).status).toBe(404);
    await client('ModifyServer', {
      files: `[{'src_file': '${upload.path}', 'dest_file': 'var/www/html/clover/testurl/file1.png'}]`,
    });
    const shown = await fetch(`${url()}/clover/testurl/file1.png`);
    expect([shown.status, shown.headers.get('content-type'), await shown.text()]).toEqual([
      200,
      'image/png',
      'picture',
    ]);
  });

  it('throws uploads for testing away', async () => {
    const reported: Reports[] = [];
    const { url, client } = await start(server, (reports) => reported.push(reports));
    await client('ModifyServer', ORIGINAL);
    const answer = await fetch(`${url()}/upload_test`, { method: 'POST', body: 'x' });
    expect(answer.status).toBe(204);
    expect(await (await fetch(`${url()}/upload`)).json()).toEqual([]);
    expect(reported).toEqual([]);
  });

  it('refuses folders that are not there, directives it does not have, uploads nobody sent', async () => {
    const { url, client } = await start(server);
    await expect(
      client('ModifyServer', {
        site_root: '/no/such/folder',
        site_index: '../x',
        locations: `[{"uri_match": "/a", "directive": "proxy_pass http://x"}, {"uri_match": "b"}]`,
        files: `[{"src_file": "/x", "dest_file": "../../etc/passwd"}]`,
      }),
    ).rejects.toMatchObject({
      details: [
        'site_root: there is no folder /no/such/folder',
        'site_index: "../x" is no file name',
        'locations[0].directive: "proxy_pass http://x" is none of root, alias, try_files $uri',
        'locations[1].uri_match: a path that begins with / is wanted',
        'files[0].src_file: no upload is kept at "/x"',
        'files[0].dest_file: "../../etc/passwd" is no file below /var/www/html',
      ].join('\n'),
    });
    expect((await fetch(url())).status).toBe(200);
  });
});
