// Words of a configuration as they go out. What is written leaves byte by byte, and of a character
// beyond one byte the lower half would: that of U+010A ends a line.

const PLAIN = /^[\t -~]*$/;

/** For a header's value: UTF-8, without what ends a line. */
export function wireText(text: string): string {
  if (PLAIN.test(text)) return text;
  return Buffer.from(text.replaceAll(/[\r\n\0]/g, ''), 'utf8').toString('latin1');
}

/** For a path: all but printable ASCII is escaped. */
export function wirePath(path: string): string {
  return path.replaceAll(/[^!-~]+/g, (odd) =>
    [...Buffer.from(odd, 'utf8')]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}
