import { mkdtemp, rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir {
  readonly path: string;
  /** Removes it with all it holds; twice is fine. */
  remove(): Promise<void>;
}

const open = new Set<string>();
process.on('exit', () => {
  for (const path of open) rmSync(path, { recursive: true, force: true });
});

/** A new, empty folder under the system's temporary one; it goes with the process at the latest. */
export async function tempDir(prefix = 'clover-test-'): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  open.add(path);
  return {
    path,
    async remove() {
      // A program that was just killed may still be writing its last file.
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      open.delete(path);
    },
  };
}
