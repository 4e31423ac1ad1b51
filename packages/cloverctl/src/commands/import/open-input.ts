import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { RequestBody } from '@clover/client';
import { CloverError } from '@clover/model/errors';
import { CLOVERCTL_ERRORS } from '../../errors.ts';

export interface Input {
  readonly body: RequestBody;
  /** Undefined when it cannot be known: stdin, a pipe. */
  readonly sizeBytes: number | undefined;
  close(): void;
}

/** A file, or stdin for `-`, as a stream. Throws CloverError `cloverctl.no_file`. */
export async function openInput(file: string, stdin: NodeJS.ReadStream): Promise<Input> {
  if (file === '-')
    return { body: webStream(stdin), sizeBytes: undefined, close: () => void stdin.destroy() };
  const found = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${cause.code})`;
    throw new CloverError(CLOVERCTL_ERRORS.noFile, `${file}: ${why}`, { status: 400, cause });
  });
  if (found.isDirectory())
    throw new CloverError(CLOVERCTL_ERRORS.noFile, `${file} is a folder`, {
      status: 400,
      hint: `name its files: ${file.replace(/\/$/, '')}/*`,
    });
  const stream = createReadStream(file, { highWaterMark: 256 * 1024 });
  return {
    body: webStream(stream),
    sizeBytes: found.isFile() ? found.size : undefined,
    close: () => void stream.destroy(),
  };
}

/** Node's type for the same stream differs from the DOM's. */
const webStream = (stream: Readable): RequestBody =>
  Readable.toWeb(stream) as unknown as ReadableStream<Uint8Array>;
