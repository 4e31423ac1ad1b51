import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSiteFile } from './static-files.ts';

describe('readSiteFile', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clover-site-'));
    await mkdir(join(folder, 'site', 'sub'), { recursive: true });
    await mkdir(join(folder, 'docs'));
    await writeFile(join(folder, 'secret.txt'), 'no');
    await writeFile(join(folder, 'site', 'index.html'), 'start');
    await writeFile(join(folder, 'docs', 'a.css'), 'css');
  });
  afterAll(() => rm(folder, { recursive: true }));
  const site = () => ({
    siteRoot: join(folder, 'site'),
    siteIndex: 'index.html',
    locations: [{ uriMatch: '/docs/', directive: 'alias' as const, path: join(folder, 'docs') }],
  });

  it('serves the index of a folder and the files of a location', async () => {
    expect((await readSiteFile(site(), '/'))?.content.toString()).toBe('start');
    expect((await readSiteFile(site(), '/docs/a.css'))?.type).toMatch('text/css');
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/sub',
    '/none',
    '/%',
    '/a%00',
    '/docs/../../secret.txt',
  ])('has nothing at %s', async (path) => {
    expect(await readSiteFile(site(), path)).toBeUndefined();
  });
});
