// What PEM says, as far as it can be told without a handshake.

import { createPrivateKey, X509Certificate } from 'node:crypto';

/** The chain in its order. Undefined when there is none or one of it cannot be read, its dates included. */
export function certificatesIn(pem: string): X509Certificate[] | undefined {
  const chain: X509Certificate[] = [];
  const begin = /-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----/g;
  for (let found = begin.exec(pem); found; found = begin.exec(pem)) {
    const end = `-----END ${found[1]}-----`;
    const at = pem.indexOf(end, begin.lastIndex);
    if (at === -1) return undefined;
    begin.lastIndex = at + end.length;
    const one = certificateIn(pem.slice(found.index, begin.lastIndex));
    if (!one) return undefined;
    chain.push(one);
  }
  return chain.length > 0 ? chain : undefined;
}

/** Node takes dates that cannot be, such as those of a thirteenth month, and says `Bad time value` for them. */
function certificateIn(block: string): X509Certificate | undefined {
  try {
    const one = new X509Certificate(block);
    const dates = [one.validFrom, one.validTo].map((text) => Date.parse(text));
    return dates.some(Number.isNaN) ? undefined : one;
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
