// What a service does, by its role: how it answers, and what can be changed while it runs.

import { CloverError } from '@clover/model';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AdminHandler } from './admin-service.ts';
import { createClients } from './clients.ts';
import type {
  ClientsConfig,
  ObserverConfig,
  Reach,
  ServerConfig,
  ServiceConfig,
} from './config.ts';
import type { Control } from './control/control-server.ts';
import { createLiveConfig } from './control/live-config.ts';
import { modifyLoadBalancer } from './control/modify-lb.ts';
import { modifyProxy } from './control/modify-proxy.ts';
import { modifyServer } from './control/modify-server.ts';
import type { Counters } from './counters.ts';
import { SERVICES_ERRORS } from './errors.ts';
import type { Handler, UpgradeHandler } from './http-service.ts';
import { createLoadBalancer } from './load-balancer.ts';
import { createAlertForwarder } from './ids/alert-forwarder.ts';
import { createSensor } from './ids/sensor.ts';
import { createProxy } from './proxy.ts';
import type { Reporter } from './reports.ts';
import { createCloverServer } from './server.ts';
import type { Telemetry } from './telemetry.ts';
import { createUploads, type Upload, type UploadFacts } from './uploads.ts';
import { createUpstream } from './upstream.ts';

export interface Role {
  readonly handler?: Handler;
  readonly upgrade?: UpgradeHandler;
  readonly control?: Control;
  readonly admin?: Readonly<Record<string, AdminHandler>>;
  reach?(reach: Reach): void;
  close?(): void;
}

export interface RoleParts {
  readonly telemetry: Telemetry;
  readonly counters: Counters;
  readonly reporter: Reporter;
  readonly moveTo: (port: number) => Promise<void>;
}

export function createRole(config: ServiceConfig, parts: RoleParts): Role {
  const { telemetry, counters, moveTo } = parts;
  switch (config.role) {
    case 'proxy': {
      const live = createLiveConfig(config, moveTo);
      let { endpoints } = config;
      const upstream = createUpstream({ telemetry, counters, endpoints: () => endpoints });
      return {
        ...createProxy(live.current, upstream),
        control: {
          name: 'nginx',
          methods: {
            ModifyProxy: async (fields) => {
              await live.change(await modifyProxy({ ...live.current(), endpoints }, fields));
              return `modified ${live.current().serverName}`;
            },
            ProcessAlerts: async ({ event_id: id = '', redis_key: key = '' }) => {
              if (id === '')
                throw new CloverError(SERVICES_ERRORS.badSetting, 'event_id is missing', {
                  status: 400,
                });
              counters.add(
                'clover_demo_alerts_processed_total',
                'Alerts of the IDS that the proxy was told of.',
                1,
              );
              return `processed alert ${key === '' ? id : key}`;
            },
          },
        },
        reach: (where) => void (endpoints = where.endpoints ?? endpoints),
        close: () => upstream.close(),
      };
    }
    case 'lb': {
      const live = createLiveConfig(config, moveTo);
      let { endpoints } = config;
      const upstream = createUpstream({ telemetry, counters, endpoints: () => endpoints });
      return {
        ...createLoadBalancer(live.current, upstream),
        control: {
          name: 'nginx',
          methods: {
            ModifyLB: async (fields) => {
              await live.change(await modifyLoadBalancer({ ...live.current(), endpoints }, fields));
              return `modified ${live.current().serverName}`;
            },
          },
        },
        reach: (where) => void (endpoints = where.endpoints ?? endpoints),
        close: () => upstream.close(),
      };
    }
    case 'server':
      return serverRole(config, parts);
    case 'observer':
      return sensorRole(config, parts);
    case 'clients':
      return clientsRole(config, counters);
  }
}

function serverRole(config: ServerConfig, { telemetry, reporter, moveTo }: RoleParts): Role {
  const live = createLiveConfig(config, moveTo);
  const uploads = createUploads();
  let site = { config, published: new Map<string, Upload>() as ReadonlyMap<string, Upload> };
  const onUpload = (upload: UploadFacts) =>
    reporter.upload({ time: new Date().toISOString(), server: config.instance, ...upload });
  return {
    handler: createCloverServer({ current: () => site, uploads, onUpload }, telemetry),
    control: {
      name: 'nginx',
      methods: {
        ModifyServer: async (fields) => {
          const change = await modifyServer(live.current(), fields, uploads);
          await live.change(change.config);
          const published = new Map([...site.published, ...change.published]);
          site = { config: change.config, published };
          return `modified ${change.config.serverName}`;
        },
      },
    },
  };
}

function sensorRole(config: ObserverConfig, { counters, reporter }: RoleParts): Role {
  const forwarder = createAlertForwarder(config.alertsTo);
  const { handler, methods } = createSensor(config, { counters, reporter, forwarder });
  const alertsTo: AdminHandler = (body) => {
    if (!/^[^\s/]+:\d+$/.test(body.trim())) return { status: 400, text: 'send host:port\n' };
    forwarder.sendTo(body.trim());
    return { status: 200, text: body };
  };
  return {
    handler,
    control: { name: 'snort', methods },
    admin: { 'PUT /-/alerts-to': alertsTo },
    close: () => forwarder.close(),
  };
}

function clientsRole(config: ClientsConfig, counters: Counters): Role {
  const clients = createClients(config, counters);
  const setRate: AdminHandler = async (body) => {
    const rate = body.trim() === '' ? Number.NaN : Number(body);
    if (!(rate >= 0 && rate <= 5000))
      return { status: 400, text: 'send a number from 0 to 5000\n' };
    clients.setRate(rate);
    if (rate === 0) while (clients.inFlight > 0) await sleep(10);
    return { status: 200, text: `${rate}\n` };
  };
  return {
    admin: { 'PUT /-/rate': setRate },
    reach: ({ target }) => void (target !== undefined && clients.goTo(target ?? undefined)),
    close: () => clients.close(),
  };
}
