// Bytes that came once and are to be read several times: in memory while they are few, in a
// temporary file beyond that.

import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Spool {
  readonly bytes: number;
  /** From the start; may be called again and again. */
  read(): AsyncIterable<Uint8Array>;
  remove(): Promise<void>;
}

/** Takes the whole stream in; `maxMemoryBytes` default 16 MiB. `onBytes` hears the total so far. */
export async function spool(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: { maxMemoryBytes?: number; onBytes?: (total: number) => void } = {},
): Promise<Spool> {
  const maxMemory = options.maxMemoryBytes ?? 16 * 2 ** 20;
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let folder: string | undefined;
  let file: FileHandle | undefined;
  const remove = async () => {
    await file?.close();
    file = undefined;
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    for await (const chunk of stream) {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maxMemory) {
        folder ??= await mkdtemp(join(tmpdir(), 'clover-import-'));
        file ??= await open(join(folder, 'spool'), 'wx', 0o600);
        for (const part of chunks) await writeAll(file, part);
        chunks = [];
      }
      options.onBytes?.(bytes);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  const path = folder === undefined ? undefined : join(folder, 'spool');
  return {
    bytes,
    async *read() {
      if (path !== undefined) yield* createReadStream(path) as AsyncIterable<Uint8Array>;
      yield* chunks;
    },
    remove,
  };
}

async function writeAll(file: FileHandle, bytes: Uint8Array) {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}
