// Kubernetes' Secret as far as gateways need it: certificates and keys by their names.

import type { FieldFault, FieldPath } from '../read/check-fields.ts';
import { nearest } from '@clover/model';

export interface SecretSpec {
  readonly type?: string;
  /** In base64. */
  readonly data?: Readonly<Record<string, string>>;
  /** As it is; goes before `data`. */
  readonly stringData?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

export const TLS_SECRET = 'kubernetes.io/tls';
/** Names of a certificate, its key and an authority; Istio looks for the first of each pair before the second. */
export const CREDENTIAL_KEYS = {
  cert: ['cert', 'tls.crt'],
  key: ['key', 'tls.key'],
  ca: ['cacert', 'ca.crt'],
} as const;
/** What Clover shows in place of a value; `apply` takes none of it. */
export const REDACTED = '(redacted';

const KEYS: readonly string[] = Object.values(CREDENTIAL_KEYS).flat();
const FIELDS = ['type', 'data', 'stringData', 'immutable'];
const MAPS = ['data', 'stringData'] as const;

/** Whether there is anything in it for a gateway. */
export function holdsCredential(value: object): boolean {
  const { type, data, stringData } = value as Record<string, unknown>;
  if (type === TLS_SECRET) return true;
  return [data, stringData].some(
    (one) =>
      typeof one === 'object' && one !== null && Object.keys(one).some((key) => KEYS.includes(key)),
  );
}

/** A Secret's own fields stand beside `metadata`. No fault repeats a value: it may be a key. */
export function readSecretSpec(value: object): { spec: SecretSpec; faults: FieldFault[] } {
  const faults: FieldFault[] = [];
  const wrong = (path: FieldPath, code: string, message: string, hint: string) =>
    faults.push({ code, message, hint, path });
  const raw = value as Record<string, unknown>;
  for (const name of Object.keys(raw)) {
    if (['apiVersion', 'kind', 'metadata', ...FIELDS].includes(name)) continue;
    const close = nearest(name, FIELDS);
    const hint = close ? `did you mean ${close}?` : `known here: ${FIELDS.join(', ')}`;
    wrong([name], 'CLV110', `unknown field ${name}`, hint);
  }
  const { type, immutable } = raw;
  if (!isMissing(type) && typeof type !== 'string')
    wrong(['type'], 'CLV112', 'type is not a text', `write ${TLS_SECRET} or Opaque`);
  if (!isMissing(immutable) && typeof immutable !== 'boolean')
    wrong(['immutable'], 'CLV112', 'immutable is neither true nor false', '');
  const spec: Record<string, unknown> = { ...(typeof type === 'string' && { type }) };
  for (const field of MAPS) {
    const map = raw[field];
    if (isMissing(map)) continue;
    if (typeof map !== 'object' || Array.isArray(map)) {
      wrong([field], 'CLV112', `${field} is not a map`, 'write tls.crt: and tls.key: under it');
      continue;
    }
    for (const [name, text] of Object.entries(map!))
      if (typeof text !== 'string')
        wrong([field, name], 'CLV112', `${name} is not a text`, 'put it in quotes');
    spec[field] = map;
  }
  return { spec: spec as SecretSpec, faults };
}

const isMissing = (value: unknown): boolean => value === undefined || value === null;
