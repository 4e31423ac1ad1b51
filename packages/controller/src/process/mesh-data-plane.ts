// The data plane of this process: the built-in proxy, reporting to this process's collector.

import { resolve } from 'node:path';
import { CloverError } from '@clover/model';
import { spawnDataPlane } from '@clover/proxy';
import type { Logger } from 'pino';
import type { Config } from '../config/load.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { MeshDataPlane } from '../mesh/data-plane/data-plane.ts';
import { openGatewayPorts } from '../mesh/data-plane/gateway-ports.ts';
import { createProxyDriver } from '../mesh/data-plane/proxy-driver.ts';
import { isLoopback } from '../config/values.ts';
import type { Collection } from './collect.ts';
import type { LoadedMeshSettings } from './mesh-settings.ts';

/** Throws `config.bad_value` for settings that do not hold, `proxy.not_started`. */
export async function startMeshDataPlane(
  config: Config,
  parts: {
    collection: Collection;
    events: EventHub;
    logger: Logger;
    /** Where the mesh's own authority is kept. */
    identityFolder: string;
    gatewayPortsFile: string;
    /** A second OTLP/HTTP receiver of the spans. */
    alsoOtlpHttpUrl?: string | undefined;
    mesh: LoadedMeshSettings;
  },
): Promise<MeshDataPlane> {
  const { collection, events, logger, mesh } = parts;
  const listenOn = new Map(config.list('meshGateways').map(gatewayPort));
  const samplingRatio = config.number('meshSampling') / 100;
  if (samplingRatio > 1) throw bad('--mesh-sampling takes 0 to 100');
  const { alsoOtlpHttpUrl: also } = parts;
  const gatewayHost = config.text('meshGatewayHost')!;
  if (!isLoopback(gatewayHost))
    logger.warn(
      { host: gatewayHost },
      'gateways can be reached from other machines: whoever reaches them is served as the Gateway resources say',
    );
  const credentials = config.text('meshCredentials');
  const { accessLog } = mesh;
  const proxy = await spawnDataPlane({
    telemetry: {
      samplingRatio,
      spans: { endpoint: await collection.localOtlpHttp() },
      ...(also !== undefined && { alsoSpans: { endpoint: also } }),
      ...(accessLog && { accessLog }),
    },
    limits: { maxConnections: config.number('meshMaxConnections') },
    maxKeptBytes: config.number('meshMaxBuffer'),
    shadowHostSuffix: config.flag('meshShadowHosts'),
    ...(credentials !== undefined && { credentials: resolve(credentials) }),
    metrics: { address: '127.0.0.1', port: 0 },
    identities: { folder: parts.identityFolder },
    onChange: ({ live, detail }) => {
      if (live) logger.info({ detail }, 'the data plane is back');
      else logger.error({ detail }, 'the data plane is away');
    },
  });
  // Clover has percentiles from the spans: the buckets are for others, they are nine tenths of the text.
  if (proxy.metricsUrl !== null)
    await collection.addScrapeTargets([
      { name: 'mesh', url: `${proxy.metricsUrl}?histograms=sums` },
    ]);
  return createProxyDriver({
    proxy,
    listenOn,
    gatewayHost,
    settings: mesh.settings,
    events,
    gatewayPorts: await openGatewayPorts(parts.gatewayPortsFile),
    onError: (error, what) => logger.error({ err: error }, what),
  });
}

function gatewayPort(text: string): [number, number] {
  const [, server, local] = /^(\d{1,5})=(\d{1,5})$/.exec(text) ?? [];
  if (server === undefined || Number(server) > 65535 || Number(local) > 65535)
    throw bad(`--mesh-gateway takes SERVER_PORT=LOCAL_PORT, not "${text}"`);
  return [Number(server), Number(local)];
}

const bad = (message: string): CloverError =>
  new CloverError('config.bad_value', message, { status: 400, hint: 'for example: 80=8080' });
