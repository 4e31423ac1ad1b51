// The data plane's own process: it listens, and does what its owner says over IPC. When the owner is
// gone it ends.

import { CloverError } from '@clover/model';
import { tellBug } from '../bug.ts';
import { createDataPlane, type LocalDataPlane } from '../mesh/create-data-plane.ts';
import { openAuthority } from '../identity/authority.ts';
import { createIdentities, type Identities } from '../identity/identities.ts';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import type { FromWorker, ToWorker, WorkerError, WorkerSettings } from './messages.ts';
import { createOutburst } from './outburst.ts';
import { serveMetrics, type MetricsServer } from './serve-metrics.ts';

interface Running {
  readonly plane: LocalDataPlane;
  readonly telemetry: Telemetry;
  readonly identities: Identities | undefined;
  readonly metrics: MetricsServer | undefined;
}
let running: Running | undefined;

process.on('message', (message: ToWorker) => {
  const { id } = message;
  handle(message).then(
    (value) => answer({ id, value }),
    (error: unknown) => answer({ id, error: describe(error) }),
  );
});
// A data plane goes on: what it serves does not depend on the one request that met a mistake. State is kept for
// each exchange and each connection, whose own guards clean up; what is shared (route tables, clusters, pools)
// is replaced as a whole or counted, so that at worst a count is off by one. A process in which it happens again
// and again is not sound, and its owner starts another with the same configuration.
const outburst = createOutburst({ most: 100, withinMs: 60_000 });
process.on('uncaughtException', (error) => {
  tellBug(error);
  if (outburst()) process.exit(1);
});
// What ends Clover reaches the whole group, from a terminal and from a supervisor: the owner decides when the
// traffic ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => void end());

async function handle(message: ToWorker): Promise<unknown> {
  switch (message.kind) {
    case 'start':
      running = await start(message.settings);
      return { metricsUrl: running.metrics?.url ?? null };
    case 'apply':
      return running!.plane.apply(message.config);
    case 'statistics':
      return running!.plane.statistics();
    case 'flush':
      await running!.telemetry.flush();
      return null;
    case 'close':
      await close();
      setImmediate(() => process.disconnect());
      return null;
  }
}

async function start(wanted: WorkerSettings): Promise<Running> {
  const { metrics, identities: kept, ...settings } = wanted;
  const telemetry = createTelemetry({
    ...wanted.telemetry,
    clusters: () => plane.clusters(),
    load: () => plane.load(),
  });
  const identities = kept && createIdentities({ ...kept, authority: openAuthority({ ...kept }) });
  const plane = createDataPlane({
    ...settings,
    sink: telemetry,
    onTcpEnd: telemetry.tcpEnded,
    ...(identities && { identities }),
  });
  return {
    plane,
    telemetry,
    identities,
    metrics: metrics && (await serveMetrics(metrics, telemetry)),
  };
}

async function close(): Promise<void> {
  const was = running;
  running = undefined;
  if (was === undefined) return;
  await was.plane.close();
  await was.metrics?.close();
  await was.telemetry.close();
  was.identities?.close();
}

async function end(): Promise<void> {
  await close();
  process.exit(0);
}

function answer(message: FromWorker): void {
  if (process.connected) process.send!(message);
}

function describe(error: unknown): WorkerError {
  const { message } = error as Error;
  if (error instanceof CloverError)
    return { code: error.code, message, hint: error.hint, status: error.status };
  return { code: 'proxy.worker_failed', message: String(message), hint: undefined, status: 500 };
}
