// The sample services changed over REST, by this Clover's paths and those of 2018: real programs behind.

import { setTimeout as sleep } from 'node:timers/promises';
import type { IdsAlertsAnswer, Problem, UploadsAnswer } from '@clover/model';
import { type Demo, startDemo } from '@clover/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEventHub } from '../src/events/event-hub.ts';
import { createServicesControl, type ServicesControl } from '../src/services/services-control.ts';
import { type RealApp, startRealApp } from './support/real-app.ts';

describe('the sample services', () => {
  let demo: Demo;
  let real: RealApp;
  let services: ServicesControl;
  beforeAll(async () => {
    demo = await startDemo({
      otlpHttpUrl: 'http://127.0.0.1:9',
      rate: 0,
      restartEveryMs: 0,
      onReports: ({ alerts, uploads }) => {
        void services.takeAlerts(alerts);
        void services.takeUploads(uploads);
      },
    });
    real = await startRealApp((store) => {
      services = createServicesControl(demo.controlAddresses, { store, events: createEventHub() });
      return { services };
    });
  });
  afterAll(async () => {
    await real?.close();
    await demo?.close();
  });
  const post = async (url: string, payload: object) => {
    const response = await real.app.inject({ method: 'POST', url, payload });
    return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
  };
  const server = async (instance: string) => {
    const response = await fetch(`${demo.urls[instance]}/catalog`);
    return ((await response.json()) as { server: string }).server;
  };

  it('a load balancer takes the original’s file, on both paths', async () => {
    const file = {
      server_port: '9180',
      server_name: 'http-lb-v1',
      lb_name: 'http-lb-v1.default',
      lb_group: 'cloverlb',
      lb_path: '/',
      lb_list: [{ url: 'clover-server4:9180' }, { url: 'clover-server5:9180' }],
    };
    expect(await post('/api/v1/services/lb', file)).toEqual({
      status: 200,
      body: { service: 'http-lb-v1-0', message: 'modified http-lb-v1' },
    });
    const seen = new Set<string>();
    for (let turn = 0; turn < 4; turn++) seen.add(await server('http-lb-v1-0'));
    expect(seen).toEqual(new Set(['clover-server4', 'clover-server5']));
    const back = { ...file, lb_list: [{ url: 'clover-server2:9180' }] };
    expect(await post('/nginx/lb', back)).toMatchObject({ status: 200 });
    expect(await server('http-lb-v1-0')).toBe('clover-server2');
  });

  it('says what a service refused, and whom it does not know', async () => {
    expect(
      await post('/api/v1/services/proxy', { proxy_path: 'nowhere.invalid:9180', server_port: 0 }),
    ).toMatchObject({
      status: 400,
      body: {
        code: 'services.bad_setting',
        issues: [
          { message: 'server_port: "0" is no port from 1 to 65535' },
          { message: 'proxy_path: there is no host nowhere.invalid' },
        ],
      },
    });
    expect(await post('/api/v1/services/lb', { lb_name: 'http-lb' })).toMatchObject({
      status: 400,
      body: { code: 'services.ambiguous' },
    });
    expect(await post('/api/v1/services/server', { server_name: 'x' })).toMatchObject({
      status: 404,
      body: { code: 'services.unknown' } satisfies Partial<Problem>,
    });
    expect(await post('/api/v1/services/lb', { lb_list: [] })).toMatchObject({ status: 400 });
  });

  it('rules go to the IDS, alerts come back with the trace of their request', async () => {
    const rule = {
      sid: '10000005',
      protocol: 'tcp',
      dest_port: 'any',
      dest_ip: '$HOME_NET',
      src_port: 'any',
      src_ip: 'any',
      msg: 'somebody looks for tea',
      rev: '001',
      content: '"/search?q=tea"',
    };
    expect(await post('/snort/addrule', rule)).toMatchObject({
      status: 200,
      body: { message: 'added 1, refused 0, in force 2', refused: [] },
    });
    expect(await post('/api/v1/ids/rules', { ...rule, protocol: 'icmp' })).toMatchObject({
      status: 400,
      body: { title: expect.stringContaining('icmp: this sensor sees HTTP requests only') },
    });
    await fetch(`${demo.frontUrl}/search?q=tea`, { headers: { 'user-agent': 'asafaweb.com' } });
    const alerts = () => real.get<IdsAlertsAnswer>('/api/v1/ids/alerts?since=1h');
    await expect.poll(async () => (await alerts()).items.length, { timeout: 10_000 }).toBe(2);
    const { items } = await alerts();
    expect(new Set(items.map(({ sid }) => sid))).toEqual(new Set([10000003, 10000005]));
    expect(items[0]).toMatchObject({ userAgent: 'asafaweb.com', url: '/search?q=tea' });
    expect(items[0]!.traceId).toMatch(/^[0-9a-f]{32}$/);
    const one = await real.get<IdsAlertsAnswer>('/api/v1/ids/alerts?since=1h&sid=10000005');
    expect(one.items).toHaveLength(1);
    expect(await real.get<object[]>('/snort/get_events')).toMatchObject([
      { 'generator-id': 1, msg: expect.any(String) },
      {},
    ]);
  });

  it('stops and starts the IDS', async () => {
    expect(await post('/snort/stop', { pid: 12 })).toMatchObject({ status: 200 });
    await fetch(demo.frontUrl, { headers: { 'user-agent': 'asafaweb.com' } });
    await sleep(300);
    expect(await post('/api/v1/ids/start', {})).toMatchObject({
      body: { message: expect.stringMatching(/^started with 2 rules/) },
    });
    const { items } = await real.get<IdsAlertsAnswer>('/api/v1/ids/alerts?since=1h');
    expect(items).toHaveLength(2);
  });

  it('an upload is reported, and one of 2018’s forms too', async () => {
    const file = { server_name: 'clover-server2', upload_path_config: '/upload' };
    expect(await post('/nginx/server', file)).toMatchObject({ status: 200 });
    const form = new FormData();
    form.set('file1', new File(['x'], 'a.png', { type: 'image/png' }));
    const sent = await fetch(`${demo.urls['clover-server2-v1-0']}/upload`, {
      method: 'POST',
      body: form,
    });
    expect(sent.status).toBe(201);
    const told = await real.app.inject({
      method: 'POST',
      url: '/upload',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'upload.name=b.png&upload.path=/var/www/html/upload/0000000009&upload.server=old',
    });
    expect(told.json()).toEqual({ message: '1 file(s) reported' });
    const uploads = () => real.get<UploadsAnswer>('/api/v1/uploads?since=1h');
    await expect.poll(async () => (await uploads()).items.length).toBe(2);
    expect((await uploads()).items.find(({ name }) => name === 'a.png')).toMatchObject({
      server: 'clover-server2-v1-0',
      contentType: 'image/png',
      path: '/var/www/html/upload/0000000001',
      sizeBytes: 1,
    });
    expect(await real.get<string[]>('/upload/get')).toContain(
      'b.png:/var/www/html/upload/0000000009:old',
    );
  });

  it('the same alert reported twice counts once', async () => {
    const { items } = await real.get<IdsAlertsAnswer>('/api/v1/ids/alerts?since=1h');
    expect(await post('/api/v1/ids/alerts', { alerts: items })).toMatchObject({
      body: { taken: 2 },
    });
    const again = await real.get<IdsAlertsAnswer>('/api/v1/ids/alerts?since=1h');
    expect(again.items).toEqual(items);
  });
});
