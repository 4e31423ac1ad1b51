// Secrets of gateways: whether what they hold can be used. No message repeats a value.

import type { FieldPath } from '../read/check-fields.ts';
import type { Secret } from '../resource.ts';
import { certificatesIn, keyFits } from '../secret/certificates.ts';
import { isBase64, valueOf } from '../secret/credential-of.ts';
import { CREDENTIAL_KEYS, REDACTED, TLS_SECRET, type SecretSpec } from '../secret/secret-spec.ts';
import type { Say } from './say.ts';

export function checkSecret({ spec }: Secret, say: Say): void {
  let usable = true;
  for (const field of ['data', 'stringData'] as const)
    for (const [name, text] of Object.entries(spec[field] ?? {})) {
      if (text.startsWith(REDACTED)) {
        say([field, name], {
          code: 'value',
          message: `${name} is what Clover shows in place of a value`,
          hint: 'apply the original text: values of Secrets are never shown',
        });
      } else if (field === 'data' && !isBase64(text)) {
        say([field, name], {
          code: 'value',
          message: `${name} is not base64`,
          hint: 'encode it with base64 -w0, or write the text itself under stringData',
        });
      } else continue;
      usable = false;
    }
  if (!usable) return;
  if (spec.type === TLS_SECRET) {
    const missing = ['tls.crt', 'tls.key'].filter((name) => valueOf(spec, name) === undefined);
    if (missing.length > 0)
      return say(spec.data ? ['data'] : spec.stringData ? ['stringData'] : [], {
        code: 'missing',
        message: `a Secret of type ${TLS_SECRET} has no ${missing.join(' and no ')}`,
        hint: 'add it, or use type Opaque for an authority alone',
      });
  }
  for (const at of [0, 1])
    checkPair(spec, CREDENTIAL_KEYS.cert[at]!, CREDENTIAL_KEYS.key[at]!, say);
  for (const name of CREDENTIAL_KEYS.ca) {
    const pem = valueOf(spec, name);
    if (pem !== undefined && !certificatesIn(pem)) say(pathOf(spec, name), unreadable(name));
  }
}

function checkPair(spec: SecretSpec, certName: string, keyName: string, say: Say): void {
  const cert = valueOf(spec, certName);
  const key = valueOf(spec, keyName);
  if (cert === undefined && key === undefined) return;
  if (cert === undefined || key === undefined) {
    const [there, missing] = cert === undefined ? [keyName, certName] : [certName, keyName];
    return say(pathOf(spec, there), {
      code: 'missing',
      message: `${there} stands without ${missing}`,
      hint: `add ${missing}`,
    });
  }
  const chain = certificatesIn(cert);
  if (!chain) return say(pathOf(spec, certName), unreadable(certName));
  const fits = keyFits(key, chain[0]!);
  if (fits === 'unreadable')
    say(pathOf(spec, keyName), {
      code: 'value',
      message: `${keyName} is no private key that can be read`,
      hint: 'it is PEM without a passphrase, beginning with -----BEGIN PRIVATE KEY-----',
    });
  else if (fits === 'no')
    say(pathOf(spec, keyName), {
      code: 'keyMisfit',
      message: `${keyName} is not the key of the certificate in ${certName}`,
      hint: 'the first certificate in it is the server’s own, with its authorities after it; take its key',
    });
}

const unreadable = (name: string) =>
  ({
    code: 'value',
    message: `${name} is no certificate that can be read`,
    hint: 'it is PEM, beginning with -----BEGIN CERTIFICATE-----',
  }) as const;

export const pathOf = ({ stringData }: SecretSpec, name: string): FieldPath => [
  stringData?.[name] === undefined ? 'data' : 'stringData',
  name,
];
