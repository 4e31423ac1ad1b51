// A real Prometheus that scrapes what it is given, with its data in a folder of its own.

import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgramDefinition } from './find-program.ts';
import { freePorts, runProgram, scratchFolder } from './run-program.ts';

export const PROMETHEUS: ProgramDefinition = {
  flag: '--with-prometheus',
  name: 'Prometheus',
  variable: 'PROMETHEUS',
  commands: ['prometheus'],
  get: 'apt-get install prometheus, or set PROMETHEUS=/path/to/prometheus',
};

export interface CompanionPrometheus {
  readonly url: string;
  readonly port: number;
  /** What it scrapes from now on: URLs that end in /metrics. */
  setTargets(urls: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export async function startPrometheus(
  command: string,
  onExit: (detail: string) => void,
): Promise<CompanionPrometheus> {
  const folder = await scratchFolder('prometheus');
  try {
    const [port = 0] = await freePorts(1);
    const file = join(folder.path, 'prometheus.yml');
    const targetsFile = join(folder.path, 'targets.json');
    const setTargets = async (urls: readonly string[]) => {
      const targets = urls.map((one) => new URL(one).host);
      // Put in its place whole: Prometheus watches it.
      await writeFile(`${targetsFile}.tmp`, JSON.stringify([{ targets }]));
      await rename(`${targetsFile}.tmp`, targetsFile);
    };
    await setTargets([]);
    const config = {
      global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '2s' },
      scrape_configs: [
        {
          job_name: 'demo',
          file_sd_configs: [{ files: [targetsFile], refresh_interval: '2s' }],
        },
      ],
    };
    await writeFile(file, JSON.stringify(config)); // JSON is YAML
    const url = `http://127.0.0.1:${port}`;
    const running = await runProgram({
      name: 'Prometheus',
      command,
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder.path, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      readyUrl: `${url}/-/ready`,
      onExit,
    });
    return {
      url,
      port,
      setTargets,
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
