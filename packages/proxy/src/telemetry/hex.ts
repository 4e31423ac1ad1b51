// Checks of hexadecimal text by its characters.

/** Whether `text` from `start` to `end` is lower-case hexadecimal digits, at least one of them not 0. */
export function isHexId(text: string, start: number, end: number): boolean {
  let any = 0;
  for (let at = start; at < end; at++) {
    const value = HEX_VALUE[text.charCodeAt(at)];
    if (value === undefined || value < 0) return false;
    any |= value;
  }
  return any !== 0;
}

/** The value of one lower-case hexadecimal digit, -1 for any other character. */
export function hexValue(text: string, at: number): number {
  return HEX_VALUE[text.charCodeAt(at)] ?? -1;
}

/** The unsigned 32-bit number that eight digits spell. The digits must have been checked. */
export function hexUint32(text: string, start: number): number {
  let value = 0;
  for (let at = start; at < start + 8; at++)
    value = (value << 4) | (HEX_VALUE[text.charCodeAt(at)] ?? 0);
  return value >>> 0;
}

const HEX_VALUE = new Int8Array(128).fill(-1);
for (const [value, digit] of [...'0123456789abcdef'].entries())
  HEX_VALUE[digit.charCodeAt(0)] = value;
