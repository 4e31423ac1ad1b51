// A real Prometheus that scrapes what the test names.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requirePart } from './parts.ts';
import { freePort } from './ports.ts';
import { startProcess, type RunningProcess } from './process.ts';
import { tempDir } from './temp-dir.ts';
import { answers } from './wait-for.ts';

export interface PrometheusOptions {
  /** Per job its targets as `host:port`. */
  readonly scrape?: readonly {
    readonly job: string;
    readonly targets: readonly string[];
    readonly path?: string;
  }[];
  /** Default 1,000. */
  readonly scrapeIntervalMs?: number;
  /** URLs that get every sample by remote write. */
  readonly remoteWrite?: readonly string[];
  /** The port of an earlier run, to come back at the same address. */
  readonly port?: number;
  /** Further command line flags. */
  readonly args?: readonly string[];
}

export interface RunningPrometheus {
  readonly process: RunningProcess;
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts Prometheus on a free loopback port with data in a folder of its own, and waits until it is
 * ready. Its first scrape comes about five seconds later: it waits that long for further targets.
 */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<RunningPrometheus> {
  const command = requirePart('prometheus');
  const dir = await tempDir('clover-prometheus-');
  const port = options.port ?? (await freePort());
  const interval = `${options.scrapeIntervalMs ?? 1000}ms`;
  const config = {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    scrape_configs: (options.scrape ?? []).map((job) => ({
      job_name: job.job,
      metrics_path: job.path ?? '/metrics',
      static_configs: [{ targets: job.targets }],
    })),
    remote_write: (options.remoteWrite ?? []).map((url) => ({
      url,
      queue_config: { batch_send_deadline: '200ms', min_backoff: '30ms' },
    })),
  };
  const file = join(dir.path, 'prometheus.yml');
  await writeFile(file, JSON.stringify(config, null, 1)); // JSON is YAML
  const url = `http://127.0.0.1:${port}`;
  const running = await startProcess({
    command,
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(dir.path, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      ...(options.args ?? []),
    ],
    ready: () => answers(`${url}/-/ready`),
  }).catch(async (error: unknown) => {
    await dir.remove();
    throw error;
  });
  return {
    process: running,
    url,
    port,
    async stop() {
      await running.stop();
      await dir.remove();
    },
  };
}
