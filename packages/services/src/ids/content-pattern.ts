/**
 * The bytes of a content's text, a character each: `GET |2f 0D0a|` and the escapes `\"`, `\;`, `\:`, `\\`.
 * Characters beyond a byte stand for their UTF-8. Throws Error that says what is wrong.
 */
export function contentPattern(text: string): string {
  let bytes = '';
  let hex: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '|') {
      if (hex === undefined) hex = '';
      else {
        const digits = hex.replace(/\s+/g, '');
        if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits))
          throw new Error(`|${hex}| is no hexadecimal text`);
        bytes += Buffer.from(digits, 'hex').toString('latin1');
        hex = undefined;
      }
    } else if (hex !== undefined) hex += char;
    else if (char === '\\') {
      const escaped = text[++at];
      if (escaped === undefined || !/[\\";:|]/.test(escaped))
        throw new Error(`\\${escaped ?? ''} is no escape; known: \\\\ \\" \\; \\:`);
      bytes += escaped;
    } else bytes += char;
  }
  if (hex !== undefined) throw new Error('a | is not closed');
  if (bytes === '') throw new Error('the pattern is empty');
  return [...bytes].some((char) => char.codePointAt(0)! > 255)
    ? Buffer.from(bytes, 'utf8').toString('latin1')
    : bytes;
}
