// The mesh's own certificate authority: made once, kept in a folder or only in memory.

import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { badAuthority } from '../errors.ts';
import {
  authorityCertificate,
  generateKeys,
  workloadCertificate,
  type Issuer,
} from './certificate.ts';

export interface Authority {
  readonly certificatePem: string;
  /** A key of its own and a certificate with a URI for its name. */
  issue(
    uri: string,
    validMs: number,
  ): { keyPem: string; certificatePem: string; expiresMs: number };
}

export interface AuthorityOptions {
  /** Keeps key and certificate in `root.pem`, readable by its owner only; in memory without. */
  readonly folder?: string;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

const ORGANIZATION = 'cluster.local';
const TEN_YEARS_MS = 10 * 365 * 86_400_000;
/** Clocks of other machines may be behind. */
const BACKDATE_MS = 120_000;

/** Opens the authority of a folder, or makes one. Throws CloverError `proxy.bad_authority`. */
export function openAuthority({ folder, now = Date.now }: AuthorityOptions = {}): Authority {
  const files = folder === undefined ? makeFiles(now()) : openFiles(folder, now);
  const issuer = readIssuer(files, folder, now());
  return {
    certificatePem: files.certificatePem,
    issue(uri, validMs) {
      const keys = generateKeys();
      const startMs = now();
      const certificatePem = workloadCertificate(
        {
          organization: '',
          uri,
          publicKey: keys.publicKey,
          notBefore: new Date(startMs - BACKDATE_MS),
          notAfter: new Date(startMs + validMs),
        },
        issuer,
      );
      const keyPem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
      return { keyPem, certificatePem, expiresMs: startMs + validMs };
    },
  };
}

interface Files {
  readonly keyPem: string;
  readonly certificatePem: string;
}

function makeFiles(nowMs: number): Files {
  const keys = generateKeys();
  const certificatePem = authorityCertificate(
    { organization: ORGANIZATION, keys },
    new Date(nowMs - BACKDATE_MS),
    new Date(nowMs + TEN_YEARS_MS),
  );
  return {
    keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificatePem,
  };
}

/** Both parts are one file's content until it is complete, so that two processes that start at once agree. */
function openFiles(folder: string, now: () => number): Files {
  const path = join(folder, 'root.pem');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = readIfThere(path);
    if (found !== undefined) return splitFiles(found);
    const made = makeFiles(now());
    const draft = join(folder, `.root-${process.pid}-${Math.random().toString(36).slice(2)}.pem`);
    writeFileSync(draft, made.keyPem + made.certificatePem, { mode: 0o600, flag: 'wx' });
    try {
      linkSync(draft, path); // fails when another was first
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    return splitFiles(readFileSync(path, 'utf8'));
  } catch (error) {
    throw badAuthority(path, 'it cannot be read or written', error);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    if ((statSync(path).mode & 0o077) !== 0) throw new Error('others than its owner may read it');
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function splitFiles(content: string): Files {
  const at = content.indexOf('-----BEGIN CERTIFICATE-----');
  return { keyPem: content.slice(0, at), certificatePem: content.slice(at) };
}

function readIssuer(files: Files, folder: string | undefined, nowMs: number): Issuer {
  const path = folder ?? 'memory';
  try {
    const certificate = new X509Certificate(files.certificatePem);
    const privateKey = createPrivateKey(files.keyPem);
    if (!certificate.checkPrivateKey(privateKey)) throw new Error('its key is another one’s');
    if (Date.parse(certificate.validTo) < nowMs) throw new Error('it has expired');
    return {
      organization: ORGANIZATION,
      keys: { privateKey, publicKey: createPublicKey(privateKey) },
    };
  } catch (error) {
    throw badAuthority(path, 'it is no authority', error);
  }
}
