/** `name: value` a line, as people paste them; lines that are none are passed over. Names in small letters. */
export function parseHeaders(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
      return name === '' ? [] : [[name, line.slice(colon + 1).trim()]];
    }),
  );
}
