// A watched folder on a real disk.

import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, type TempDir } from '@clover/test-support';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CloverError } from '@clover/model';
import { watchTrafficFolder } from '../src/mesh/folder.ts';
import { openRepository, type Repository } from '../src/mesh/repository/repository.ts';

const service = (name: string, port = 9180) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: ${port}, name: http}]}\n`;

let dir: TempDir;
let folder: TempDir;
let repository: Repository;
let watching: { close(): Promise<void> } | undefined;
const refused: CloverError[] = [];
const file = (name: string) => join(folder.path, name);
const names = () => [...repository.entries.values()].map(({ name }) => name).toSorted();

beforeEach(async () => {
  [dir, folder] = [await tempDir('clover-traffic-'), await tempDir('clover-folder-')];
  repository = await openRepository({
    folder: dir.path,
    registered: () => [],
    enforce: async () => ({ state: 'off', detail: '', tookMs: null }),
  });
  refused.length = 0;
});
afterEach(async () => {
  await watching?.close();
  await dir.remove();
  await folder.remove();
});

async function start() {
  watching = await watchTrafficFolder({
    repository,
    folder: folder.path,
    onApplied: () => undefined,
    onRefused: (error) => refused.push(error),
    onError: (error) => {
      throw error;
    },
  });
}

it('is in force as it stands; what others applied stays', async () => {
  await repository.apply([{ name: 'own.yaml', text: service('own') }], { author: 'ann' });
  await writeFile(file('a.yaml'), service('a'));
  await writeFile(file('README.md'), 'not YAML');
  await start();
  expect(names()).toEqual(['a', 'own']);
  await writeFile(file('new'), service('b'));
  await rename(file('new'), file('b.yaml'));
  await expect.poll(names).toEqual(['a', 'b', 'own']);
  await rm(file('a.yaml'));
  await expect.poll(names).toEqual(['b', 'own']);
  expect(repository.headers.at(-1)).toMatchObject({
    action: 'folder',
    author: `folder ${folder.path}`,
  });
  await watching!.close();
  await rm(file('b.yaml'));
  await start();
  expect(names()).toEqual(['own']);
});

it('that has an error leaves what is in force, and says where it is', async () => {
  await writeFile(file('a.yaml'), service('a'));
  await start();
  await writeFile(file('b.yaml'), `${service('b')}---\n${service('c').replace('spec', 'spec: {')}`);
  await expect.poll(() => refused.length).toBeGreaterThan(0);
  expect(refused.at(-1)!.issues[0]!.at).toMatch(/^b\.yaml:10:/);
  expect(names()).toEqual(['a']);
  await writeFile(file('b.yaml'), service('b'));
  await expect.poll(names).toEqual(['a', 'b']);
});

it('must be there', async () => {
  folder = { ...folder, path: '/nonexistent/folder' };
  await expect(start()).rejects.toMatchObject({ code: 'config.no_folder' });
});
