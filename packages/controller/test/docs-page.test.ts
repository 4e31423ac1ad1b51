// /api/docs in a real browser: under the strict policy, with nothing from elsewhere, and it can ask.

import AxeBuilder from 'axe-core';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { chromiumLaunch, hasParts, titleWith, type ChromiumLaunch } from '@clover/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RealApp, startRealApp } from './support/real-app.ts';

describe.skipIf(!hasParts('chromium'))(titleWith('the page of the API', 'chromium'), () => {
  let real: RealApp;
  let browser: BrowserContext;
  let launch: ChromiumLaunch;
  let page: Page;
  let url: string;
  const complaints: string[] = [];
  const requested: string[] = [];
  beforeAll(async () => {
    real = await startRealApp();
    url = await real.app.listen({ port: 0 });
    launch = await chromiumLaunch();
    browser = await chromium.launchPersistentContext(launch.userDataDir, {
      ...launch.options,
      viewport: { width: 1280, height: 900 },
    });
    page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() !== 'log') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requested.push(request.url()));
    await page.goto(`${url}/api/docs`);
    await page.waitForSelector('details.operation', { timeout: 10_000 }).catch(async () => {
      throw new Error(`${complaints.join('\n')}\n${await page.textContent('body')}`);
    });
  });
  afterAll(async () => {
    await browser?.close();
    await launch?.remove();
    await real?.close();
  });

  it('shows every operation of the description', async () => {
    const { paths } = await real.get<{ paths: Record<string, object> }>('/api/openapi.json');
    const operations = Object.values(paths).flatMap((methods) => Object.keys(methods));
    expect(await page.locator('details.operation').count()).toBe(operations.length);
  });

  it('asks, and shows the answer', async () => {
    await page.goto(`${url}/api/docs#getCounts`);
    const card = page.locator('#getCounts');
    await card.getByLabel('by', { exact: true }).fill('service,url');
    expect(await card.locator('.request').textContent()).toContain('by=service%2Curl');
    await card.getByRole('button', { name: 'Send' }).click();
    await card.locator('.answer .json').waitFor();
    expect(await card.locator('.answer .status').textContent()).toMatch(/^200/);
    expect(await card.locator('.answer .json').textContent()).toContain('"items": []');
  });

  it('shows a refusal with its hint, and sends bodies', async () => {
    await page.goto(`${url}/api/docs#postVisibilitySet`);
    const card = page.locator('#postVisibilitySet');
    await card.locator('textarea').fill('{"servces": []}');
    await card.getByRole('button', { name: 'Send' }).click();
    await card.locator('.answer .json').waitFor();
    expect(await card.locator('.answer .status').textContent()).toMatch(/^400/);
    expect(await card.locator('.answer .json').textContent()).toContain('servces');
  });

  it('follows the stream of events', async () => {
    await page.goto(`${url}/api/docs#getApiV1Events`);
    const card = page.locator('#getApiV1Events');
    await card.getByRole('button', { name: 'Send' }).click();
    await card.locator('.answer .json').waitFor();
    real.events.publish({ type: 'visibility' });
    await page.waitForFunction(() => document.body.textContent?.includes('"type":"visibility"'));
    expect(await card.locator('.answer .quiet').textContent()).toMatch(/events so far/);
    await card.getByRole('button', { name: 'Stop' }).click();
  });

  it('filters', async () => {
    await page.fill('#filter', 'heatmap');
    expect(await page.locator('details.operation:visible').count()).toBe(1);
    await page.fill('#filter', '');
  });

  it.each(['light', 'dark'] as const)('has no fault that axe finds, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${url}/api/docs#getTraces`);
    await page.locator('#getTraces .schema').first().waitFor();
    // The policy forbids foreign scripts, so the one of the test comes by the protocol.
    await page.evaluate(AxeBuilder.source);
    const faults = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const { violations } = await axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    });
    expect(faults).toEqual([]);
    if (process.env['CLOVER_TEST_SCREENSHOTS'])
      await page.screenshot({
        path: `${process.env['CLOVER_TEST_SCREENSHOTS']}/docs-${colorScheme}.png`,
      });
  });

  it('took nothing from elsewhere and met no complaint', () => {
    expect(requested.filter((one) => !one.startsWith(url))).toEqual([]);
    expect(complaints.filter((one) => !/status of 4/.test(one))).toEqual([]);
  });
});
