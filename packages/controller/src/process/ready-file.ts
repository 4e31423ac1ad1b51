// The file that says where everything listens, for whoever started Clover and waits for it.

import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * Whole or not there: a reader never sees half of it. What is no file (`/dev/stdout`, a pipe) is only written
 * to. Gives what takes the file away again. Throws what the file system does.
 */
export function writeReadyFile(file: string, content: object): () => void {
  const text = `${JSON.stringify(content)}\n`;
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) {
    writeFileSync(file, text);
    return () => undefined;
  }
  writeFileSync(`${file}.tmp`, text);
  renameSync(`${file}.tmp`, file);
  return () => rmSync(file, { force: true });
}
