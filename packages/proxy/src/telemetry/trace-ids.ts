// Random identifiers, cut from a block of hexadecimal digits that is made a few thousand bytes at a
// time: a call into the random number generator for each request would cost more than all the rest.

import { randomFillSync } from 'node:crypto';

const BLOCK_BYTES = 4096;
const block = Buffer.alloc(BLOCK_BYTES);
let digits = '';
let used = 0;

/** 32 hexadecimal digits, not all zero. */
export function newTraceId(): string {
  const id = take(32);
  return id === NO_TRACE ? newTraceId() : id;
}

/** 16 hexadecimal digits, not all zero. */
export function newSpanId(): string {
  const id = take(16);
  return id === NO_SPAN ? newSpanId() : id;
}

/**
 * A random UUID for `x-request-id`. As in Envoy its version digit says what became of sampling: 9 for
 * traced, 4 for not. Source: envoy/source/extensions/request_id/uuid/config.cc.
 */
export function newRequestId(sampled: boolean): string {
  const d = take(32);
  const variant = VARIANTS[d.charCodeAt(16) & 3]!;
  return `${d.slice(0, 8)}-${d.slice(8, 12)}-${sampled ? '9' : '4'}${d.slice(13, 16)}-${variant}${d.slice(17, 20)}-${d.slice(20)}`;
}

export const NO_TRACE = '0'.repeat(32);
export const NO_SPAN = '0'.repeat(16);
const VARIANTS = ['8', '9', 'a', 'b'] as const;

function take(count: number): string {
  if (used + count > digits.length) {
    randomFillSync(block);
    digits = block.toString('hex');
    used = 0;
  }
  const from = used;
  used += count;
  return digits.slice(from, used);
}
