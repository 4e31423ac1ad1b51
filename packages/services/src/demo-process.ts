// A process of the demo: started, configured, told of changes, and ended.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ServiceConfig } from './config.ts';
import type { ProcessMessage, ProcessOrder } from './main.ts';
import type { Ports } from './run-service.ts';

const READY_WITHIN_MS = 20_000;
const END_WITHIN_MS = 4000;

export function forkService(program: string): ChildProcess {
  return fork(program, [], {
    // Small services: small heaps, so that nine of them weigh little.
    execArgv: ['--max-old-space-size=96', '--max-semi-space-size=2', '--enable-source-maps'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

export function order(child: ChildProcess, what: ProcessOrder): void {
  if (child.connected) child.send(what);
}

/** Resolves with where its services listen. Rejects with their error, or when it ends or takes too long. */
export function configure(
  child: ChildProcess,
  configs: readonly ServiceConfig[],
): Promise<readonly Ports[]> {
  const names = configs.map(({ name }) => name).join(', ');
  return ordered(child, { type: 'start', configs }, names);
}

/** The same for any order after which it listens. */
export async function ordered(
  child: ChildProcess,
  what: ProcessOrder,
  names: string,
): Promise<readonly Ports[]> {
  order(child, what);
  const late = AbortSignal.timeout(READY_WITHIN_MS);
  const gone = new AbortController();
  const exited = () => gone.abort();
  child.once('exit', exited);
  try {
    const [message] = (await once(child, 'message', {
      signal: AbortSignal.any([late, gone.signal]),
    })) as [ProcessMessage];
    if (message.type === 'ready') return message.ports;
    if (message.type === 'reports') throw new Error('reports before the service was ready');
    throw Object.assign(new Error(message.message), { code: message.code });
  } catch (error) {
    if (!gone.signal.aborted && !late.aborted) throw error;
    const how = late.aborted ? `was not ready within ${READY_WITHIN_MS / 1000} s` : 'ended';
    throw new Error(`the demo process of ${names} ${how}`, { cause: error });
  } finally {
    child.off('exit', exited);
  }
}

export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
  await exited;
  clearTimeout(late);
}
