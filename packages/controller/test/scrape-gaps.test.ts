// A target that gives nothing for a while: answers about metrics say when, those about traces have nothing to do with it.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Meta, SourcesAnswer } from '@clover/model';
import { tempDir } from '@clover/test-support';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Clover, isBuilt, startClover } from './support/clover.ts';

let up = true;
const target = createServer((_, response) => {
  response.statusCode = up ? 200 : 503;
  response.end(up ? 'things 1\n' : '');
});
let clover: Clover;
let host: string;
const args = () => [`--scrape=${host}`, '--scrape-interval=1s'];

beforeAll(async () => {
  if (!isBuilt) return;
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(target.address() as AddressInfo).port}`;
  clover = await startClover({ args: args() });
});
afterAll(async () => {
  await clover?.stop();
  target.close();
});

const json = async <Answer>(path: string, of = clover) =>
  (await (await of.get(`/api/v1${path}`)).json()) as Answer;
const metaOf = async (path: string, of = clover) => (await json<{ meta: Meta }>(path, of)).meta;
const source = async (of = clover) =>
  (await json<SourcesAnswer>('/sources', of)).items.find((one) => one.kind === 'scrape')!;
const until = (what: () => Promise<unknown>) => expect.poll(what, { timeout: 30_000 });

it.skipIf(!isBuilt)('is a gap that stays when the target is back', async () => {
  await until(async () => (await source()).state).toBe('up');
  expect(await source()).toMatchObject({ completeness: 1 });
  expect(await metaOf('/metrics/names')).toMatchObject({ complete: true, notes: [] });
  up = false;
  await until(async () => (await metaOf('/metrics/names')).complete).toBe(false);
  const { notes } = await metaOf('/metrics/names');
  expect(notes[0]).toMatch(
    new RegExp(`^scrape:http://${host}/metrics has not given everything from .* UTC to .* UTC: `),
  );
  expect(notes[0]).toContain('the target answered 503');
  expect(await metaOf('/services')).toMatchObject({ complete: true, notes: [] });
  up = true;
  await until(async () => (await source()).state).toBe('up');
  const back = await source();
  expect(back.completeness).toBeLessThan(1);
  expect(back.detail).toMatch(/^1 sample a scrape, \d+ of \d+ scrapes failed$/);
  expect((await metaOf('/metrics/names')).complete).toBe(false);
});

it.skipIf(!isBuilt)('that a killed Clover left open ends when it is started again', async () => {
  const dir = await tempDir('clover-left-gap-');
  const started: Clover[] = [];
  const start = async () => {
    started.push(await startClover({ args: args(), dataDir: dir.path }));
    return started.at(-1)!;
  };
  try {
    up = false;
    const killed = await start();
    await until(async () => (await metaOf('/metrics/names', killed)).complete).toBe(false);
    killed.process.signal('SIGKILL');
    await killed.process.exited;
    up = true;
    const again = await start();
    await until(async () => (await source(again)).state).toBe('up');
    expect((await metaOf('/metrics/names', again)).complete).toBe(false);
    const now = Date.now();
    const range = `start=${new Date(now).toISOString()}&end=${new Date(now + 60_000).toISOString()}`;
    expect(await metaOf(`/metrics/names?${range}`, again)).toMatchObject({
      complete: true,
      notes: [],
    });
  } finally {
    for (const one of started) await one.stop();
    await dir.remove();
  }
});
