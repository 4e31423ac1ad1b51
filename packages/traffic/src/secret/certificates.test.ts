import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { AUTHORITY, SITE, SITE_KEY } from '../../test/support/certificates.ts';
import { analyze } from '../analyze/analyze.ts';
import { readResources } from '../read/read-resources.ts';
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

  it('with a date that cannot be are refused and are no accident', () => {
    const bad = thirteenthMonth(SITE);
    expect(new X509Certificate(bad).validFrom).toBe('Bad time value');
    expect(certificatesIn(bad)).toBeUndefined();
    const secret = stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'site' },
      stringData: { 'ca.crt': bad },
    });
    const findings = analyze(readResources([{ name: 'a.yaml', text: secret }]));
    expect(findings).toMatchObject([
      {
        code: 'CLV116',
        severity: 'error',
        field: 'stringData.ca.crt',
        message: 'ca.crt is no certificate that can be read',
      },
    ]);
  });
});

function thirteenthMonth(pem: string): string {
  const bytes = Buffer.from(new X509Certificate(pem).raw);
  bytes.write('13', bytes.indexOf('261130034214Z') + 2);
  const lines = bytes.toString('base64').match(/.{1,64}/g)!;
  return `${BEGIN}${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
