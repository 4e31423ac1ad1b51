// The expected failures of the data plane, in one place.

import { CloverError } from '@clover/model';

type Address = { readonly address: string; readonly port: number };

/** An address that a listener of a workload or gateway needs is taken or forbidden. */
export function listenFailed(
  { address, port }: Address,
  owner: string,
  cause: unknown,
): CloverError {
  const why = (cause as { code?: string }).code ?? String(cause);
  return new CloverError(
    'proxy.listen_failed',
    `${owner} cannot listen on ${address}:${port} (${why})`,
    {
      status: 409,
      hint: 'choose another port, or 0 for any free one',
      cause,
    },
  );
}
