// What one does on the pages, in real Chromium on the running demo: follow the map, compare, hold still, track services,
// clear what is stored.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasParts, titleWith } from '@clover/test-support';
import { expectAccessible, expectShown } from './support/browser.ts';
import { demoOf } from './support/demo.ts';
import { type DemoPages, startDemoPages, table } from './support/demo-pages.ts';

describe.skipIf(!hasParts('chromium'))(titleWith('work on the pages', 'chromium'), () => {
  let product: DemoPages['product'];
  let browser: DemoPages['browser'];
  let client: DemoPages['client'];
  let base: DemoPages['base'];
  let traceId: DemoPages['traceId'];
  beforeAll(async () => {
    ({ product, browser, client, base, traceId } = await startDemoPages());
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  });

  it('opens an edge in a drawer of its own URL, leads to its traces, and Esc closes it', () =>
    browser.visit(`${base}/map?since=5m&live=0&view=table`, async ({ page, faults }) => {
      await table(page, 'Edges')
        .getByRole('row')
        .filter({ hasText: 'proxy-access-control' })
        .filter({ hasText: 'http-lb' })
        .getByRole('link')
        .click();
      const drawer = page.getByRole('complementary', { name: 'proxy-access-control to http-lb' });
      await drawer.waitFor();
      expect(decodeURIComponent(page.url())).toContain('edge=proxy-access-control→http-lb');
      await page.reload();
      await drawer.waitFor();
      await expectAccessible(page);
      await page.keyboard.press('Escape');
      await drawer.waitFor({ state: 'detached' });
      expect(page.url()).not.toContain('edge=');
      await page.goBack();
      await drawer.getByRole('link', { name: 'All traces of this edge' }).click();
      await page.waitForURL(/\/traces\?/);
      expect(decodeURIComponent(page.url())).toContain('filter=peer=http-lb');
      await table(page, 'Traces').getByRole('row').nth(1).waitFor();
      expect(faults).toEqual([]);
    }));

  it('gives each service of the map a colour of its own, the same on its page', () =>
    browser.visit(`${base}/services?since=5m&live=0`, async ({ page }) => {
      await expectShown(page, 'snort-ids');
      const colorsOf = () =>
        table(page, 'Services')
          .locator('[class*=dot]')
          .evaluateAll((dots) => dots.map((one) => getComputedStyle(one).backgroundColor));
      const colors = await colorsOf();
      expect(colors.length).toBe(8);
      expect(new Set(colors).size).toBe(8);
      await page.goto(`${base}/traces/${traceId}`);
      await page.getByRole('tree').waitFor();
      await page.goto(`${base}/services?since=5m&live=0`);
      await expectShown(page, 'snort-ids');
      expect(new Set(await colorsOf())).toEqual(new Set(colors));
    }));

  it('says that a service sent nothing in the range, in place of empty charts', () =>
    browser.visit(`${base}/services/nobody?since=5m`, async ({ page, faults }) => {
      await page.getByText('No spans of nobody in this time range').waitFor();
      expect(await page.locator('figure').count()).toBe(0);
      expect(faults).toEqual([]);
    }));

  it('shows exemplars of a service from one answer', () =>
    browser.visit(`${base}/sources`, async ({ page, faults }) => {
      const asked: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      const answer = page.waitForResponse(/latency\/exemplars/);
      await page.goto(`${base}/services/http-lb?since=5m&live=0`);
      const { items } = (await (await answer).json()) as { items: object[] };
      expect(items.length).toBeGreaterThan(1);
      await page.locator('#chart-duration .u-over').waitFor();
      expect(asked.filter((path) => path.includes('/api/v1/traces'))).toEqual([]);
      expect(faults).toEqual([]);
    }));

  it('shows on the overview what is soon there before what takes long', () =>
    browser.visit(`${base}/sources`, async ({ page, faults }) => {
      let answer: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (answer = resolve));
      await page.route('**/api/v1/overview/calls*', async (route) => {
        await held;
        await route.continue();
      });
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').first().click();
      await table(page, 'Services by impact').getByRole('row').nth(1).waitFor();
      await page.locator('#chart-traffic .u-over').waitFor();
      await page.getByText(/p95 response time/).waitFor();
      const waiting = page.getByRole('status', { name: 'is being counted' });
      expect(await waiting.count()).toBe(2);
      answer();
      await page.waitForFunction(
        () => document.querySelectorAll('[aria-label="is being counted"]').length === 0,
      );
      expect(faults).toEqual([]);
    }));

  it('leads from alerts of the IDS on the overview to the trace that raised one', () =>
    browser.visit(`${base}/`, async ({ page, faults }) => {
      const strip = page.getByRole('list', { name: 'Reports' });
      await strip.getByRole('link', { name: /of the IDS/ }).click();
      const alerts = table(page, 'Alerts');
      await alerts.getByRole('row').nth(1).waitFor();
      await expectAccessible(page);
      await page.getByRole('tab', { name: 'Uploads' }).click();
      await page.waitForURL(/reports=uploads/);
      await page.goBack();
      await alerts.getByRole('link').first().click();
      await page.waitForURL(/\/traces\/[0-9a-f]{32}/);
      await expectShown(page, /snort-ids|proxy-access-control/);
      expect(faults).toEqual([]);
    }));

  it('compares two versions really, and leads to the traces behind a bar', () =>
    browser.visit(`${base}/compare?since=5m&live=0`, async ({ page, faults }) => {
      await page.getByRole('combobox', { name: 'Compare' }).selectOption('version');
      await page.getByRole('combobox', { name: 'of' }).selectOption('http-lb');
      await page.getByRole('combobox', { name: 'A', exact: true }).selectOption('v1');
      await page.getByRole('combobox', { name: 'B', exact: true }).selectOption('v2');
      await page.waitForURL(/a=v1.*b=v2|b=v2.*a=v1/);
      const sides = await client.compare({
        since: '5m',
        service: 'http-lb',
        aVersion: 'v1',
        bVersion: 'v2',
      });
      expect(sides.a.red.requests).toBeGreaterThan(sides.b.red.requests);
      const titles = page.locator('main dd[title$=requests]');
      await page.waitForFunction(
        () => document.querySelectorAll('main dd[title$=requests]').length === 2,
      );
      const [a, b] = await titles.evaluateAll((all) =>
        all.map((one) => Number(one.getAttribute('title')!.replaceAll(/\D/g, ''))),
      );
      expect(a! / b!).toBeGreaterThan(2);
      await page
        .getByRole('link', { name: /^Traces of B of/ })
        .first()
        .click();
      await page.waitForURL(/\/traces\?/);
      expect(decodeURIComponent(page.url())).toContain('filter=version=v2');
      await table(page, 'Traces').getByRole('row').nth(1).waitFor();
      expect(faults).toEqual([]);
    }));

  it('does not call changes significant when there is nothing before', () =>
    browser.visit(`${base}/compare?since=1h&live=0`, async ({ page }) => {
      await page.getByText('A has no requests').first().waitFor();
      expect(await page.getByText(/significant/).count()).toBe(0);
    }));

  it('follows the clock or holds still, as one wants', () =>
    browser.visit(`${base}/services?since=5m`, async ({ page }) => {
      await expectShown(page, 'http-lb');
      const asked: string[] = [];
      page.on('request', (one) => {
        if (one.url().includes('/api/v1/services')) asked.push(one.url());
      });
      await page.waitForRequest(/\/api\/v1\/services/);
      await page.getByRole('button', { name: 'Live' }).click();
      await page.waitForURL(/live=0/);
      await sleep(1500);
      asked.length = 0;
      await sleep(7000);
      expect(asked).toEqual([]);
      await page.getByRole('button', { name: 'Live' }).click();
      await page.waitForRequest(/\/api\/v1\/services/);
    }));

  it('pins the rail open, and remembers it', () =>
    browser.visit(`${base}/`, async ({ page, faults }) => {
      const rail = page.getByRole('navigation', { name: 'Pages' });
      const widthOf = async () => (await rail.boundingBox())!.width;
      await expect.poll(widthOf).toBeLessThan(70);
      await page.getByRole('button', { name: 'Pin the rail open' }).click();
      await expect.poll(widthOf).toBe(200);
      await page.reload();
      await rail.waitFor();
      await expect.poll(widthOf).toBe(200);
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Close the rail' }).click();
      await expect.poll(widthOf).toBeLessThan(70);
      expect(faults).toEqual([]);
    }));

  // These change what is tracked and stored.
  it('tracks the services that one chooses', () =>
    browser.visit(`${base}/services?since=5m&live=0`, async ({ page, faults }) => {
      await page.getByRole('checkbox', { name: 'Track snort-ids' }).click();
      await page.getByText('7 tracked').waitFor();
      expect((await client.visibility()).services).not.toContain('snort-ids');
      await page.getByRole('checkbox', { name: 'Track snort-ids' }).click();
      await page.getByText('all tracked').waitFor();
      expect((await client.visibility()).services).toEqual([]);
      expect(faults).toEqual([]);
    }));

  it('clears what is stored only after it has said what, and kept what one does not name', () =>
    browser.visit(`${base}/sources`, async ({ page, faults }) => {
      await page.getByRole('button', { name: 'Clear stored data …' }).click();
      const dialog = page.getByRole('dialog', { name: 'Clear stored data' });
      await dialog.getByText(/Stored are [\d,]+ spans since/).waitFor();
      await expectAccessible(page);
      await dialog.getByRole('button', { name: 'Keep everything' }).click();
      await dialog.waitFor({ state: 'detached' });
      expect(page.url()).not.toContain('clear');
      await page.goBack();
      await dialog.getByRole('checkbox', { name: /^Spans/ }).uncheck();
      await dialog.getByRole('button', { name: 'Clear metrics', exact: true }).click();
      await dialog.waitFor({ state: 'detached' });
      const { storedSpans } = await client.system({ since: '1h' });
      expect(storedSpans).toBeGreaterThan(0);
      expect(faults).toEqual([]);
    }));

  it('is empty at once when what is stored is cleared', () =>
    browser.visit(`${base}/traces?since=5m`, async ({ page }) => {
      await table(page, 'Traces').waitFor();
      await demoOf(product.ready).drain();
      await client.visibilityClear({});
      await page.getByText('No traces match').waitFor();
      expect((await client.traces({ since: '1h' })).items).toEqual([]);
    }));
});
