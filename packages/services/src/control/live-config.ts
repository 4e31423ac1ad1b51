import { CloverError } from '@clover/model';
import { SERVICES_ERRORS } from '../errors.ts';

export interface LiveConfig<Config> {
  current(): Config;
  /** Takes effect for the next request. Rejects, with nothing changed, when its port is taken. */
  change(next: Config): Promise<void>;
}

/** A configuration that is replaced whole. */
export function createLiveConfig<Config extends { readonly serverPort: number }>(
  initial: Config,
  moveTo: (port: number) => Promise<void>,
): LiveConfig<Config> {
  let current = initial;
  return {
    current: () => current,
    async change(next) {
      if (next.serverPort !== current.serverPort)
        await moveTo(next.serverPort).catch((error: NodeJS.ErrnoException) => {
          throw new CloverError(
            SERVICES_ERRORS.badSetting,
            `server_port: cannot listen on ${next.serverPort}: ${error.code ?? error.message}`,
            { status: 400, hint: 'nothing was changed', cause: error },
          );
        });
      current = next;
    },
  };
}
