// A real Jaeger 2 in one process: OTLP in, traces in memory, its query API and page out.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgramDefinition } from './find-program.ts';
import { freePorts, runProgram, scratchFolder } from './run-program.ts';

export const JAEGER: ProgramDefinition = {
  flag: '--with-jaeger',
  name: 'Jaeger',
  variable: 'JAEGER',
  commands: ['jaeger', 'jaeger-all-in-one'],
  get: 'download Jaeger 2 from jaegertracing.io, then put it on the PATH or set JAEGER=/path/to/jaeger',
};

/** Beyond this many Jaeger forgets its oldest traces. */
const MAX_TRACES = 100_000;

export interface CompanionJaeger {
  /** Its page and query API. */
  readonly url: string;
  readonly port: number;
  readonly otlpHttpUrl: string;
  close(): Promise<void>;
}

export async function startJaeger(
  command: string,
  onExit: (detail: string) => void,
): Promise<CompanionJaeger> {
  const folder = await scratchFolder('jaeger');
  try {
    const ports = await freePorts(4);
    const [query, queryGrpc, otlp, health] = ports.map((port) => `127.0.0.1:${port}`);
    const file = join(folder.path, 'jaeger.yaml');
    const config = {
      service: {
        extensions: ['jaeger_storage', 'jaeger_query', 'healthcheckv2'],
        // No batch processor: a span can be asked for as soon as it was acknowledged.
        pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
        telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
      },
      extensions: {
        healthcheckv2: { use_v2: true, http: { endpoint: health } },
        jaeger_query: {
          storage: { traces: 'memory' },
          http: { endpoint: query },
          grpc: { endpoint: queryGrpc },
        },
        jaeger_storage: { backends: { memory: { memory: { max_traces: MAX_TRACES } } } },
      },
      receivers: { otlp: { protocols: { http: { endpoint: otlp } } } },
      exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
    };
    await writeFile(file, JSON.stringify(config)); // JSON is YAML
    const running = await runProgram({
      name: 'Jaeger',
      command,
      args: ['--config', file],
      // Jaeger traces its own queries otherwise, and Clover would pull those too.
      env: { OTEL_TRACES_SAMPLER: 'always_off' },
      readyUrl: `http://${query}/api/services`,
      onExit,
    });
    return {
      url: `http://${query}`,
      port: ports[0]!,
      otlpHttpUrl: `http://${otlp}`,
      async close() {
        await running.close();
        await folder.remove();
      },
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}
