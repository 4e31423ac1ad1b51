import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { AUTHORITY, OTHER_KEY, SITE, SITE_KEY } from '../../test/support/certificates.ts';
import { analyze } from '../analyze/analyze.ts';
import { readResources } from '../read/read-resources.ts';
import { secretCredentials } from './secret-credentials.ts';

type Texts = Record<string, string>;
const base64 = (texts: Texts): Texts =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, Buffer.from(text).toString('base64')]),
  );
const secret = (fields: object, name = 'site', namespace = 'istio-system') =>
  `---\n${stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, ...fields })}`;
const tls = (texts: Texts, name?: string, namespace?: string) =>
  secret({ type: 'kubernetes.io/tls', data: base64(texts) }, name, namespace);
const SOUND = { 'tls.crt': SITE, 'tls.key': SITE_KEY };
const gateway = (mode = 'SIMPLE', credentialName = 'site', selector = 'ingressgateway') => `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  selector: {istio: ${selector}}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: ["*"]
    tls: {mode: ${mode}, credentialName: ${credentialName}}
`;
const read = (text: string) => readResources([{ name: 'a.yaml', text }]);
const found = (text: string, options = {}) =>
  analyze(read(text), {}, options).map(
    ({ code, severity, field, message, hint }) =>
      `${code} ${severity} ${field}: ${message}; ${hint}`,
  );
const NOW = Date.parse('2030-01-01T00:00:00Z');

describe('a Secret', () => {
  it('gives its certificate, whatever way it is written', () => {
    const pem = { cert: SITE, key: SITE_KEY, ca: undefined };
    const ways = [
      tls(SOUND),
      secret({ type: 'kubernetes.io/tls', stringData: SOUND }),
      secret({ stringData: { cert: SITE, key: SITE_KEY } }),
      // What is generic goes first, `stringData` before `data`.
      secret({ data: base64({ cert: 'x', key: 'y' }), stringData: { cert: SITE, key: SITE_KEY } }),
    ];
    for (const text of ways) {
      const { resources, findings } = read(text);
      expect(findings).toEqual([]);
      expect(secretCredentials(resources).get('istio-system/site')).toEqual(pem);
    }
  });

  it('has the authority of NAME-cacert before its own, and stays the same object while it does', () => {
    const { resources } = read(
      tls({ ...SOUND, 'ca.crt': SITE }) +
        secret({ stringData: { cacert: AUTHORITY } }, 'site-cacert'),
    );
    const first = secretCredentials(resources);
    expect(first.get('istio-system/site')?.ca).toBe(AUTHORITY);
    const copy = structuredClone(resources);
    expect(secretCredentials(copy, first).get('istio-system/site')).toBe(
      first.get('istio-system/site'),
    );
    expect(secretCredentials(copy.slice(0, 1), first).get('istio-system/site')?.ca).toBe(SITE);
  });

  it('without certificates is passed over', () => {
    const { resources, findings } = read(secret({ stringData: { password: 'hunter2' } }));
    expect(resources).toEqual([]);
    expect(findings).toMatchObject([{ code: 'CLV102', severity: 'info' }]);
  });

  it.each([
    [
      'half a certificate',
      tls({ ...SOUND, 'tls.crt': SITE.slice(0, 200) }),
      'CLV116',
      'data.tls.crt',
    ],
    ['a certificate for a key', tls({ ...SOUND, 'tls.key': SITE }), 'CLV116', 'data.tls.key'],
    ['another key', tls({ ...SOUND, 'tls.key': OTHER_KEY }), 'CLV237', 'data.tls.key'],
    ['no key', tls({ 'tls.crt': SITE }), 'CLV113', 'data'],
    [
      'a generic one without a key',
      secret({ stringData: { cert: SITE } }),
      'CLV113',
      'stringData.cert',
    ],
    ['no authority', secret({ stringData: { cacert: 'x' } }), 'CLV116', 'stringData.cacert'],
    [
      'no base64',
      secret({ data: { ...base64(SOUND), 'tls.key': SITE_KEY } }),
      'CLV116',
      'data.tls.key',
    ],
    [
      'what Clover shows',
      secret({ stringData: { cert: '(redacted)' } }),
      'CLV116',
      'stringData.cert',
    ],
    ['a text for the map', secret({ type: 'kubernetes.io/tls', data: SITE_KEY }), 'CLV112', 'data'],
    ['a list for a text', secret({ stringData: { key: [SITE_KEY] } }), 'CLV112', 'stringData.key'],
    [
      'a misspelt field',
      secret({ stringdata: SOUND, type: 'kubernetes.io/tls' }),
      'CLV110',
      'stringdata',
    ],
  ])('with %s is refused where it stands, and no value is repeated', (_, text, code, field) => {
    const { resources, findings } = read(text);
    expect(resources).toEqual([]);
    const error = findings.find((one) => one.code === code)!;
    expect(error).toMatchObject({ code, severity: 'error', field });
    expect(error.at?.line).toBeGreaterThan(1);
    const said = JSON.stringify(findings);
    for (const pem of [SITE_KEY, OTHER_KEY])
      for (const line of pem.split('\n').slice(1, -2))
        expect(said).not.toContain(line.slice(0, 20));
  });

  it('whose certificate is out of date is told of', () => {
    expect(found(tls(SOUND), { nowMs: NOW })).toEqual([]);
    expect(found(tls(SOUND), { nowMs: Date.parse('2200-01-01') })).toEqual([
      expect.stringMatching(
        /^CLV238 warning data\.tls\.crt: a certificate in tls\.crt \(CN=www\.sdc\.com\) expired at 2\d{3}-.*renew it/,
      ),
    ]);
    expect(found(tls(SOUND), { nowMs: 0 })[0]).toContain('is not valid before 20');
  });
});

