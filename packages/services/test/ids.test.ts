// snort-ids behind a proxy that mirrors to it: the alert demos of the original, rules over gRPC.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../src/config-from-env.ts';
import { runService, type RunningService } from '../src/run-service.ts';
import type { Reports } from '../src/reports.ts';

const SCAN = {
  sid: '10000003',
  protocol: 'tcp',
  dest_port: 'any',
  dest_ip: '$HOME_NET',
  src_port: 'any',
  src_ip: 'any',
  msg: 'MALWARE-CNC User-Agent ASafaWeb Scan',
  rev: '001',
  content: '"asafaweb.com"',
};

describe('snort-ids', () => {
  const reports: Reports[] = [];
  const alerts = () => reports.flatMap((one) => one.alerts);
  let proxy: RunningService;
  let ids: RunningService;
  let call: (method: string, fields: object) => Promise<string>;
  const closers: (() => unknown)[] = [];
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });

  beforeAll(async () => {
    const shop = createServer((incoming, answer) => {
      incoming.resume();
      answer.end('shop');
    }).listen(0, '127.0.0.1');
    await once(shop, 'listening');
    closers.push(() => {
      shop.closeAllConnections();
      shop.close();
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
    });
    ids = await runService(
      {
        ...base('snort-ids'),
        role: 'observer',
        rules: DEFAULT_RULES,
        variables: {},
        destinationPort: 80,
        alertsTo: undefined,
      },
      { sendReports: async (one) => void reports.push(one) },
    );
    closers.push(() => ids.close());
    proxy = await runService({
      ...base('proxy-access-control'),
      role: 'proxy',
      serverName: 'proxy-access-control',
      serverPort: 9180,
      locationPath: '/',
      proxyPath: `http://127.0.0.1:${(shop.address() as AddressInfo).port}`,
      mirrorPath: `http://127.0.0.1:${ids.port}`,
      denyPaths: [],
      timeoutMs: 2000,
      endpoints: {},
    });
    closers.push(() => proxy.close());
    await fetch(`http://127.0.0.1:${ids.adminPort}/-/alerts-to`, {
      method: 'PUT',
      body: `127.0.0.1:${proxy.controlPort}`,
    });
    const proto = fileURLToPath(new URL('../proto/snort.proto', import.meta.url));
    const { snort } = grpc.loadPackageDefinition(
      loadSync(proto, { keepCase: true }),
    ) as unknown as {
      snort: { Controller: grpc.ServiceClientConstructor };
    };
    const client = new snort.Controller(
      `127.0.0.1:${ids.controlPort}`,
      grpc.credentials.createInsecure(),
    );
    closers.push(() => client.close());
    call = (method, fields) =>
      new Promise((resolve, reject) => {
        (client[method] as Function).call(
          client,
          fields,
          (error: grpc.ServiceError | null, reply: { message: string }) =>
            error ? reject(error) : resolve(reply.message),
        );
      });
  });

  const ask = async (path: string, headers: Record<string, string> = {}, body?: string) => {
    const method = body === undefined ? 'GET' : 'POST';
    const response = await fetch(`http://127.0.0.1:${proxy.port}${path}`, {
      method,
      headers,
      body: body ?? null,
    });
    expect(await response.text()).toBe('shop');
  };
  const counter = async (service: RunningService, name: string) => {
    const text = await (await fetch(`http://127.0.0.1:${service.adminPort}/metrics`)).text();
    return Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  };

  it('tells of the scanner asafaweb.com: the report, and the proxy over gRPC', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    await ask('/products/1000?x=1', {
      'user-agent': 'asafaweb.com',
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    });
    await expect.poll(() => alerts().length).toBe(1);
    expect(alerts()[0]).toMatchObject({
      sensor: 'snort-ids-v1-0',
      sid: 10000003,
      rev: 1,
      msg: 'MALWARE-CNC User-Agent ASafaWeb Scan',
      sourceAddress: '127.0.0.1',
      destinationPort: 80,
      method: 'GET',
      host: `127.0.0.1:${proxy.port}`,
      url: '/products/1000?x=1',
      userAgent: 'asafaweb.com',
      traceId,
    });
    await expect.poll(() => counter(proxy, 'clover_demo_alerts_processed_total')).toBe(1);
  });

  it('takes the original’s rule files, and refuses by name what it cannot see', async () => {
    expect(await call('AddRules', { ...SCAN, sid: '10000004', content: '"evil"' })).toBe(
      'added 1, refused 0, in force 2',
    );
    await expect(
      call('AddRules', { ...SCAN, sid: '10000001', protocol: 'icmp', content: '' }),
    ).rejects.toMatchObject({
      code: grpc.status.INVALID_ARGUMENT,
      details: 'rules:1:7: sid 10000001: icmp: this sensor sees HTTP requests only',
    });
    await expect(call('AddRules', SCAN)).resolves.toBe('added 1, refused 0, in force 2');
    await expect(call('AddRules', { ...SCAN, rev: '0' })).rejects.toMatchObject({
      details: expect.stringContaining('rev: "0" is no whole number from 1'),
    });
  });

  it('takes a file of rules and says which it does not', async () => {
    const message = await call('AddRules', {
      rules: `
# a shop's rules
alert tcp any any -> any any (msg:"SQL"; content:"union"; nocase; http_uri; content:"select"; nocase; distance:1; http_uri; classtype:web-application-attack; sid:20;)
alert tcp any any -> any any (msg:"XSS"; content:"<script"; nocase; http_client_body; sid:21;)
alert tcp any any -> any any (msg:"flags"; flags:S; sid:22;)
alert tcp any any -> any any (msg:"many"; content:"/login"; http_uri; detection_filter:track by_src,count 3,seconds 60; sid:23;)
`,
    });
    expect(message).toBe(
      'added 3, refused 1, in force 5\nrules:5:44: sid 22: flags: this engine does not do it',
    );
    const before = alerts().length;
    await ask('/search?q=1%20UNION%20all%20SeLeCt%201');
    await ask('/comment', { 'content-type': 'text/plain' }, 'hi <SCRIPT>alert(1)</SCRIPT>');
    for (let time = 0; time < 5; time++) await ask('/login');
    await expect
      .poll(() =>
        alerts()
          .slice(before)
          .map(({ sid }) => sid),
      )
      .toEqual([20, 21, 23, 23]);
    expect(alerts()[before]).toMatchObject({ priority: 1, classtype: 'web-application-attack' });
  });

  it('is stopped and started', async () => {
    const before = alerts().length;
    expect(await call('StopSnort', { pid: '0' })).toBe(`stopped, pid ${process.pid}`);
    const seen = () => counter(ids, 'clover_demo_request_duration_seconds_count');
    const earlier = await seen();
    await ask('/', { 'user-agent': 'asafaweb.com' });
    await expect.poll(seen).toBe(earlier + 1);
    expect(await call('StartSnort', { pid: '0' })).toBe(`started with 5 rules, pid ${process.pid}`);
    await ask('/again', { 'user-agent': 'asafaweb.com' });
    await expect
      .poll(() =>
        alerts()
          .slice(before)
          .map(({ url }) => url),
      )
      .toEqual(['/again']);
  });
});
