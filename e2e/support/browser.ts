// Real Chromium, and what is asked of every page: no errors in the console, no serious fault that axe finds.
import type Axe from 'axe-core';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { chromiumLaunch } from '@clover/test-support';

export interface Browser {
  /**
   * Opens a page, hands it to `look` and closes it in any case. Console errors, page errors and failed
   * requests are collected in `faults`.
   */
  visit(
    url: string,
    look: (open: OpenPage) => Promise<void>,
    options?: { readonly scheme?: 'light' | 'dark' },
  ): Promise<void>;
  close(): Promise<void>;
}
export interface OpenPage {
  readonly page: Page;
  readonly faults: string[];
}

export async function startBrowser(
  viewport: { readonly width: number; readonly height: number } = { width: 1280, height: 800 },
): Promise<Browser> {
  const launch = await chromiumLaunch();
  const context: BrowserContext = await chromium.launchPersistentContext(launch.userDataDir, {
    ...launch.options,
    viewport,
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(20_000);
  return {
    async visit(url, look, { scheme = 'light' } = {}) {
      const page = await context.newPage();
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      const faults: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(`console: ${message.text()}`);
      });
      page.on('pageerror', (error) => faults.push(`page: ${error.message}`));
      page.on('response', (response) => {
        if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
      });
      try {
        await page.goto(url, { waitUntil: 'load' });
        await look({ page, faults });
      } finally {
        await page.close();
      }
    },
    async close() {
      await context.close();
      await launch.remove();
    },
  };
}

/** Something visible on the page's main part that has the text. */
export async function expectShown(page: Page, text: RegExp | string): Promise<void> {
  await page.locator('main').getByText(text).filter({ visible: true }).first().waitFor();
}

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/**
 * Fails with what axe finds serious or critical (WCAG 2.2 A and AA). In a window so high that nothing
 * is half hidden under the status line, which axe would take for a target too small.
 */
export async function expectAccessible(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 3000 });
  const source = await readFile(axeFile, 'utf8');
  // By the debugger's protocol, which the page's content security policy does not bind.
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof Axe };
    const { violations } = await axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      resultTypes: ['violations'],
      // The map cuts long names to fit; the label has the whole name.
      rules: { 'label-content-name-mismatch': { enabled: false } },
    });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, help, nodes }) =>
        nodes.slice(0, 5).map((node) => `${id}: ${help}: ${node.target.join(' ')}`),
      );
  });
  expect(found).toEqual([]);
}
