import { setTimeout as sleep } from 'node:timers/promises';
import { createAdminService } from './admin-service.ts';
import type { Reach, ServiceConfig } from './config.ts';
import { createCounters } from './counters.ts';
import { createControlServer } from './control/control-server.ts';
import { createRole } from './create-role.ts';
import { createHttpService, type HttpService } from './http-service.ts';
import { createReporter, type SendReports } from './reports.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';

/** Where a service listens; the clients have no port of their own: 0. */
export interface Ports {
  readonly instance: string;
  readonly port: number;
  readonly adminPort: number;
  /** Of the gRPC control interface; 0 where there is none. */
  readonly controlPort: number;
}

export interface RunningService extends Ports {
  /** Tells it where others are now; in force for the next request. */
  reach(reach: Reach): void;
  close(): Promise<void>;
}

/**
 * Starts one service of any role, and its admin listener: `GET /metrics`, `PUT /-/flush` (answers when
 * nothing is under way and all spans are sent); the clients also take `PUT /-/rate` with a number
 * (PUT because a page of another origin cannot send it unasked). Rejects when a port is taken.
 */
export async function runService(
  config: ServiceConfig,
  options: { readonly sendReports?: SendReports | undefined } = {},
): Promise<RunningService> {
  const telemetry = await createTelemetry(config);
  const reporter = createReporter(options.sendReports);
  const counters = createCounters(
    { service: config.name, version: config.version, instance: config.instance },
    {
      envoyNames: !config.inMesh,
      extra: () => [
        ...(config.inMesh ? [] : ownSpans(telemetry.exported)),
        {
          name: 'clover_demo_reports_dropped_total',
          help: 'Alerts and uploads that the controller was not told of.',
          value: reporter.dropped,
        },
      ],
    },
  );
  let service: HttpService | undefined;
  const {
    handler,
    upgrade,
    control,
    admin: adminHandlers,
    reach,
    close,
  } = createRole(config, {
    telemetry,
    counters,
    reporter,
    moveTo: async (port) => service?.moveTo(port),
  });
  service = handler && (await createHttpService(config, { telemetry, counters, handler, upgrade }));
  const admin = await createAdminService(
    { host: config.host, port: config.adminPort },
    {
      'GET /metrics': () => ({ status: 200, text: counters.text() }),
      'PUT /-/flush': async () => {
        while (!counters.idle) await sleep(10);
        await Promise.all([telemetry.flush(), reporter.flush()]);
        return { status: 200, text: `${telemetry.exported.sent}\n` };
      },
      ...adminHandlers,
    },
  );
  const controlServer =
    control && config.controlPort !== undefined
      ? await createControlServer({ host: config.controlHost, port: config.controlPort }, control)
      : undefined;
  const restarts =
    service && config.role === 'server' ? scheduleRestarts(config, service.pause) : undefined;
  return {
    instance: config.instance,
    get port() {
      return service?.port ?? 0;
    },
    adminPort: admin.port,
    controlPort: controlServer?.port ?? 0,
    reach: (where) => reach?.(where),
    async close() {
      clearInterval(restarts);
      await controlServer?.close();
      await service?.close();
      close?.();
      await reporter.close();
      await telemetry.close();
      await admin.close();
    },
  };
}

function ownSpans({ sent, failed }: Telemetry['exported']) {
  return [
    {
      name: 'envoy_tracing_zipkin_spans_sent',
      help: "Spans sent, under the original's name; here they go by OTLP.",
      value: sent,
    },
    {
      name: 'clover_demo_spans_failed_total',
      help: 'Spans given up after retries.',
      value: failed,
    },
  ];
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
