// What PEM says, as far as it can be told without a handshake.

import { createPrivateKey, X509Certificate } from 'node:crypto';

const BLOCK =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/** The chain in its order. Undefined when there is none or one of it cannot be read. */
export function certificatesIn(pem: string): X509Certificate[] | undefined {
  const blocks = pem.match(BLOCK);
  if (!blocks) return undefined;
  try {
    return blocks.map((one) => new X509Certificate(one));
  } catch {
    return undefined;
  }
}

/** `unreadable`: no private key as PEM, or one with a passphrase. */
export function keyFits(pem: string, certificate: X509Certificate): 'yes' | 'no' | 'unreadable' {
  try {
    return certificate.checkPrivateKey(createPrivateKey(pem)) ? 'yes' : 'no';
  } catch {
    return 'unreadable';
  }
}
