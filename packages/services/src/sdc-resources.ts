// The Istio resources of the sample: examples/sdc/mesh in a clone, a copy of it in the package.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDERS = ['../mesh', '../../../examples/sdc/mesh'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** In the order of their names; none when neither folder is there. */
export async function sdcResources(
  folders: readonly string[] = FOLDERS,
): Promise<{ readonly name: string; readonly text: string }[]> {
  for (const folder of folders) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => /\.ya?ml$/.test(name));
    if (names.length === 0) continue;
    return Promise.all(
      names.toSorted().map(async (name) => ({
        name,
        text: await readFile(join(folder, name), 'utf8'),
      })),
    );
  }
  return [];
}
