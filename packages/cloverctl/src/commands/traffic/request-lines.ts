// The lines of a big file, plain or gzipped, with a bar on the terminal.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { drawLine } from '../../output/drawn-line.ts';
import { formatBytes, formatCount } from '../../output/numbers.ts';
import { harmless, shorten } from '../../output/text.ts';

export interface NumberedLine {
  /** From 1; that of the first line for a document that stands on several. */
  readonly number: number;
  readonly text: string;
}

/** A document that is not one object a line must be held whole. */
const DOCUMENT_LIMIT = 512 * 1024 * 1024;

/** Throws `cloverctl.usage` when there is no such file. `done` is asked for the bar. */
export async function* requestLines(
  context: Context,
  file: string,
  done: () => number,
): AsyncGenerator<NumberedLine> {
  const path = resolve(context.io.cwd, file);
  const found = file === '-' ? undefined : await stat(path).catch(() => undefined);
  if (file !== '-' && !found?.isFile())
    throw usageError(`there is no file ${file}`, 'check the path');
  const source: Readable =
    file === '-' ? context.io.stdin : createReadStream(path, { highWaterMark: 256 * 1024 });
  const bar = drawLine(context, !context.on('quiet'));
  let bytes = 0;
  const counted = async function* () {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      bar.update(() => [
        shorten(harmless(file), 32),
        ...(found
          ? [
              bar.cells(bytes / Math.max(1, found.size)),
              `${formatBytes(bytes)} of ${formatBytes(found.size)}`,
            ]
          : [formatBytes(bytes)]),
        `${formatCount(done())} requests`,
      ]);
      yield chunk;
    }
  };
  try {
    yield* linesOf(await plain(counted()));
  } finally {
    bar.end();
    source.destroy();
  }
}

/** Gunzips what begins as gzip does. */
async function plain(chunks: AsyncGenerator<Buffer>): Promise<AsyncIterable<Buffer>> {
  const first = await chunks.next();
  const head = first.done ? Buffer.alloc(0) : first.value;
  const all = async function* () {
    yield head;
    yield* chunks;
  };
  if (head[0] !== 0x1f || head[1] !== 0x8b) return all();
  const gunzip = createGunzip();
  const { pipeline } = await import('node:stream');
  pipeline(all(), gunzip, () => undefined); // a damaged file rises where it is read
  return gunzip;
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<NumberedLine> {
  const decoder = new TextDecoder();
  let number = 0;
  let rest = '';
  let document: string[] | undefined;
  let held = 0;
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const text of lines) {
      number++;
      // An object that does not end in its line: JSON written for people.
      if (number === 1 && /^\s*[[{]\s*$|^\s*[[{].*[,[{]\s*$/.test(text)) document = [];
      if (document) {
        document.push(text);
        held += text.length;
        if (held > DOCUMENT_LIMIT)
          throw usageError('a JSON document of more than 512 MB', 'write one object a line');
      } else yield { number, text };
    }
  }
  rest += decoder.decode();
  if (document) yield { number: 1, text: [...document, rest].join('\n') };
  else if (rest !== '') yield { number: number + 1, text: rest };
}
