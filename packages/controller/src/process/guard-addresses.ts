// Off loopback somebody else could ask or send: tokens, TLS, or a plain word that it is wanted.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Authorize } from '@clover/collector';
import { CloverError } from '@clover/model';
import type { Config } from '../config/load.ts';
import { isLoopback } from '../config/values.ts';
import { createTokenVerifier, roleAllows, type TokenVerifier } from '../security/tokens.ts';

export interface Doors {
  /** Undefined: there are no tokens, and everybody on this machine may ask. */
  readonly tokens: TokenVerifier | undefined;
  readonly tls: Tls | undefined;
  /** Who may send; undefined: whoever reaches the receivers. */
  readonly authorize: Authorize | undefined;
  /** TLS of the receivers: off loopback only, as programs of this machine need none. */
  readonly receiverTls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** What an operator should know and need not change. */
  readonly warnings: readonly string[];
}

interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Throws CloverError `config.tokens_needed`, `config.half_tls`, `config.bad_tls`. */
export function guardAddresses(config: Config, nowMs: number = Date.now()): Doors {
  const host = config.text('host')!;
  const receiverHost = config.text('receiverHost')!;
  const openApi = !isLoopback(host);
  const openReceivers = !isLoopback(receiverHost);
  const anonymous = config.flag('anonymousIngest');
  if (openApi && config.tokens.length === 0) {
    throw needTokens(
      `--host ${host} can be reached by others, and there are no tokens`,
      'make one with `./clover token --name me --role admin` and put it into clover.yaml',
    );
  }
  const senders = config.tokens.filter(({ role }) => roleAllows(role, 'operator'));
  if (openReceivers && !anonymous && senders.length === 0) {
    const none = config.tokens.length === 0 ? 'there are no tokens' : 'no token may send';
    throw needTokens(
      `--receiver-host ${receiverHost} lets others send spans, and ${none}`,
      'make one with `./clover token --name senders --role operator` and put it into clover.yaml, or say --anonymous-ingest if everybody may send',
    );
  }
  const tls = tlsOf(config);
  const tokens = config.tokens.length === 0 ? undefined : createTokenVerifier(config.tokens);
  const guarded = openReceivers && !anonymous;
  return {
    tokens,
    tls,
    authorize: tokens && guarded ? authorizeSenders(tokens) : undefined,
    receiverTls: openReceivers ? tls : undefined,
    warnings: [
      ...((openApi || guarded) && !tls
        ? [
            'tokens cross the network unencrypted: give --tls-cert and --tls-key, or put a proxy with TLS before Clover',
          ]
        : []),
      ...(tls ? expiry(tls, nowMs) : []),
    ],
  };
}

const needTokens = (message: string, hint: string): CloverError =>
  new CloverError('config.tokens_needed', message, { hint, status: 400 });

/** Receivers take what an operator's token comes with. */
export function authorizeSenders(tokens: TokenVerifier): Authorize {
  return async (authorization) => {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    const identity = token === undefined ? undefined : await tokens.verify(token);
    if (identity === 'busy')
      return new CloverError('auth.too_many_tries', 'too many wrong tokens lately', {
        hint: 'try again in a second',
        status: 429,
      });
    if (!identity)
      return new CloverError(
        'auth.no_token',
        token === undefined ? 'a token is needed' : 'this token is not known',
        {
          hint: 'send the header Authorization: Bearer TOKEN (OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20TOKEN)',
          status: 401,
        },
      );
    if (roleAllows(identity.role, 'operator')) return undefined;
    return new CloverError('auth.not_allowed', `the role ${identity.role} may not send`, {
      hint: 'it takes the role operator',
      status: 403,
    });
  };
}

function tlsOf(config: Config): Tls | undefined {
  const certFile = config.text('tlsCert');
  const keyFile = config.text('tlsKey');
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined)
    throw new CloverError('config.half_tls', 'TLS needs both --tls-cert and --tls-key', {
      hint: `${certFile === undefined ? '--tls-cert' : '--tls-key'} is missing; nothing is served half safe`,
      status: 400,
    });
  const cert = readPem(certFile, '--tls-cert');
  const key = readPem(keyFile, '--tls-key');
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new CloverError(
      'config.bad_tls',
      `${certFile} and ${keyFile} are no certificate and its key: ${(error as Error).message}`,
      {
        hint: 'both are PEM files; the key is the one of the first certificate',
        status: 400,
        cause: error,
      },
    );
  }
  return { cert, key, certFile, keyFile };
}

function readPem(file: string, flag: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CloverError(
      'config.bad_tls',
      `${flag} ${file} cannot be read: ${(error as Error).message}`,
      {
        status: 400,
        cause: error,
      },
    );
  }
}

function expiry(tls: Tls, nowMs: number): string[] {
  const ends = Date.parse(new X509Certificate(tls.cert).validTo);
  if (ends > nowMs) return [];
  return [`the certificate ${tls.certFile} expired ${new Date(ends).toISOString()}`];
}
