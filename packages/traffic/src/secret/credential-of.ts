// What a Secret holds, by what it is for.

import { CREDENTIAL_KEYS, type SecretSpec } from './secret-spec.ts';

/** As PEM; undefined for what is not there or empty. */
export interface SecretCredential {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
}

/**
 * As Istio reads it: `cert` and `key` when both are there, else `tls.crt` and `tls.key`; `cacert` before `ca.crt`.
 * What is not base64 counts as not there.
 */
export function credentialOf(spec: SecretSpec): SecretCredential {
  const [cert, key] = [0, 1]
    .map((at) => [
      valueOf(spec, CREDENTIAL_KEYS.cert[at]!),
      valueOf(spec, CREDENTIAL_KEYS.key[at]!),
    ])
    .find(([one, other]) => one && other) ?? [undefined, undefined];
  const ca = CREDENTIAL_KEYS.ca.map((name) => valueOf(spec, name)).find(Boolean);
  return { cert, key, ca };
}

/** Undefined when there is none; empty counts as none. */
export function valueOf({ data, stringData }: SecretSpec, name: string): string | undefined {
  const text = stringData?.[name];
  if (text !== undefined) return text || undefined;
  const encoded = data?.[name];
  if (encoded === undefined || !isBase64(encoded)) return undefined;
  return Buffer.from(encoded, 'base64').toString() || undefined;
}

/** As Kubernetes takes it: padded, lines may end anywhere. */
export const isBase64 = (text: string): boolean =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(
    text.replaceAll(/[\r\n]/g, ''),
  );

/** A credential's own name, and that of a Secret beside it whose authority goes before its own. */
export const AUTHORITY_SUFFIX = '-cacert';
