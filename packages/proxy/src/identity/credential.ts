// Certificates and keys from files, read again when they have changed.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { badCredential } from '../errors.ts';

/** Paths; what is not needed is not there. */
export interface CredentialFiles {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly authority?: string | undefined;
}

export interface CredentialPem {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
}

export interface Credential {
  /** The same object until the files change. Throws CloverError `proxy.bad_credential` when they never were any good; a bad change is passed over. */
  read(): CredentialPem;
}

/** Finds the files of a `credentialName`, as `NAME/tls.crt`, `tls.key` and `ca.crt` of a folder, like the keys of a Kubernetes Secret. */
export function credentialIn(folder: string | undefined, name: string): CredentialFiles {
  if (folder === undefined)
    throw badCredential(
      name,
      'there is no Secret of this name for it, and no folder of credentials was given',
    );
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) throw badCredential(name, 'this is not a name');
  return {
    certificate: join(folder, name, 'tls.crt'),
    key: join(folder, name, 'tls.key'),
    authority: firstThere(join(folder, name, 'ca.crt'), join(folder, `${name}-cacert`, 'ca.crt')),
  };
}

/** How long files are believed to be the same without a look. */
const LOOK_MS = 1000;

export function openCredential(files: CredentialFiles, now: () => number = Date.now): Credential {
  const paths = [files.certificate, files.key, files.authority];
  let stamp = '';
  let pem: CredentialPem | undefined;
  let lookedMs = -Infinity;

  function stampNow(): string {
    return paths
      .map((path) => {
        const found = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
        return found ? `${found.mtimeMs}-${found.size}-${found.ino}` : '';
      })
      .join();
  }

  return {
    read() {
      if (pem && now() - lookedMs < LOOK_MS) return pem;
      lookedMs = now();
      const next = stampNow();
      if (pem && next === stamp) return pem;
      try {
        pem = load(files);
        stamp = next;
      } catch (error) {
        if (!pem) throw error;
      }
      return pem;
    },
  };
}

function load(files: CredentialFiles): CredentialPem {
  const cert = readPem(files.certificate);
  const key = readPem(files.key);
  const ca = readPem(files.authority);
  const name = files.certificate ?? files.authority ?? '';
  try {
    if (ca !== undefined) void new X509Certificate(ca);
    if (cert !== undefined && key !== undefined) {
      if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
        throw badCredential(name, 'the key is not that of the certificate');
    }
  } catch (error) {
    throw badCredential(name, error instanceof Error ? error.message : String(error), error);
  }
  return { cert, key, ca };
}

function readPem(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw badCredential(path, (error as NodeJS.ErrnoException).code ?? 'it cannot be read', error);
  }
}

function firstThere(...paths: readonly string[]): string | undefined {
  return paths.find((path) => statSync(path, { throwIfNoEntry: false }));
}
