// Every page in real Chromium on the running demo: what stands on it, no fault in the console, nothing
// serious that axe finds in light and dark, and a back button that undoes each step.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '@clover/client';
import { hasParts, titleWith } from '@clover/test-support';
import {
  type Browser,
  expectAccessible,
  expectShown,
  type OpenPage,
  startBrowser,
} from './support/browser.ts';
import { demoOf } from './support/demo.ts';
import { type Product, startProduct } from './support/product.ts';

describe.skipIf(!hasParts('chromium'))(titleWith('the page', 'chromium'), () => {
  let product: Product;
  let browser: Browser;
  let base: string;
  let traceId: string;
  beforeAll(async () => {
    product = await startProduct({ args: ['--demo', '--demo-rate=80'] });
    base = product.ready.controller;
    await sleep(8000);
    await demoOf(product.ready).setRate(5);
    const { items } = await createClient({ baseUrl: base }).traces({
      since: '15m',
      service: 'clover-server1.default',
    });
    traceId = items[0]!.traceId;
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  });

  const pages: readonly {
    readonly name: string;
    readonly path: () => string;
    readonly shows: readonly RegExp[];
  }[] = [
    { name: 'Overview', path: () => '/', shows: [/http-lb/, /requests/i, /lost/i] },
    {
      name: 'Map',
      path: () => '/map',
      shows: [
        /istio-ingressgateway/,
        /proxy-access/,
        /clover-server5/,
        /v1\s+[\d.]+\s+%\s+v2\s+[\d.]+\s+%/,
      ],
    },
    {
      name: 'Services',
      path: () => '/services',
      shows: [/proxy-access-control/, /clover-server1/, /snort-ids/],
    },
    {
      name: 'a service',
      path: () => '/services/http-lb.default',
      shows: [/http-lb/, /response times/i, /p95/i],
    },
    { name: 'Traces', path: () => '/traces', shows: [/proxy-access-control/] },
    {
      name: 'a trace',
      path: () => `/traces/${traceId}`,
      shows: [/clover-server1/, /critical path/i],
    },
    { name: 'Compare', path: () => '/compare', shows: [/\bA\b/, /\bB\b/] },
    { name: 'Traffic', path: () => '/traffic', shows: [/sdc-front/, /mirrored/, /observed/] },
    { name: 'Metrics', path: () => '/series', shows: [/metric/i] },
    { name: 'Sources', path: () => '/sources', shows: [/otlp-http/i, /zipkin/i] },
  ];

  describe.each(pages)('$name', ({ path, shows }) => {
    it.each(['light', 'dark'] as const)('shows what it is for, %s', async (scheme) => {
      const look = async ({ page, faults }: OpenPage) => {
        for (const text of shows) await expectShown(page, text);
        await expectAccessible(page);
        expect(faults).toEqual([]);
      };
      await browser.visit(base + path(), look, { scheme });
    });
  });

  it('goes from page to page by the rail, keeps the range, and goes back', () =>
    browser.visit(`${base}/?since=5m`, async ({ page, faults }) => {
      const rail = page.getByRole('navigation', { name: 'Pages' });
      await rail.getByRole('link', { name: 'Services' }).click();
      await expectShown(page, 'clover-server1');
      expect(new URL(page.url()).pathname).toBe('/services');
      expect(page.url()).toContain('5m');
      await rail.getByRole('link', { name: 'Map' }).click();
      await page.waitForURL(/\/map/);
      await page.goBack();
      await page.waitForURL(/\/services/);
      await expectShown(page, 'clover-server1');
      await page.goForward();
      await page.waitForURL(/\/map/);
      expect(faults).toEqual([]);
    }));

  it('leads from a service to its page, and from a trace to its spans', () =>
    browser.visit(`${base}/services`, async ({ page, faults }) => {
      await page.locator('main').getByText('clover-server5').first().click();
      await page.waitForURL(/clover-server5/);
      await page.goto(`${base}/traces/${traceId}`);
      await expectShown(page, 'clover-server1');
      await page.locator('main').getByText(/:9180/).last().click();
      await page.getByText('http.request.method').first().waitFor();
      expect(faults).toEqual([]);
    }));

  it('says what is wrong when nothing is at an address', () =>
    browser.visit(`${base}/nowhere`, async ({ page }) => {
      const said = page.getByText(/not found|no such page|nothing/i).first();
      await said.waitFor();
      expect(await said.isVisible()).toBe(true);
    }));

  // The last one, because it ends the load.
  it('shows the numbers of the API', async () => {
    await demoOf(product.ready).drain();
    const { items } = await createClient({ baseUrl: base }).services({ since: '1h' });
    await browser.visit(`${base}/services?since=1h`, async ({ page }) => {
      for (const { service, requests } of items) {
        const row = page.locator('main').getByRole('row').filter({ hasText: service }).first();
        await row.waitFor();
        const titles = await row
          .locator('[title]')
          .evaluateAll((all) => all.map((one) => one.getAttribute('title')));
        const seen = [await row.textContent(), ...titles]
          .join(' ')
          .replaceAll(/[,\u202f\u2009]/g, '');
        expect(seen, `${service} has ${requests} requests`).toContain(String(requests));
      }
    });
  });
});
