import { setTimeout as sleep } from 'node:timers/promises';
import { type AdminHandler, createAdminService } from './admin-service.ts';
import { createClients } from './clients.ts';
import type { ServiceConfig } from './config.ts';
import { type Counters, createCounters } from './counters.ts';
import { createHttpService, type Handler } from './http-service.ts';
import { createLoadBalancer } from './load-balancer.ts';
import { createObserver } from './observer.ts';
import { createProxy } from './proxy.ts';
import { createCloverServer } from './server.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';
import { createUpstream } from './upstream.ts';

/** Where a service listens; the clients have no port of their own: 0. */
export interface Ports {
  readonly instance: string;
  readonly port: number;
  readonly adminPort: number;
}

export interface RunningService extends Ports {
  close(): Promise<void>;
}

/**
 * Starts one service of any role, and its admin listener: `GET /metrics`, `PUT /-/flush` (answers when
 * nothing is under way and all spans are sent); the clients also take `PUT /-/rate` with a number
 * (PUT because a page of another origin cannot send it unasked). Rejects when a port is taken.
 */
export async function runService(config: ServiceConfig): Promise<RunningService> {
  const telemetry = createTelemetry(config);
  const counters = createCounters(
    { service: config.name, version: config.version, instance: config.instance },
    () => [
      {
        name: 'envoy_tracing_zipkin_spans_sent',
        help: "Spans sent, under the original's name; here they go by OTLP.",
        value: telemetry.exported.sent,
      },
      {
        name: 'clover_demo_spans_failed_total',
        help: 'Spans given up after retries.',
        value: telemetry.exported.failed,
      },
    ],
  );
  const { handler, control, close } = createRole(config, telemetry, counters);
  const service = handler && (await createHttpService(config, { telemetry, counters, handler }));
  const admin = await createAdminService(
    { host: config.host, port: config.adminPort },
    {
      'GET /metrics': () => ({ status: 200, text: counters.text() }),
      'PUT /-/flush': async () => {
        while (!counters.idle) await sleep(10);
        await telemetry.flush();
        return { status: 200, text: `${telemetry.exported.sent}\n` };
      },
      ...control,
    },
  );
  const restarts =
    service && config.role === 'server' ? scheduleRestarts(config, service.pause) : undefined;
  return {
    instance: config.instance,
    port: service?.port ?? 0,
    adminPort: admin.port,
    async close() {
      clearInterval(restarts);
      close?.();
      await service?.close();
      await telemetry.close();
      await admin.close();
    },
  };
}

interface Role {
  readonly handler?: Handler;
  readonly control?: Readonly<Record<string, AdminHandler>>;
  close?(): void;
}

function createRole(config: ServiceConfig, telemetry: Telemetry, counters: Counters): Role {
  switch (config.role) {
    case 'proxy': {
      const upstream = createUpstream({ telemetry, counters, endpoints: config.endpoints });
      return { handler: createProxy(config, upstream), close: () => upstream.close() };
    }
    case 'lb': {
      const upstream = createUpstream({ telemetry, counters, endpoints: config.endpoints });
      return { handler: createLoadBalancer(config, upstream), close: () => upstream.close() };
    }
    case 'server':
      return { handler: createCloverServer(config, telemetry) };
    case 'observer':
      return { handler: createObserver(config, counters) };
    case 'clients': {
      const clients = createClients(config, counters);
      const setRate: AdminHandler = async (body) => {
        const rate = body.trim() === '' ? Number.NaN : Number(body);
        if (!(rate >= 0 && rate <= 5000))
          return { status: 400, text: 'send a number from 0 to 5000\n' };
        clients.setRate(rate);
        if (rate === 0) while (clients.inFlight > 0) await sleep(10);
        return { status: 200, text: `${rate}\n` };
      };
      return { control: { 'PUT /-/rate': setRate }, close: () => clients.close() };
    }
  }
}

function scheduleRestarts(
  config: Extract<ServiceConfig, { role: 'server' }>,
  pause: (forMs: number) => Promise<void>,
): NodeJS.Timeout | undefined {
  const { restartEveryMs, restartForMs } = config.behaviour;
  if (restartEveryMs <= 0) return undefined;
  return setInterval(() => {
    pause(restartForMs).catch((error: Error) => {
      // A server that cannot come back, because its port was taken, ends, and is seen to.
      if (error.name !== 'AbortError') throw error;
    });
  }, restartEveryMs);
}
