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

/** The mesh's authority cannot be used. */
export function badAuthority(path: string, why: string, cause: unknown): CloverError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new CloverError(
    'proxy.bad_authority',
    `the authority in ${path} is not usable: ${why} (${detail})`,
    {
      hint: 'give it another folder, or take this one away: all certificates are issued anew',
      cause,
    },
  );
}

/** Files that TLS needs are missing or no good. */
export function badCredential(name: string, why: string, cause?: unknown): CloverError {
  return new CloverError('proxy.bad_credential', `the credential ${name} is not usable: ${why}`, {
    status: 400,
    hint: 'it needs a certificate and its key as PEM, and an authority where the other side is verified: a Secret, or files in the folder of credentials',
    cause,
  });
}

/** An extension provider that a policy names cannot be asked. */
export function badProvider(name: string, why: string): CloverError {
  return new CloverError(
    'proxy.bad_provider',
    `the extension provider ${name} is not usable: ${why}`,
    {
      status: 400,
      hint: 'extension providers are options of the data plane, in the form of MeshConfig’s',
    },
  );
}

/** The admin endpoint tells all without a password: it listens nowhere else. */
export function adminNotLoopback(host: string): CloverError {
  return new CloverError(
    'proxy.admin_not_loopback',
    `the admin endpoint cannot listen on ${host}`,
    {
      status: 400,
      hint: 'use 127.0.0.1 or ::1, and a tunnel from elsewhere',
    },
  );
}

/** The data plane's process is not there any more to answer. */
export function workerEnded(how: string): CloverError {
  return new CloverError('proxy.worker_ended', `the data plane's process ended (${how})`, {
    status: 503,
    hint: 'it is started again by itself; try again in a moment',
  });
}
