// The resources of all stories.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../../examples');

export const EXAMPLES: readonly {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .toSorted((a, b) => a.localeCompare(b))
  .map((name) => ({ name, path: join(root, name), text: readFileSync(join(root, name), 'utf8') }))
  .filter(({ text }) => /^apiVersion: /m.test(text));

/** By folder: what is applied together. */
export function exampleFolders(): Map<string, typeof EXAMPLES> {
  const folders = new Map<string, (typeof EXAMPLES)[number][]>();
  for (const one of EXAMPLES) {
    const folder = one.name.split('/').slice(0, 2).join('/');
    folders.set(folder, [...(folders.get(folder) ?? []), one]);
  }
  return folders;
}
