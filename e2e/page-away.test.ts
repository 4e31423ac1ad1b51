// The page when things go wrong: more tabs than a browser has connections, a server that goes away and comes
// back, a store that takes too long.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, hasParts, tempDir, titleWith, type TempDir } from '@clover/test-support';
import { type Browser, expectShown, type OpenPage, startBrowser } from './support/browser.ts';
import { type Product, startProduct } from './support/product.ts';

const TABS = 8;

describe.skipIf(!hasParts('chromium'))(titleWith('the page under trouble', 'chromium'), () => {
  let product: Product;
  let browser: Browser;
  let data: TempDir;
  let args: string[];
  beforeAll(async () => {
    data = await tempDir('clover-away-');
    args = [`--port=${await freePort()}`];
    product = await startProduct({ args, dataDir: data.path });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
    await data?.remove();
  });

  it('reads one stream of live events for all tabs', async () => {
    const open = async (left: number): Promise<void> => {
      if (left === 0) {
        const metrics = await (await fetch(`${product.ready.controller}/metrics`)).text();
        expect(metrics).toMatch(/^clover_event_listeners 1$/m);
        return;
      }
      await browser.visit(`${product.ready.controller}/sources`, async ({ page }) => {
        await page.locator('footer').getByText('sources').waitFor();
        await expectShown(page, 'otlp-http');
        await open(left - 1);
      });
    };
    await open(TABS);
  });

  it('says that the server is away, and recovers by itself', () =>
    browser.visit(`${product.ready.controller}/sources`, async ({ page }) => {
      await expectShown(page, 'otlp-http');
      await product.stop();
      const note = page.getByText('Clover does not answer');
      await note.waitFor();
      expect(await page.locator('main').innerText()).toContain('otlp-http');
      product = await startProduct({ args, dataDir: data.path });
      await note.waitFor({ state: 'detached', timeout: 60_000 });
    }));

  it('keeps an error until there is an answer', async () => {
    const look = async ({ page }: OpenPage) => {
      let answer = false;
      let asked = 0;
      await page.route('**/api/v1/services?**', (route) => {
        asked++;
        return answer
          ? route.continue()
          : route.fulfill({
              status: 504,
              contentType: 'application/problem+json',
              body: JSON.stringify({
                type: 'about:blank',
                title: 'the query took too long',
                status: 504,
                code: 'store.query_timeout',
              }),
            });
      });
      await page.goto(`${product.ready.controller}/services?since=5m`);
      const alert = page.getByRole('alert');
      await alert.waitFor();
      expect(asked).toBe(1);
      await page.getByRole('button', { name: 'Try again' }).click();
      expect(await alert.isVisible()).toBe(true);
      answer = true;
      await page.getByRole('button', { name: 'Try again' }).click();
      await alert.waitFor({ state: 'detached' });
      await expectShown(page, 'No services in this time range');
    };
    await browser.visit(`${product.ready.controller}/sources`, look);
  });
});
