// The local ports that gateways chose, for the life of the data directory: what was told of them stays true
// while resources change and over a restart.

import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeDurably } from '../repository/durable-file.ts';

/** A server of a gateway (`namespace/name`) and the local port that it listens on. */
export interface GatewayPort {
  readonly owner: string;
  readonly servicePort: number;
  readonly port: number;
}

export interface GatewayPorts {
  /** Undefined for one that never listened. */
  of(owner: string, servicePort: number): number | undefined;
  /** Those that are not among them stay remembered. Resolves when they are on the disk. */
  remember(ports: readonly GatewayPort[]): Promise<void>;
}

/** A file that cannot be read is as good as none: free ports are chosen again. */
export async function openGatewayPorts(file: string): Promise<GatewayPorts> {
  const known = new Map<string, number>(await kept(file));
  return {
    of: (owner, servicePort) => known.get(`${owner} ${servicePort}`),
    async remember(ports) {
      const changed = ports.filter(
        ({ owner, servicePort, port }) => known.get(`${owner} ${servicePort}`) !== port,
      );
      if (changed.length === 0) return;
      for (const { owner, servicePort, port } of changed)
        known.set(`${owner} ${servicePort}`, port);
      await mkdir(dirname(file), { recursive: true });
      await writeDurably(file, `${JSON.stringify(Object.fromEntries(known), null, 2)}\n`);
    },
  };
}

async function kept(file: string): Promise<[string, number][]> {
  try {
    const read: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Object.entries(read as object).filter(
      (entry): entry is [string, number] =>
        Number.isInteger(entry[1]) && entry[1] > 0 && entry[1] <= 65535,
    );
  } catch {
    return [];
  }
}
