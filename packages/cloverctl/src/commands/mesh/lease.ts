// A program's place in the mesh for as long as it runs: heartbeats, and back in when the controller
// was started again.
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BodyInput, WorkloadJoin, WorkloadStatus } from '@clover/model';
import { CloverError } from '@clover/model/errors';
import type { Context } from '../../context.ts';

export const LEASE_MS = 15_000;
const HEARTBEAT_MS = 4000;
const CALL_MS = 4000;
const PROBE_MS = 100;
const LONG_MS = 10_000;

/** Where the program is awaited: `port 41873 (PORT)`. */
export const portWords = (ports: readonly { port: number; targetPort: number }[]): string =>
  ports
    .map(
      ({ port, targetPort }, index) =>
        `port ${targetPort} (${index === 0 ? 'PORT' : `PORT_${port}`})`,
    )
    .join(', ');

/**
 * Runs until `signal` aborts, and resolves to whether the program ever listened on all of its ports. Says on stderr
 * when it does not for long, and when the controller goes away and is back.
 */
export async function keepLease(
  context: Context,
  join: BodyInput<typeof WorkloadJoin>,
  joined: WorkloadStatus,
  signal: AbortSignal,
): Promise<boolean> {
  const addresses = JSON.stringify(joined.listeners);
  let { ready } = joined;
  let listened = ready;
  let awaitedUntilMs = performance.now() + LONG_MS;
  let away = false;
  let nextMs = 0;
  while (!signal.aborted) {
    const listens = ready || (await allAccept(joined));
    listened ||= listens;
    if (!listened && performance.now() >= awaitedUntilMs) {
      awaitedUntilMs = Infinity;
      context.note(
        `it does not listen on ${portWords(joined.ports)} yet, so no request comes to it; a program that has a port of its own is named with it: --port ${joined.ports[0]!.port}:ITS_PORT`,
      );
    }
    if (listens !== ready || performance.now() >= nextMs) {
      ready = listens;
      nextMs = performance.now() + HEARTBEAT_MS;
      try {
        await context.client.workloadHeartbeat(joined, { ready }, { signal, timeoutMs: CALL_MS });
        if (away) context.note('the controller is back');
        away = false;
      } catch (error) {
        if (signal.aborted) return listened;
        if (!(error instanceof CloverError)) throw error;
        if (error.code === 'mesh.no_workload') await joinAgain();
        else if (!away) {
          away = true;
          context.note(`${error.message}; the program runs on`);
        }
      }
    }
    const pauseMs = ready ? nextMs - performance.now() : PROBE_MS;
    await sleep(Math.max(PROBE_MS, pauseMs), undefined, { signal }).catch(() => undefined);
  }
  return listened;

  /** The controller was started again, or did not hear of it for too long. */
  async function joinAgain(): Promise<void> {
    const { workload } = await context.client
      .workloadJoin({ ...join, name: joined.name, ready }, { signal, timeoutMs: CALL_MS })
      .catch(() => ({ workload: undefined }));
    if (!workload) return;
    context.note(`${workload.name} is in the mesh again`);
    if (JSON.stringify(workload.listeners) !== addresses)
      context.note('its listeners have other addresses now: start the program again');
  }
}

/** Requests come only when somebody can take them. */
async function allAccept({ ports, address }: WorkloadStatus): Promise<boolean> {
  const all = await Promise.all(ports.map(({ targetPort }) => accepts(address, targetPort)));
  return all.every(Boolean);
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.setTimeout(1000, () => end(false));
  });
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
