// What one does on the pages, in real Chromium on the running demo: walk a trace by keyboard, look closer, select in a
// heatmap, follow charts and tables to traces, track services, hold still, compare.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from '@clover/client';
import { hasParts, titleWith } from '@clover/test-support';
import { type Browser, expectAccessible, expectShown, startBrowser } from './support/browser.ts';
import { demoOf } from './support/demo.ts';
import { type Product, startProduct } from './support/product.ts';

describe.skipIf(!hasParts('chromium'))(titleWith('work on the pages', 'chromium'), () => {
  let product: Product;
  let browser: Browser;
  let client: Client;
  let base: string;
  let traceId: string;
  beforeAll(async () => {
    product = await startProduct({ args: ['--demo', '--no-mesh', '--demo-rate=60'] });
    base = product.ready.controller;
    client = createClient({ baseUrl: base });
    await sleep(12_000);
    await demoOf(product.ready).setRate(4);
    const { items } = await client.traces({ since: '15m', service: 'clover-server1' });
    traceId = items.find((one) => !one.rootMissing && one.spans >= 6)!.traceId;
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  });
  const table = (page: Page, name: string) => page.getByRole('table', { name, exact: true });

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

/** From and to as shares of the element's width and height. */
async function drag(
  page: Page,
  element: ReturnType<Page['locator']>,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<void> {
  await element.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await element.boundingBox())!;
  await page.mouse.move(x + width * from[0], y + height * from[1]);
  await page.mouse.down();
  await page.mouse.move(x + width * to[0], y + height * to[1], { steps: 6 });
  await page.mouse.up();
}
