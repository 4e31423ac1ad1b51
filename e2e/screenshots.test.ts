// Pictures of the main pages for the README: `npm run screenshots` writes docs/screenshots. In a plain
// test run they are taken as well, to see that they can be, and thrown away.
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createClient } from '@clover/client';
import { hasParts, tempDir, titleWith } from '@clover/test-support';
import { expectShown, startBrowser } from './support/browser.ts';
import { startProduct } from './support/product.ts';

const keep = process.env['CLOVER_TEST_SCREENSHOTS'] === 'keep';

describe.skipIf(!hasParts('chromium'))(titleWith('screenshots', 'chromium'), () => {
  it('shows the main pages in light and dark', async () => {
    const product = await startProduct({ args: ['--demo', '--demo-rate=60'] });
    const browser = await startBrowser({ width: 1440, height: 900 });
    const folder = await tempDir('clover-screenshots-');
    const target = keep ? 'docs/screenshots' : folder.path;
    try {
      await mkdir(target, { recursive: true });
      await sleep(keep ? 200_000 : 5000);
      const client = createClient({ baseUrl: product.ready.controller });
      const { items } = await client.traces({
        since: '15m',
        service: 'clover-server5.default',
        sort: 'slowest',
        limit: 5,
      });
      const range = keep ? '?since=3m' : '';
      const shots: Record<string, string> = {
        overview: `/${range}`,
        map: `/map${range}`,
        services: `/services${range}`,
        service: `/services/http-lb.default${range}`,
        traces: `/traces${range}`,
        trace: `/traces/${items.at(-1)!.traceId}`,
        compare: `/compare${range}`,
        metrics: `/series${range}`,
        sources: '/sources',
        // The last one, because a fault is switched on for it.
        traffic: `/traffic?since=${keep ? '3m' : '5m'}&ask=http%3A%2F%2Fhttp-lb%3A9180%2Fcatalog`,
      };
      for (const [name, path] of Object.entries(shots)) {
        if (name === 'traffic')
          await client.faultInject({
            service: 'snort-ids',
            delay: '200ms',
            percent: 20,
            for: '15m',
          });
        for (const scheme of ['light', 'dark'] as const) {
          const file = join(target, `${name}-${scheme}.png`);
          await browser.visit(
            product.ready.controller + path,
            async ({ page }) => {
              await expectShown(page, /./);
              // Nothing is loading any more, and the charts are drawn.
              await page.waitForFunction(
                () => document.querySelector('main [class*="skeleton"]') === null,
                undefined,
                { timeout: 60_000 },
              );
              await sleep(1500);
              await page.screenshot({ path: file });
            },
            { scheme },
          );
          expect((await stat(file)).size).toBeGreaterThan(10_000);
        }
      }
    } finally {
      await browser.close();
      await product.stop();
      await folder.remove();
    }
  }, 400_000);
});
