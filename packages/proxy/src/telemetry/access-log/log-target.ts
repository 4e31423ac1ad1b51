// Where log chunks go: a file that is rotated by size, or standard output.

import { constants } from 'node:fs';
import { open, rename, unlink, type FileHandle } from 'node:fs/promises';

export interface LogTarget {
  /** Writes the whole chunk, or rejects; `written` tells how far a rejected one got. */
  write(chunk: Uint8Array): Promise<void>;
  /** The file's name leads elsewhere now (logrotate): open it again. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

export interface FileTargetOptions {
  readonly path: string;
  /** A chunk that would make the file larger begins a new one; 64 MB by default. A device or a pipe is only written to. */
  readonly maxFileBytes?: number;
  /** `path.1` (the newest) to `path.N`; 5 by default, 0 throws old lines away. */
  readonly keptFiles?: number;
}

const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK, O_NOFOLLOW } = constants;

/** The file is created when the first chunk comes, readable by its owner and group. */
export function createFileTarget(options: FileTargetOptions): LogTarget {
  const { path, maxFileBytes = 64 << 20, keptFiles = 5 } = options;
  let file: FileHandle | undefined;
  let size = 0;
  let rotates = true;

  async function ready(): Promise<FileHandle> {
    if (file) return file;
    // Not a pipe that waits for its reader, not a link that someone laid there.
    file = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOFOLLOW, 0o640);
    const stats = await file.stat();
    ({ size } = stats);
    // A device or a pipe holds nothing, and its name belongs to others (/dev/null, /dev/stdout).
    rotates = stats.isFile();
    return file;
  }

  async function drop(): Promise<void> {
    const old = file;
    file = undefined;
    await old?.close();
  }

  async function rotate(): Promise<void> {
    await drop();
    if (keptFiles === 0) return unlink(path);
    for (let n = keptFiles - 1; n > 0; n--)
      await rename(`${path}.${n}`, `${path}.${n + 1}`).catch(ignoreMissing);
    await rename(path, `${path}.1`);
  }

  return {
    async write(chunk) {
      let to = await ready();
      if (rotates && size > 0 && size + chunk.length > maxFileBytes) {
        await rotate();
        to = await ready();
      }
      await writeWhole(to, chunk, (bytes) => (size += bytes));
    },
    reopen: drop,
    close: drop,
  };
}

/**
 * Standard output through a description of its own that never blocks: a reader that stands still makes
 * a write fail with EAGAIN, where writing to the descriptor itself would stop the process.
 */
export function createStdoutTarget(path = '/dev/fd/1'): LogTarget {
  let file: FileHandle | undefined;
  return {
    async write(chunk) {
      file ??= await open(path, O_WRONLY | O_APPEND | O_NONBLOCK);
      await writeWhole(file, chunk);
    },
    reopen: async () => undefined,
    async close() {
      await file?.close();
      file = undefined;
    },
  };
}

/** A write that ended early; `written` bytes of the chunk are out. */
export class PartialWrite extends Error {
  readonly written: number;
  readonly code: string;

  constructor(written: number, cause: unknown) {
    super('the log took only part of it', { cause });
    this.written = written;
    this.code = (cause as { code?: string }).code ?? '';
  }
}

async function writeWhole(
  file: FileHandle,
  chunk: Uint8Array,
  onWritten: (bytes: number) => void = () => undefined,
): Promise<void> {
  let at = 0;
  while (at < chunk.length) {
    try {
      const { bytesWritten } = await file.write(chunk, at, chunk.length - at, null);
      at += bytesWritten;
      onWritten(bytesWritten);
    } catch (cause) {
      throw new PartialWrite(at, cause);
    }
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as { code?: string }).code !== 'ENOENT') throw error;
}
