// A request's body, whole, unpacked and bounded.

import type { IncomingMessage } from 'node:http';
import { gunzip, gunzipSync, inflate, type ZlibOptions } from 'node:zlib';
import { promisify } from 'node:util';
import { CloverError } from '@clover/model';

export interface BodyLimits {
  /** Bytes on the wire. */
  readonly maxBytes: number;
  /** Bytes after unpacking: what a small archive may swell to. */
  readonly maxUnpackedBytes: number;
}

/** Bytes of all bodies being read at the same time, and buffers to read the next ones into. */
export interface BodyBudget {
  readonly limit: number;
  used: number;
  readonly spare: Buffer[];
}

/** A body and what to call when its bytes are no longer needed: the buffer is used again. */
export interface Body {
  readonly bytes: Uint8Array;
  release(): void;
}

const SPARE_BUFFERS = 8;
const MAX_SPARE_BYTES = 4 * 1024 * 1024;

export function createBodyBudget(limit: number): BodyBudget {
  return { limit, used: 0, spare: [] };
}

const SMALL_ARCHIVE = 8 * 1024;
const gunzipAsync = promisify<Uint8Array, ZlibOptions, Buffer>(gunzip);
const inflateAsync = promisify<Uint8Array, ZlibOptions, Buffer>(inflate);

/**
 * Reads and unpacks. Throws CloverError `collector.body_too_large` (413), `collector.bad_encoding` (415),
 * `collector.bad_archive` (400), `collector.busy` (503) when the budget of all bodies together is used up,
 * `collector.aborted` (400) when the client went away.
 */
export async function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  budget: BodyBudget,
): Promise<Body> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (!['identity', '', 'gzip', 'x-gzip', 'deflate'].includes(encoding)) {
    throw new CloverError('collector.bad_encoding', `content encoding ${encoding} is not known`, {
      hint: 'send the body plain or with gzip',
      status: 415,
    });
  }
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limits.maxBytes) throw tooLarge(limits.maxBytes);
  const raw = await readRaw(request, announced, limits.maxBytes, budget);
  if (encoding === 'identity' || encoding === '') return raw;
  const form = encoding === 'deflate' ? 'deflate' : 'gzip';
  try {
    const bytes = await unpack(raw.bytes, form, limits.maxUnpackedBytes);
    return { bytes, release() {} };
  } finally {
    raw.release();
  }
}

/** Of a known length into a spare buffer: fresh ones by the megabyte keep the garbage collector busy. */
async function readRaw(
  request: IncomingMessage,
  announced: number,
  maxBytes: number,
  budget: BodyBudget,
): Promise<Body> {
  let buffer = takeBuffer(budget, announced);
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (length + chunk.length > maxBytes) throw tooLarge(maxBytes);
      if (budget.used + chunk.length > budget.limit) throw busy();
      budget.used += chunk.length;
      if (length + chunk.length > buffer.length) buffer = larger(buffer, length + chunk.length);
      chunk.copy(buffer, length);
      length += chunk.length;
    }
  } catch (error) {
    if (error instanceof CloverError) throw error;
    throw new CloverError('collector.aborted', 'the client went away before the end of the body', {
      status: 400,
      cause: error,
    });
  } finally {
    budget.used -= length;
  }
  const bytes = buffer.subarray(0, length);
  return { bytes, release: () => giveBuffer(budget, buffer) };
}

function takeBuffer(budget: BodyBudget, size: number): Buffer {
  const index = budget.spare.findIndex((buffer) => buffer.length >= size);
  if (index >= 0) return budget.spare.splice(index, 1)[0]!;
  return Buffer.allocUnsafeSlow(Math.max(64 * 1024, size));
}

function giveBuffer(budget: BodyBudget, buffer: Buffer): void {
  if (buffer.length > MAX_SPARE_BYTES) return;
  budget.spare.push(buffer);
  // The smallest goes first: the bodies are bigger than that now.
  if (budget.spare.length > SPARE_BUFFERS) {
    budget.spare.sort((a, b) => a.length - b.length);
    budget.spare.shift();
  }
}

function larger(buffer: Buffer, size: number): Buffer {
  const next = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, size));
  buffer.copy(next);
  return next;
}

function busy(): CloverError {
  return new CloverError('collector.busy', 'too many bodies are being read at once', {
    hint: 'send again after the time in Retry-After',
    status: 503,
  });
}

async function unpack(
  raw: Uint8Array,
  form: 'gzip' | 'deflate',
  maxOutputLength: number,
): Promise<Uint8Array> {
  try {
    if (form === 'deflate') return await inflateAsync(raw, { maxOutputLength });
    // A thread of the pool costs more than a small archive.
    if (raw.length <= SMALL_ARCHIVE)
      return gunzipSync(raw, { maxOutputLength: Math.min(maxOutputLength, 64 * SMALL_ARCHIVE) });
    return await gunzipAsync(raw, { maxOutputLength });
  } catch (error) {
    if (isTooBig(error) && raw.length <= SMALL_ARCHIVE && form === 'gzip')
      return unpackLarge(raw, maxOutputLength);
    if (isTooBig(error)) throw tooLarge(maxOutputLength);
    throw badArchive(error);
  }
}

async function unpackLarge(raw: Uint8Array, maxOutputLength: number): Promise<Uint8Array> {
  try {
    return await gunzipAsync(raw, { maxOutputLength });
  } catch (error) {
    throw isTooBig(error) ? tooLarge(maxOutputLength) : badArchive(error);
  }
}

function isTooBig(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
}

function badArchive(cause: unknown): CloverError {
  return new CloverError('collector.bad_archive', 'the compressed body cannot be unpacked', {
    hint: 'check Content-Encoding: it must say how the body was packed',
    status: 400,
    cause,
  });
}

function tooLarge(maxBytes: number): CloverError {
  return new CloverError('collector.body_too_large', `the body is larger than ${maxBytes} bytes`, {
    hint: 'send fewer spans in one request',
    status: 413,
  });
}
