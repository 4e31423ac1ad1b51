// The file that says where everything listens, for whoever started Clover and waits for it.

import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { CloverError } from '@clover/model';

/**
 * Whole or not there: a reader never sees half of it. Gives what takes it away again. `-` and `/dev/stdout` mean
 * standard output. Throws CloverError `config.ready_file` where something else stands there, a device or a link
 * say, which it would replace; else what the file system does.
 */
export function writeReadyFile(file: string, content: object): () => void {
  const text = `${JSON.stringify(content)}\n`;
  if (file === '-' || file === '/dev/stdout') {
    process.stdout.write(text);
    return () => undefined;
  }
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === false)
    throw new CloverError('config.ready_file', `--ready-file: ${file} is no file of its own`, {
      hint: 'give a path where nothing or a file stands, or - for standard output',
      status: 400,
    });
  writeFileSync(`${file}.tmp`, text);
  renameSync(`${file}.tmp`, file);
  return () => rmSync(file, { force: true });
}
