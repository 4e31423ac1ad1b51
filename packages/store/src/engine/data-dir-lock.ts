// One process a data directory: a lock file with the owner's process id.

import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { storeErrors } from '../errors.ts';

/**
 * Takes the directory (created when missing) and gives the function that lets it go. A lock whose process is gone is
 * taken over. Throws `store.data_dir_in_use` or `store.data_dir_unusable`.
 */
export function lockDataDir(dataDir: string): () => void {
  const file = join(dataDir, 'clover.lock');
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    for (let attempt = 0; attempt < 3; attempt++) {
      if (tryCreate(file)) return () => rmSync(file, { force: true });
      const owner = ownerOf(file);
      if (owner !== undefined && owner !== process.pid && isAlive(owner))
        throw storeErrors.dataDirInUse(dataDir, owner);
      if (owner === process.pid) throw storeErrors.dataDirInUse(dataDir, owner);
      rmSync(file, { force: true });
    }
  } catch (error) {
    if ((error as { code?: unknown }).code === 'store.data_dir_in_use') throw error;
    throw storeErrors.dataDirUnusable(dataDir, error);
  }
  throw storeErrors.dataDirUnusable(dataDir, new Error(`${file} cannot be taken`));
}

function tryCreate(file: string): boolean {
  try {
    const handle = openSync(file, 'wx', 0o600);
    writeSync(handle, `${process.pid} ${startTimeOf(process.pid)}\n`);
    closeSync(handle);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The living owner; undefined when the lock is empty, gone, or its process id belongs to another program by now. */
function ownerOf(file: string): number | undefined {
  try {
    const [pid = '', started = ''] = readFileSync(file, 'utf8').trim().split(' ');
    const owner = Number(pid);
    if (!Number.isInteger(owner) || owner <= 0) return undefined;
    return started !== '' && startTimeOf(owner) !== started ? undefined : owner;
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat; empty where there is no /proc. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
