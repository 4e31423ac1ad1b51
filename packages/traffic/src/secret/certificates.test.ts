import { describe, expect, it } from 'vitest';
import { AUTHORITY, SITE, SITE_KEY } from '../../test/support/certificates.ts';
import { certificatesIn } from './certificates.ts';

const BEGIN = '-----BEGIN CERTIFICATE-----\n';

describe('certificates in PEM', () => {
  it('are a chain in its order, whatever text stands between them', () => {
    const chain = certificatesIn(
      `subject=one\n${SITE}--- two ---\n${AUTHORITY.replaceAll(' CERTIFICATE-', ' X509 CERTIFICATE-')}the end`,
    );
    expect(chain?.map((one) => one.subject)).toEqual(['CN=www.sdc.com', 'CN=test authority']);
    expect(certificatesIn('')).toBeUndefined();
    expect(certificatesIn(SITE_KEY)).toBeUndefined();
  });

  it('are none when the last one breaks off', () => {
    expect(certificatesIn(SITE + AUTHORITY.slice(0, 200))).toBeUndefined();
    expect(certificatesIn(SITE + BEGIN)).toBeUndefined();
  });

  it('that begin and never end take a look each and no more', () => {
    // Most of a minute for whoever looks from each beginning to the end of the text.
    expect(certificatesIn(BEGIN.repeat(150_000))).toBeUndefined();
  });
});
