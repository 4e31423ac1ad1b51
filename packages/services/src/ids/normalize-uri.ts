/**
 * A request's target as a server would read it, so that spelling it otherwise hides nothing: scheme and
 * host cut off, `%XX` decoded, backslashes turned, `//`, `/./` and `/../` of the path resolved. The query is
 * decoded only. Bytes stay bytes.
 */
export function normalizeUri(target: string): string {
  const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i.exec(target)?.[0] ?? '';
  const rest = target.slice(origin.length);
  const query = rest.indexOf('?');
  const path = decode(query === -1 ? rest : rest.slice(0, query));
  const plain = /[\\]|\/\/|\/\.{1,2}(?:\/|$)/.test(path) ? resolve(path) : path;
  return query === -1 ? plain : plain + decode(rest.slice(query));
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function resolve(path: string): string {
  const kept: string[] = [];
  const parts = path.replaceAll('\\', '/').split('/');
  for (const part of parts) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  const folder = /^(?:|\.|\.\.)$/.test(parts.at(-1)!) && kept.length > 0;
  return `/${kept.join('/')}${folder ? '/' : ''}`;
}
