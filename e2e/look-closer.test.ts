// What one looks into on the pages, in real Chromium on the running demo: walk a trace by keyboard, look closer, select in
// a heatmap, follow charts and tables to traces.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasParts, titleWith } from '@clover/test-support';
import { type DemoPages, drag, startDemoPages, table } from './support/demo-pages.ts';

describe.skipIf(!hasParts('chromium'))(titleWith('looking closer on the pages', 'chromium'), () => {
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

  describe('a trace', () => {
    it('is walked, closed, opened and looked into by keyboard alone', () =>
      browser.visit(`${base}/traces/${traceId}`, async ({ page, faults }) => {
        const tree = page.getByRole('tree');
        await tree.focus();
        const rows = await tree.getByRole('treeitem').count();
        await page.keyboard.press('ArrowLeft');
        expect(await tree.getByRole('treeitem').count()).toBe(1);
        await page.keyboard.press('ArrowRight');
        expect(await tree.getByRole('treeitem').count()).toBe(rows);
        await page.keyboard.press('End');
        const last = await tree.getAttribute('aria-activedescendant');
        await page.keyboard.press('Home');
        await page.keyboard.press('ArrowDown');
        expect(await tree.getAttribute('aria-activedescendant')).not.toBe(last);
        await page.keyboard.press('Enter');
        const drawer = page.getByRole('complementary', { name: /^Span / });
        await drawer.waitFor();
        const opened = new URL(page.url()).searchParams.get('span');
        await tree.focus();
        await page.keyboard.press('ArrowDown');
        await page.waitForFunction(
          (before) => new URL(location.href).searchParams.get('span') !== before,
          opened,
        );
        await page.keyboard.press('Escape');
        await drawer.waitFor({ state: 'detached' });
        expect(page.url()).not.toContain('span=');
        expect(faults).toEqual([]);
      }));

    it('is looked at closer by a drag over its map, in the URL, and whole again by a double click', () =>
      browser.visit(`${base}/traces/${traceId}`, async ({ page, faults }) => {
        const map = page.getByTestId('minimap');
        await map.waitFor();
        await drag(page, map, [0.2, 0.5], [0.6, 0.5]);
        await page.waitForURL(/zoom=\d+-\d+/);
        const [from, to] = new URL(page.url()).searchParams.get('zoom')!.split('-').map(Number);
        const { durationNs } = await client.trace(traceId);
        expect(from! / durationNs).toBeCloseTo(0.2, 1);
        expect(to! / durationNs).toBeCloseTo(0.6, 1);
        await page.reload();
        await page.getByRole('button', { name: 'All of the trace' }).waitFor();
        await map.dblclick();
        await page.waitForURL((url) => !url.searchParams.has('zoom'));
        await page.getByRole('tree').focus();
        // The shortest span: one nearly as long as the trace is no closer look.
        const { spans } = await client.trace(traceId);
        const lengths = spans.map((one) => one.durationNs);
        await page.keyboard.press('Home');
        for (let row = lengths.indexOf(Math.min(...lengths)); row > 0; row--)
          await page.keyboard.press('ArrowDown');
        await page.keyboard.press('z');
        await page.waitForURL(/zoom=/);
        await page.goBack();
        await page.waitForURL((url) => !url.searchParams.has('zoom'));
        expect(faults).toEqual([]);
      }));
  });

  describe('the heatmap', () => {
    const heatmap = (page: Page) => page.getByRole('figure', { name: /^Response times/ });

    it('shows what is different about a brush, and its traces', () =>
      browser.visit(`${base}/services/http-lb?since=5m&live=0`, async ({ page, faults }) => {
        await heatmap(page).waitFor();
        await drag(page, heatmap(page), [0.1, 0.05], [0.98, 0.5]);
        await page.waitForURL(/slow=\d+-\d+-\d+-\d+/);
        await page.getByRole('heading', { name: /^What is different about/ }).waitFor();
        await page.getByRole('button', { name: 'See the traces' }).click();
        await page.waitForURL(/\/traces\?/);
        expect(page.url()).toMatch(/service=http-lb/);
        expect(page.url()).toMatch(/min=\d+ns/);
        await table(page, 'Traces').getByRole('row').nth(1).waitFor();
        expect(faults).toEqual([]);
      }));

    it('is selected by keyboard, and read as a table', () =>
      browser.visit(`${base}/services/http-lb?since=5m&live=0`, async ({ page, faults }) => {
        await heatmap(page).focus();
        for (const key of ['ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowUp', 'Shift+ArrowDown'])
          await page.keyboard.press(key);
        await page.keyboard.press('Enter');
        await page.waitForURL(/slow=/);
        await page.getByRole('button', { name: 'Response times: view as table' }).click();
        await table(page, 'Response times as a table').getByRole('row').nth(2).waitFor();
        expect(faults).toEqual([]);
      }));

    it('begins with the data, and says that nothing lies under a brush over nothing', async () => {
      const range = { start: String(Date.now() - 3_600_000), end: String(Date.now()) };
      const data = await client.latencyHeatmap({ ...range, service: 'http-lb', columns: 90 });
      const [columns, rows] = [data.timesMs.length, data.buckets.length];
      expect(data.counts[0]!.some((count) => count > 0)).toBe(true);
      const column = data.counts.findIndex((cells) => cells.includes(0));
      const row = data.counts[column]!.indexOf(0);
      const at = `start=${range.start}&end=${range.end}`;
      await browser.visit(`${base}/services/http-lb?${at}`, async ({ page }) => {
        const canvas = heatmap(page).getByRole('img', { name: /^Heatmap/ });
        await canvas.waitFor();
        const { width, height } = (await canvas.boundingBox())!;
        const middle = {
          x: 56 + ((column + 0.5) / columns) * (width - 56),
          y: (1 - (row + 0.5) / rows) * (height - 24),
        };
        await canvas.click({ position: middle, force: true });
        await page.getByText('No requests there').waitFor();
        expect(page.url()).not.toContain('slow=');
      });
    });
  });

  describe('charts', () => {
    it('zoom the page by a drag, and go back', () =>
      browser.visit(`${base}/?since=5m`, async ({ page, faults }) => {
        const plot = page.locator('#chart-traffic .u-over');
        await plot.waitFor();
        await drag(page, plot, [0.5, 0.5], [0.9, 0.5]);
        await page.waitForURL(/start=\d+&end=\d+/);
        const { searchParams } = new URL(page.url());
        const lengthMs = Number(searchParams.get('end')) - Number(searchParams.get('start'));
        // Two fifths of what is drawn: the range, or the time since the first request.
        expect(lengthMs).toBeGreaterThan(1000);
        expect(lengthMs).toBeLessThan(200_000);
        expect(await page.getByRole('button', { name: 'Live' }).isDisabled()).toBe(true);
        await page.goBack();
        await page.waitForURL(/since=5m/);
        expect(await page.getByRole('button', { name: 'Live' }).isDisabled()).toBe(false);
        expect(faults).toEqual([]);
      }));

    it.each([
      ['Errors', 'status=error'],
      ['Duration', 'sort=slowest'],
      ['Rate', 'service=http-lb'],
    ])('lead from %s to traces with %s', (title, wanted) =>
      browser.visit(`${base}/services/http-lb?since=5m&live=0`, async ({ page, faults }) => {
        const plot = page.locator(`#chart-${title.toLowerCase()} .u-over`);
        await plot.waitFor();
        const box = (await plot.boundingBox())!;
        await page.mouse.click(box.x + box.width * 0.7, box.y + box.height * 0.9);
        await page.waitForURL(/\/traces\?/);
        expect(page.url()).toContain(wanted);
        expect(page.url()).toMatch(/start=\d+/);
        expect(faults).toEqual([]);
      }),
    );

    it('say of steps that still fill how far they are', () =>
      browser.visit(`${base}/?since=5m`, async ({ page, faults }) => {
        await page.locator('#chart-traffic').hover();
        await page.getByRole('button', { name: 'Traffic: view as table' }).click();
        const rows = page.getByRole('region', { name: 'Traffic as a table' }).getByRole('row');
        await rows.nth(2).waitFor();
        expect(await rows.nth(1).textContent()).toContain('so far');
        expect(await rows.last().textContent()).not.toContain('so far');
        const answer = await client.rates({ since: '5m' });
        expect(answer.incompleteFromMs).toBeLessThanOrEqual(Date.parse(answer.meta.end) - 5000);
        expect(faults).toEqual([]);
      }));

    it('of durations have a logarithmic scale, kept in the URL', () =>
      browser.visit(`${base}/services/http-lb?since=5m&live=0`, async ({ page, faults }) => {
        await page.locator('#chart-duration').hover();
        const log = page.getByRole('button', { name: 'Duration: logarithmic scale' });
        await log.click();
        await page.waitForURL(/y=log/);
        expect(await log.getAttribute('aria-pressed')).toBe('true');
        await page.reload();
        await page.locator('#chart-duration .u-over').waitFor();
        expect(faults).toEqual([]);
      }));

    it('of a metric lead to the traces of a time', () =>
      browser.visit(`${base}/series?since=5m&live=0`, async ({ page, faults }) => {
        await table(page, 'Metrics').getByRole('link').first().click();
        const plot = page.locator('figure .u-over').first();
        await plot.waitFor();
        await plot.click();
        await page.waitForURL(/\/traces\?/);
        expect(faults).toEqual([]);
      }));
  });

  describe('tables', () => {
    it('open a row in a new tab by middle and Ctrl click, and here by a plain one', () =>
      browser.visit(`${base}/services?since=5m&live=0`, async ({ page, faults }) => {
        const row = table(page, 'Services').getByRole('row').filter({ hasText: 'http-lb' });
        const link = row.getByRole('link', { name: 'http-lb' });
        expect(await link.getAttribute('href')).toContain('/services/http-lb');
        const cell = row.getByRole('cell').nth(4);
        for (const click of [
          () => cell.click({ button: 'middle' }),
          () => cell.click({ modifiers: ['Control'] }),
        ]) {
          const opened = page.context().waitForEvent('page');
          await click();
          const tab = await opened;
          await tab.waitForURL(/\/services\/http-lb/);
          await tab.close();
        }
        expect(new URL(page.url()).pathname).toBe('/services');
        await cell.click();
        await page.waitForURL(/\/services\/http-lb/);
        expect(faults).toEqual([]);
      }));

    it('are filtered where there is much, in the URL', () =>
      browser.visit(
        `${base}/services/http-lb?since=5m&live=0&tab=urls`,
        async ({ page, faults }) => {
          const urls = table(page, 'Requests by url');
          await urls.waitFor();
          const rows = Number(await urls.getAttribute('aria-rowcount'));
          if (rows <= 21) return;
          await page.getByRole('searchbox', { name: 'Filter requests by url' }).fill('products');
          await page.getByText(/^\d+ of \d+$/).waitFor();
          for (const one of await urls.getByRole('row').filter({ hasNotText: 'Requests' }).all())
            expect(await one.textContent()).toContain('products');
          expect(page.url()).toContain('Find=products');
          expect(faults).toEqual([]);
        },
      ));
  });
});
