// The pages over a demo that has sent for a while and goes on slowly, in real Chromium.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { type Client, createClient } from '@clover/client';
import { type Browser, startBrowser } from './browser.ts';
import { demoOf } from './demo.ts';
import { type Product, startProduct } from './product.ts';

export interface DemoPages {
  readonly product: Product;
  readonly browser: Browser;
  readonly client: Client;
  readonly base: string;
  /** Of a whole trace with several services. */
  readonly traceId: string;
}

export async function startDemoPages(): Promise<DemoPages> {
  const product = await startProduct({ args: ['--demo', '--no-mesh', '--demo-rate=60'] });
  try {
    const base = product.ready.controller;
    const client = createClient({ baseUrl: base });
    await sleep(12_000);
    await demoOf(product.ready).setRate(4);
    const { items } = await client.traces({ since: '15m', service: 'clover-server1' });
    const { traceId } = items.find((one) => !one.rootMissing && one.spans >= 6)!;
    return { product, browser: await startBrowser(), client, base, traceId };
  } catch (error) {
    await product.stop();
    throw error;
  }
}

export const table = (page: Page, name: string) => page.getByRole('table', { name, exact: true });

/** From and to as shares of the element's width and height. */
export async function drag(
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
