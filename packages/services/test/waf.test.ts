// The firewall as a gateway asks it. Skipped by name where Apache, ModSecurity or the core rules are missing.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWaf, type Waf, type WafDenial } from '../src/waf/start-waf.ts';
import { findApache } from '../src/waf/find-apache.ts';

const found = findApache(process.env);
const missing = 'missing' in found ? found.missing : '';

describe.skipIf(missing !== '')(
  `the web application firewall${missing === '' ? '' : ` (skipped: ${missing})`}`,
  () => {
    let waf: Waf;
    const denied: WafDenial[] = [];
    beforeAll(async () => {
      waf = await startWaf({ onDenied: (one) => denied.push(one) });
    });
    afterAll(() => waf?.close());
    /** As Envoy's ext_authz does: the request's own method, path, headers and body. */
    const judge = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(waf.url + path, {
        ...init,
        headers: {
          host: 'www.sdc.com',
          accept: '*/*',
          'user-agent': 'curl/8.14.1',
          ...init.headers,
        },
      });
      await response.text();
      return response.status;
    };
    const json = (method: string, body: unknown): RequestInit => ({
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });

    it.each([
      ['/', {}],
      ['/products/1000?ref=home', {}],
      ['/search?q=red+chair', {}],
      ['/a%2Fb', {}],
      ['/cart/7/items', json('POST', { product: 1007, quantity: 1 })],
      ['/uploads/list.json', json('PUT', [1000, 1007])],
      ['/orders/7', { method: 'DELETE' }],
    ] as const)('lets %s pass', async (path, init) => {
      expect(await judge(path, init)).toBe(200);
    });

    it.each([
      ['SQL injection in the query', "/products?id=1'%20OR%20'1'='1'%20--%20", {}],
      ['SQL injection, a union', '/search?q=1%20UNION%20SELECT%20password%20FROM%20users--', {}],
      ['SQL injection in a JSON body', '/login', json('POST', { user: "admin' OR 1=1--" })],
      ['script in the query', '/search?q=%3Cscript%3Ealert(1)%3C/script%3E', {}],
      [
        'script in a form',
        '/comment',
        {
          method: 'POST',
          body: 'text=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        },
      ],
      ['a path out of the site', '/files?name=../../../../etc/passwd', {}],
      ['a command', '/ping?host=127.0.0.1;cat%20/etc/passwd', {}],
      ['a scanner', '/', { headers: { 'user-agent': 'sqlmap/1.8' } }],
    ] as const)('denies %s', async (_, path, init) => {
      expect(await judge(path, init)).toBe(403);
    });

    it('lets no body pass that cannot be read; ModSecurity itself answers 500 then', async () => {
      const cut = { ...json('POST', {}), body: '{"product":' };
      expect(await judge('/cart/7/items', cut)).toBe(500);
    });

    it('says which rule denied', async () => {
      await expect.poll(() => denied.map(({ ruleId }) => ruleId)).toContain('949110');
      expect(denied.find(({ uri }) => uri === '/search')?.message).toMatch(/Anomaly Score/);
    });
  },
);

it('says what is missing', () => {
  const nothing = findApache({ APACHE: '/nowhere/apache2', PATH: '' });
  if ('missing' in nothing) expect(nothing.missing).toContain('apt-get install');
  else expect(nothing.parts.program).toBe('/usr/sbin/apache2');
});
