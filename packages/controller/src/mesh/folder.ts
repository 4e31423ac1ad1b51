// A folder of YAML that is in force as it stands: a change of a file is a change of the configuration,
// a resource that leaves the folder is removed. What others applied stays.

import { watch, type FSWatcher } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CloverError } from '@clover/model';
import type { SourceFile } from '@clover/traffic';
import { entryKey, FAULT_KIND } from './repository/entry.ts';
import type { Changed, Repository } from './repository/repository.ts';

export interface TrafficFolderOptions {
  readonly repository: Repository;
  readonly folder: string;
  readonly onApplied: (changed: Changed) => void;
  /** The folder has errors; what was in force stays. */
  readonly onRefused: (error: CloverError) => void;
  readonly onError: (error: unknown) => void;
}

/** Editors write a file in several steps. */
const SETTLE_MS = 30;
const WRITING_MS = 300;
const YAML = /\.ya?ml$/;

/** Resolves when the folder was applied once, or was refused. Throws `config.no_folder`. */
export async function watchTrafficFolder(
  options: TrafficFolderOptions,
): Promise<{ close(): Promise<void> }> {
  const { repository, folder } = options;
  const author = `folder ${folder}`;
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();
  let closed = false;

  async function applyNow(): Promise<void> {
    const files = await readYaml(folder);
    // A file that was emptied just now is being written; without this its resources would blink.
    if (files.some(({ text, ageMs }) => text.trim() === '' && ageMs < WRITING_MS))
      return schedule();
    const owned = [...repository.entries.values()].filter((one) => one.author === author);
    const remove = new Set(owned.filter(({ kind }) => kind !== FAULT_KIND).map(entryKey));
    if (remove.size === 0 && files.every(({ text }) => text.trim() === '')) return;
    try {
      const changed = await repository.apply(files, { author, remove, action: 'folder' });
      if (changed.changes.some(({ action }) => action !== 'unchanged')) options.onApplied(changed);
    } catch (error) {
      if (!(error instanceof CloverError) || error.status >= 500) throw error;
      options.onRefused(error);
    }
  }

  function schedule(): void {
    clearTimeout(timer);
    if (closed) return;
    timer = setTimeout(() => {
      last = last.then(applyNow).catch(options.onError);
    }, SETTLE_MS);
  }

  const watcher = open(folder);
  watcher.on('change', schedule);
  watcher.on('error', options.onError);
  await applyNow();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      watcher.close();
      await last;
    },
  };
}

function open(folder: string): FSWatcher {
  try {
    return watch(folder, { recursive: true });
  } catch (cause) {
    throw new CloverError('config.no_folder', `${folder} cannot be watched`, {
      hint: '--traffic takes a folder of YAML files',
      status: 400,
      cause,
    });
  }
}

async function readYaml(folder: string): Promise<(SourceFile & { ageMs: number })[]> {
  const names = (await readdir(folder, { recursive: true })).filter((one) => YAML.test(one));
  const files = await Promise.all(
    names.toSorted().map(async (name) => {
      const path = join(folder, name);
      try {
        const { mtimeMs } = await stat(path);
        return [{ name, text: await readFile(path, 'utf8'), ageMs: Date.now() - mtimeMs }];
      } catch {
        return []; // gone since the listing: the next event tells of it
      }
    }),
  );
  return files.flat();
}