describe('a gateway’s credentialName', () => {
  const says = (text: string, options = {}) =>
    found(text, { nowMs: NOW, ...options }).filter((one) => one.startsWith('CLV236'));

  it('that is there is said nothing of', () => {
    expect(says(gateway() + tls(SOUND))).toEqual([]);
    expect(says(gateway('MUTUAL') + tls({ ...SOUND, 'ca.crt': AUTHORITY }))).toEqual([]);
    expect(says(gateway(), { hasCredential: (name: string) => name === 'site' })).toEqual([]);
    expect(says(gateway('SIMPLE', 'site', 'own') + tls(SOUND, 'site', 'default'))).toEqual([]);
  });

  it('that leads nowhere, or to what is not enough, is told with a remedy', () => {
    expect(says(gateway())).toEqual([
      'CLV236 warning spec.servers[0].tls.credentialName: there is no Secret istio-system/site; apply one of type kubernetes.io/tls in namespace istio-system, or put site/tls.crt and site/tls.key into the folder of --mesh-credentials',
    ]);
    expect(says(gateway('SIMPLE', 'sit') + tls(SOUND))[0]).toContain(
      'did you mean istio-system/site?',
    );
    expect(says(gateway() + tls(SOUND, 'site', 'default'))[0]).toContain(
      'default/site is in another namespace than the gateway: put it into istio-system',
    );
    expect(says(gateway('MUTUAL') + tls(SOUND))[0]).toContain('add ca.crt to it');
    expect(says(gateway() + secret({ stringData: { cacert: AUTHORITY } }))[0]).toContain(
      'has no certificate with its key',
    );
  });
});

describe('a DestinationRule’s credentialName', () => {
  const rule = (mode = 'SIMPLE', more: object = {}, namespace = 'default') =>
    `---\n${stringify({
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'pay', namespace },
      spec: {
        host: 'pay.test',
        trafficPolicy: { tls: { mode, credentialName: 'pay', sni: 'pay.test' } },
        ...more,
      },
    })}`;
  const ca = { cacert: AUTHORITY };
  const whole = { ...SOUND, 'ca.crt': AUTHORITY };
  const chosen = { workloadSelector: { matchLabels: { app: 'shop' } } };
  const says = (text: string, options = {}) =>
    found(text, { nowMs: NOW, ...options }).filter((one) => one.startsWith('CLV236'));

  it('that clients find with what they need is said nothing of', () => {
    for (const text of [
      rule() + secret({ stringData: ca }, 'pay'),
      rule() + secret({ stringData: ca }, 'pay-cacert'),
      rule('MUTUAL') + tls(whole, 'pay'),
      rule('MUTUAL', chosen) + tls(whole, 'pay', 'default'),
      // One of two is good.
      rule('MUTUAL') + tls(SOUND, 'pay') + tls(whole, 'pay', 'shop'),
      rule('ISTIO_MUTUAL').replace(/credentialName: pay/, ''),
    ])
      expect(says(text)).toEqual([]);
    const unchecked = rule('MUTUAL').replace('sni: pay.test', 'insecureSkipVerify: true');
    expect(says(unchecked + tls(SOUND, 'pay'))).toEqual([]);
    expect(says(rule(), { hasCredential: (name: string) => name === 'pay-cacert' })).toEqual([]);
    expect(says(rule('MUTUAL'), { hasCredential: (name: string) => name === 'pay' })).toEqual([]);
  });

  it('that leads nowhere is told with a remedy', () => {
    expect(says(rule('MUTUAL'))).toEqual([
      'CLV236 warning spec.trafficPolicy.tls.credentialName: there is no Secret pay in a namespace that sees this rule; apply one with tls.crt, tls.key and ca.crt in the namespace of the clients, or put tls.crt, tls.key and ca.crt into the folder pay of --mesh-credentials',
    ]);
    expect(says(rule() + secret({ stringData: ca }, 'pai', 'default'))[0]).toContain(
      'did you mean default/pai?',
    );
    for (const more of [chosen, { exportTo: ['.'] }])
      expect(says(rule('SIMPLE', more) + secret({ stringData: ca }, 'pay'))[0]).toContain(
        'istio-system/pay is where no client of the rule is',
      );
    expect(says(rule('MUTUAL') + secret({ stringData: ca }, 'pay-cacert'))).toHaveLength(1);
  });

  it('without what its mode needs is told of, in every policy of the rule', () => {
    const policy = { tls: { mode: 'SIMPLE', credentialName: 'pay' } };
    const port = { portLevelSettings: [{ port: { number: 443 }, ...policy }] };
    const subsets = [{ name: 'v1', trafficPolicy: { ...policy, ...port } }];
    const every = { trafficPolicy: port, subsets };
    const fault =
      'Secret default/pay has no authority to check pay.test by, which SIMPLE needs; add ca.crt to it, or a Secret pay-cacert';
    expect(says(rule('SIMPLE', every) + tls(SOUND, 'pay', 'default'))).toEqual(
      [
        'spec.trafficPolicy.portLevelSettings[0]',
        'spec.subsets[0].trafficPolicy',
        'spec.subsets[0].trafficPolicy.portLevelSettings[0]',
      ].map((path) => `CLV236 warning ${path}.tls.credentialName: ${fault}`),
    );
    expect(says(rule('MUTUAL') + tls(SOUND, 'pay'))[0]).toContain('which MUTUAL needs; add ca.crt');
    expect(says(rule('MUTUAL') + secret({ stringData: ca }, 'pay'))[0]).toContain(
      'no certificate with its key',
    );
  });
});
