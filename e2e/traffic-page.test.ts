// The Traffic page in real Chromium: what is declared beside what was observed, and changes made from there, on
// requests that the example's program recorded.
import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from '@clover/client';
import { hasParts, titleWith } from '@clover/test-support';
import {
  type Browser,
  expectAccessible,
  expectShown,
  type OpenPage,
  startBrowser,
} from './support/browser.ts';
import { type Product, startProduct } from './support/product.ts';

const MESH = 'examples/traffic/mesh';
const HOUR = 3_600_000;

describe.skipIf(!hasParts('chromium'))(titleWith('the Traffic page', 'chromium'), () => {
  let product: Product;
  let browser: Browser;
  let client: Client;
  let traffic: string;
  /** The hour of the recorded requests; rules that follow the clock are judged from their last change on. */
  let recorded: string;
  beforeAll(async () => {
    product = await startProduct();
    client = createClient({ baseUrl: product.ready.controller });
    traffic = `${product.ready.controller}/traffic`;
    const requests = spawnSync(
      process.execPath,
      ['record.mjs', '--split', '75', '--requests', '3000'],
      { cwd: 'examples/traffic', encoding: 'utf8', maxBuffer: 1e9 },
    ).stdout;
    await client.import(requests);
    const names = (await readdir(MESH)).toSorted();
    const files = await Promise.all(
      names.map(async (name) => ({ name, text: await readFile(`${MESH}/${name}`, 'utf8') })),
    );
    await client.trafficApply({ files, reason: 'the example' });
    recorded = `start=${Date.now() - HOUR}&end=${Date.now() + HOUR}`;
    browser = await startBrowser({ width: 1440, height: 900 });
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  });
  const visit = (
    query: string,
    look: (open: OpenPage) => Promise<void>,
    scheme?: 'light' | 'dark',
  ) => browser.visit(`${traffic}?${query}`, look, scheme === undefined ? {} : { scheme });
  const row = (page: Page, name: string) =>
    page.locator('main').getByRole('listitem').filter({ hasText: name }).first();
  const editor = (page: Page) => page.getByRole('textbox', { name: /^YAML of/ });

  it.each(['light', 'dark'] as const)('shows what it is for, %s', (scheme) =>
    visit(
      '',
      async ({ page, faults }) => {
        for (const text of [
          'sdc-front',
          'split',
          'Where would it go?',
          'Faults',
          'DestinationRule',
        ])
          await expectShown(page, text);
        await expectAccessible(page);
        expect(faults).toEqual([]);
      },
      scheme,
    ),
  );

  it('holds the declared shares against the observed ones', () =>
    visit(`${recorded}&absent=x-canary`, async ({ page, faults }) => {
      const split = row(page, 'split');
      await split.getByText('not obeyed').waitFor();
      expect(await split.innerText()).toMatch(/http-lb v1\s+70 %\s+7[3-7]\.?\d* % observed/);
      await row(page, 'timeout 3s').getByText('obeyed', { exact: true }).waitFor();
      expect(faults).toEqual([]);
    }));

  it('says which header nobody recorded, and judges when it is taken as absent', () =>
    visit(recorded, async ({ page }) => {
      await page.getByText('3,000 undecided: x-canary not recorded').waitFor();
      await page.getByRole('button', { name: 'take as absent' }).click();
      await row(page, 'split').getByText('not obeyed').waitFor();
      expect(page.url()).toContain('absent=x-canary');
    }));

  it('says since when the rules are in force', () =>
    visit(recorded, async ({ page }) => {
      const since = page.getByText(/^also from before \d/);
      await since.waitFor();
      expect(await since.getAttribute('title')).toMatch(/revision 1, .*met other rules/);
    }));

  it('says which requests a change would treat otherwise, before it is made', () =>
    visit('edit=VirtualService%2Fdefault%2Fhttp-lb', async ({ page, faults }) => {
      await editor(page).click();
      await page.keyboard.press('Control+End');
      await page.keyboard.type('      timeout: 4s');
      const classes = page.getByRole('region', { name: 'Requests that meet something else' });
      await classes
        .getByText(/GET http:\/\/http-lb/)
        .first()
        .waitFor();
      await classes
        .getByText(/timeout/)
        .first()
        .waitFor();
      await expectAccessible(page);
      expect(faults).toEqual([]);
    }));

  it('shows rules of connections and of Gateway API', async () => {
    const text = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db}
spec:
  hosts: [db.example.com]
  tls: [{match: [{port: 443, sniHosts: [db.example.com]}], route: [{destination: {host: http-lb}}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{group: '', kind: Service, name: http-lb}]
  rules: [{backendRefs: [{name: http-lb, port: 9180, weight: 3}, {name: clover-server1, port: 9180, weight: 1}]}]
`;
    await client.trafficApply({ files: [{ name: 'other.yaml', text }], force: true });
    await visit('', async ({ page, faults }) => {
      const others = page.getByRole('list', { name: 'Rules of connections and of Gateway API' });
      await others.getByText('tls rule 1').waitFor();
      await others.getByText('HTTPRoute rule 1').waitFor();
      await others.getByText('75 % http-lb').waitFor();
      await expectAccessible(page);
      expect(faults).toEqual([]);
    });
    const added = [
      { kind: 'VirtualService', namespace: 'default', name: 'db' },
      { kind: 'HTTPRoute', namespace: 'default', name: 'shop' },
    ];
    await client.trafficDelete({ resources: added });
  });

  it('shifts weights: the difference first, then the change, and nothing else of the file', () =>
    visit('', async ({ page, faults }) => {
      const { revision } = await client.trafficResources();
      const before = await client.trafficResource({
        kind: 'vs',
        namespace: 'default',
        name: 'http-lb',
      });
      await page.getByRole('button', { name: 'Shift' }).click();
      await page.getByRole('slider').first().fill('95');
      const difference = page.getByRole('group', { name: 'Differences' });
      await difference.getByText('weight: 95').waitFor();
      expect(await difference.innerText()).toMatch(/-\s+weight: 30\n\+\s+weight: 5\n/);
      expect((await client.trafficResources()).revision).toBe(revision);
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByRole('slider').first().waitFor({ state: 'detached' });
      const after = await client.trafficResource({
        kind: 'vs',
        namespace: 'default',
        name: 'http-lb',
      });
      expect(after.yaml).toBe(
        before.yaml.replace('weight: 70', 'weight: 95').replace('weight: 30', 'weight: 5'),
      );
      await row(page, 'split').getByText('95 %').waitFor();
      expect(faults).toEqual([]);
    }));

  it('checks and completes while one writes, and applies what is right', () =>
    visit('edit=VirtualService%2Fdefault%2Fsdc-front', async ({ page, faults }) => {
      await editor(page).click();
      await page.keyboard.press('Control+End');
      await page.keyboard.type('      retires: 3');
      const fault = page.getByText(/^CLV1\d\d$/).first();
      await fault.waitFor();
      const apply = page.getByRole('button', { name: 'Apply' });
      expect(await apply.isDisabled()).toBe(true);
      for (const key of ['Home', 'Home', 'Shift+End', 'Delete']) await page.keyboard.press(key);
      await fault.waitFor({ state: 'detached' });
      await page.keyboard.type('      rewr');
      await page.getByRole('option', { name: /^rewrite/ }).waitFor();
      // For 75 ms after its list came the editor takes Enter for a line break.
      await page.waitForTimeout(150);
      await page.keyboard.press('Enter');
      await page.keyboard.type('uri');
      await page.getByRole('option', { name: /^uri/ }).first().waitFor();
      await page.waitForTimeout(150);
      await page.keyboard.press('Enter');
      await page.keyboard.type('/extra');
      await page.getByRole('group', { name: 'Differences' }).getByText('uri: /extra').waitFor();
      await expectAccessible(page);
      await page.waitForFunction(() =>
        [...document.querySelectorAll('button')].some(
          (one) => one.textContent === 'Apply' && !one.disabled,
        ),
      );
      await apply.click();
      await page.getByText(/In force as revision \d+/).waitFor();
      const { yaml } = await client.trafficResource({
        kind: 'vs',
        namespace: 'default',
        name: 'sdc-front',
      });
      expect(yaml).toMatch(/\n {6}rewrite:\n {8}uri: \/extra\n?$/);
      expect(faults).toEqual([]);
    }));

  it('does not throw away what was written', () =>
    visit('edit=VirtualService%2Fdefault%2Fhttp-lb', async ({ page }) => {
      await editor(page).click();
      await page.keyboard.type('# ');
      await page.getByRole('button', { name: 'Close' }).click();
      await page.getByText('What you wrote is not in force.').waitFor();
      await page.getByRole('button', { name: 'Throw it away' }).click();
      await editor(page).waitFor({ state: 'detached' });
      const { yaml } = await client.trafficResource({
        kind: 'vs',
        namespace: 'default',
        name: 'http-lb',
      });
      expect(yaml).not.toMatch(/^# /);
    }));

  it('explains where a request would go, in a link that can be sent', () =>
    visit('', async ({ page, faults }) => {
      await page.getByRole('textbox', { name: 'URL' }).fill('http://http-lb:9180/test');
      await page.getByRole('textbox', { name: 'Headers' }).fill('x-canary: yes');
      await page.getByRole('button', { name: 'Explain' }).click();
      await page.getByText('default/http-lb canary', { exact: true }).waitFor();
      expect(page.url()).toContain('ask=http');
      await page.reload();
      await page.getByText('default/http-lb canary', { exact: true }).waitFor();
      expect(faults).toEqual([]);
    }));

  it('switches a fault on for a time, and off', () =>
    visit('', async ({ page, faults }) => {
      await page.getByRole('button', { name: 'Switch one on' }).click();
      await page.getByRole('combobox', { name: 'Service' }).fill('http-lb');
      await page.getByRole('button', { name: 'Switch on', exact: true }).click();
      await page.getByText(/ends by itself in/).waitFor();
      await row(page, 'split').getByText('fault on').waitFor();
      expect((await client.faults()).items).toMatchObject([{ id: 'default/http-lb', percent: 10 }]);
      await page.getByRole('button', { name: 'Switch off' }).click();
      await page.getByText('None is on.').waitFor();
      expect((await client.faults()).items).toEqual([]);
      expect(faults).toEqual([]);
    }));

  it('goes back to an earlier revision, after showing what that does', () =>
    visit('list=history', async ({ page, faults }) => {
      await page.getByRole('button', { name: /the example/ }).click();
      await page.getByRole('button', { name: 'Back to this …' }).click();
      await page.getByRole('group', { name: 'Differences' }).getByText('uri: /extra').waitFor();
      await page.getByRole('button', { name: 'Go back to revision 1' }).click();
      await page.getByText(/^undo/).first().waitFor();
      const { yaml } = await client.trafficResource({
        kind: 'vs',
        namespace: 'default',
        name: 'sdc-front',
      });
      expect(yaml).not.toContain('extra');
      expect(faults).toEqual([]);
    }));
});
