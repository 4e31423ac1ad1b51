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

/** A format string of an access log or a header value that cannot be compiled. */
export function badFormat(
  format: string,
  why: string,
  hint = 'operators look like %REQ(NAME):20%, and a per cent sign is %%',
): CloverError {
  return new CloverError('proxy.bad_format', `${why} in the format "${format}"`, {
    status: 400,
    hint,
  });
}
