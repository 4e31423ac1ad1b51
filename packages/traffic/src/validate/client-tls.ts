// TLS towards destinations: certificates by mode.

import type { FieldPath } from '../read/check-fields.ts';
import type { Say } from './say.ts';

export interface ClientTls {
  readonly mode?: string;
  readonly clientCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
  readonly caCrl?: string;
  readonly credentialName?: string;
  readonly subjectAltNames?: readonly string[];
  readonly insecureSkipVerify?: boolean;
}

export function checkClientTls(tls: ClientTls | undefined, path: FieldPath, say: Say): void {
  if (!tls || (tls.mode !== 'SIMPLE' && tls.mode !== 'MUTUAL')) return;
  const { mode, credentialName, insecureSkipVerify } = tls;
  const checking = (['caCertificates', 'subjectAltNames', 'credentialName'] as const).find(
    (field) =>
      tls[field] !== undefined &&
      tls[field] !== '' &&
      !(field === 'credentialName' && mode === 'MUTUAL'),
  );
  if (insecureSkipVerify && checking)
    say([...path, checking], {
      code: 'exclusive',
      message: `${checking} says whom to trust, insecureSkipVerify to trust anybody`,
      hint: 'keep one of them',
    });
  if (credentialName) {
    const file = (['clientCertificate', 'privateKey', 'caCertificates', 'caCrl'] as const).find(
      (field) => tls[field],
    );
    if (file)
      say([...path, file], {
        code: 'exclusive',
        message: `${file} stands beside credentialName`,
        hint: 'keep one of them',
      });
    return;
  }
  if (mode === 'SIMPLE') return;
  for (const [field, what] of [
    ['clientCertificate', 'a client certificate'],
    ['privateKey', 'a private key'],
  ] as const) {
    if (!tls[field])
      say(path, {
        code: 'noCertificate',
        message: `TLS mode MUTUAL needs ${what}`,
        hint: `add ${field}, or credentialName`,
      });
  }
}
