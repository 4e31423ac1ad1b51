// TLS of servers: where the certificates come from, by mode.

import type { FieldPath } from '../read/check-fields.ts';
import type { ServerTls } from '../resource.ts';
import type { Say } from './say.ts';

interface WrittenTls extends ServerTls {
  readonly credentialNames?: readonly string[];
  readonly tlsCertificates?: readonly {
    readonly serverCertificate?: string;
    readonly privateKey?: string;
  }[];
  readonly caCrl?: string;
}

export function checkServerTls(given: ServerTls | undefined, path: FieldPath, say: Say): void {
  if (!given) return;
  const tls: WrittenTls = given;
  const { mode, credentialName, credentialNames = [], tlsCertificates = [] } = tls;
  if (mode === 'ISTIO_MUTUAL') return checkMutual(tls, path, say);
  const sources = [
    tls.serverCertificate && tls.privateKey && 'serverCertificate',
    credentialName && 'credentialName',
    credentialNames.length > 0 && 'credentialNames',
    tlsCertificates.length > 0 && 'tlsCertificates',
  ].filter(Boolean);
  if (sources.length > 1)
    say(path, {
      code: 'exclusive',
      message: `${sources.join(' and ')} stand together; only one may`,
      hint: 'keep one source of certificates',
    });
  if (mode !== 'SIMPLE' && mode !== 'MUTUAL' && mode !== 'OPTIONAL_MUTUAL') return;
  if (credentialName || credentialNames.length > 0) return;
  const certificates = tlsCertificates.length > 0 ? tlsCertificates : [tls];
  const missing = certificates.some((one) => !one.serverCertificate)
    ? 'a server certificate'
    : certificates.some((one) => !one.privateKey)
      ? 'a private key'
      : mode !== 'SIMPLE' && !tls.caCertificates
        ? 'certificates to check clients with'
        : undefined;
  if (missing)
    say(path, {
      code: 'noCertificate',
      message: `TLS mode ${mode} needs ${missing}`,
      hint: 'add credentialName, or the files',
    });
  if (tls.caCrl && mode === 'SIMPLE')
    say([...path, 'caCrl'], {
      code: 'place',
      message: 'caCrl does not go with mode SIMPLE, which asks clients for nothing',
    });
}

function checkMutual(tls: WrittenTls, path: FieldPath, say: Say): void {
  for (const field of [
    'serverCertificate',
    'privateKey',
    'caCertificates',
    'credentialName',
    'credentialNames',
    'tlsCertificates',
  ] as const) {
    if (!tls[field]?.length) continue;
    say([...path, field], {
      code: 'place',
      message: `${field} does not go with ISTIO_MUTUAL, which has the mesh's certificates`,
      hint: 'leave it out, or use mode MUTUAL',
    });
  }
}
