import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import {
  answers,
  chromiumLaunch,
  hasParts,
  startJaeger,
  startProcess,
  startProgram,
  startPrometheus,
  tempDir,
  titleWith,
  waitFor,
} from '../src/index.ts';

describe('startProcess', () => {
  it('throws with the output of a program that ends before it is ready', async () => {
    const start = startProcess({
      command: process.execPath,
      args: ['-e', 'console.error("no such thing"); process.exit(3)'],
      ready: async () => false,
    });
    await expect(start).rejects.toThrow(/ended with 3[\s\S]*no such thing/);
  });

  it('ends a program that does not listen to SIGTERM', async () => {
    const running = await startProcess({
      command: process.execPath,
      args: [
        '-e',
        'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)',
      ],
    });
    await waitFor('its first line', () => running.stdout().includes('up'));
    await running.stop(200);
    expect(await running.exited).toBe('SIGKILL');
  });
});

describe('startProgram', () => {
  it('waits for the ready file and gives its content', async () => {
    const dir = await tempDir();
    const main = join(dir.path, 'main.mjs');
    await writeFile(
      main,
      `import { writeFileSync } from 'node:fs';
       writeFileSync(process.argv.at(-1), JSON.stringify({ controller: 'http://127.0.0.1:1' }));
       setInterval(() => {}, 1000);`,
    );
    const program = await startProgram({ main });
    expect(program.ready.controller).toBe('http://127.0.0.1:1');
    await program.stop();
    await dir.remove();
    expect(existsSync(dir.path)).toBe(false);
  });
});

describe.skipIf(!hasParts('jaeger'))(titleWith('startJaeger', 'jaeger'), () => {
  it.each(['memory', 'badger'] as const)('answers queries with %s storage', async (storage) => {
    const jaeger = await startJaeger({ storage });
    expect(await answers(`${jaeger.query}/api/services`)).toBe(true);
    await jaeger.stop();
    await expect(answers(`${jaeger.query}/api/services`)).rejects.toThrow();
  });
});

describe.skipIf(!hasParts('prometheus'))(titleWith('startPrometheus', 'prometheus'), () => {
  it('is ready to be asked', async () => {
    const prometheus = await startPrometheus();
    expect(await answers(`${prometheus.url}/api/v1/query?query=1`)).toBe(true);
    await prometheus.stop();
  });
});

describe.skipIf(!hasParts('chromium'))(titleWith('chromiumLaunch', 'chromium'), () => {
  it('opens a page', async () => {
    const { userDataDir, options, remove } = await chromiumLaunch();
    const browser = await chromium.launchPersistentContext(userDataDir, options);
    const page = await browser.newPage();
    await page.setContent('<h1>Clover</h1>');
    expect(await page.textContent('h1')).toBe('Clover');
    await browser.close();
    await remove();
    expect(existsSync(userDataDir)).toBe(false);
  });
});
