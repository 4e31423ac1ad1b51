// A real Jaeger 2 in one process: OTLP and Zipkin in, memory or Badger storage, the query API out.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requirePart } from './parts.ts';
import { freePorts } from './ports.ts';
import { startProcess, type RunningProcess } from './process.ts';
import { tempDir } from './temp-dir.ts';
import { answers } from './wait-for.ts';

export interface JaegerOptions {
  /** Default memory. */
  readonly storage?: 'memory' | 'badger';
  /** Memory storage forgets the oldest traces beyond this many. Default 100,000. */
  readonly maxTraces?: number;
  /** Ports of an earlier run, to come back at the same address. */
  readonly ports?: readonly number[];
}

export interface RunningJaeger {
  readonly process: RunningProcess;
  /** Base URL of the query API and UI. */
  readonly query: string;
  readonly queryPort: number;
  /** `host:port`. */
  readonly otlpGrpc: string;
  /** Base URL; traces go to `/v1/traces`. */
  readonly otlpHttp: string;
  /** Base URL; spans go to `/api/v2/spans`. */
  readonly zipkin: string;
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

/** Starts Jaeger on free loopback ports and waits until it answers queries. Throws when there is none. */
export async function startJaeger(options: JaegerOptions = {}): Promise<RunningJaeger> {
  const command = requirePart('jaeger');
  const dir = await tempDir('clover-jaeger-');
  const ports = options.ports ?? (await freePorts(6));
  const [query, queryGrpc, otlpGrpc, otlpHttp, zipkin, health] = ports.map(
    (port) => `127.0.0.1:${port}`,
  ) as [string, string, string, string, string, string];
  const backend =
    options.storage === 'badger'
      ? {
          badger: {
            directories: { keys: join(dir.path, 'keys'), values: join(dir.path, 'values') },
            ephemeral: false,
          },
        }
      : { memory: { max_traces: options.maxTraces ?? 100_000 } };
  const config = {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query', 'healthcheckv2'],
      pipelines: {
        // No batch processor: a span can be queried as soon as it was acknowledged.
        traces: { receivers: ['otlp', 'zipkin'], exporters: ['jaeger_storage_exporter'] },
      },
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: { endpoint: health } },
      jaeger_query: {
        storage: { traces: 'store' },
        http: { endpoint: query },
        grpc: { endpoint: queryGrpc },
      },
      jaeger_storage: { backends: { store: backend } },
    },
    receivers: {
      otlp: { protocols: { grpc: { endpoint: otlpGrpc }, http: { endpoint: otlpHttp } } },
      zipkin: { endpoint: zipkin },
    },
    exporters: { jaeger_storage_exporter: { trace_storage: 'store' } },
  };
  const file = join(dir.path, 'jaeger.yaml');
  await writeFile(file, JSON.stringify(config, null, 1)); // JSON is YAML
  const running = await startProcess({
    command,
    args: ['--config', file],
    // Jaeger traces its own queries otherwise, and those spans would be counted too.
    env: { OTEL_TRACES_SAMPLER: 'always_off' },
    ready: () => answers(`http://${query}/api/services`),
  }).catch(async (error: unknown) => {
    await dir.remove();
    throw error;
  });
  return {
    process: running,
    query: `http://${query}`,
    queryPort: ports[0]!,
    otlpGrpc,
    otlpHttp: `http://${otlpHttp}`,
    zipkin: `http://${zipkin}`,
    ports,
    async stop() {
      await running.stop();
      await dir.remove();
    },
  };
}
