// The firewall in a process of its own, which ends with this one, however that ends.
import { fileURLToPath } from 'node:url';
import { CloverError } from '@clover/model';
import { endProcess, forkService, ordered } from '../demo-process.ts';
import { SERVICES_ERRORS } from '../errors.ts';

export interface WafProcess {
  /** On 127.0.0.1. */
  readonly port: number;
  close(): Promise<void>;
}

/** Resolves when it judges. `onExit` is told when it ends unasked. Throws CloverError `services.no_waf`. */
export async function startWafProcess(options: {
  readonly onExit: (detail: string) => void;
  /** Default: this package's own. */
  readonly program?: string;
}): Promise<WafProcess> {
  const program = options.program ?? fileURLToPath(new URL('../../dist/main.js', import.meta.url));
  const child = forkService(program);
  let closing = false;
  const close = async () => {
    closing = true;
    await endProcess(child);
  };
  try {
    const [ports] = await ordered(child, { type: 'waf' }, 'the firewall');
    child.once('exit', (code, signal) => {
      if (!closing) options.onExit(signal ?? `exit code ${code}`);
    });
    return { port: ports!.port, close };
  } catch (error) {
    await close();
    throw new CloverError(SERVICES_ERRORS.noWaf, (error as Error).message, {
      status: 503,
      cause: error,
    });
  }
}
