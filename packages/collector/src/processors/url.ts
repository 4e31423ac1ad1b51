// Just enough of a URL for the promoted columns; never throws, for spans hold all kinds of text.

export interface UrlParts {
  /** Lower case, with its port unless that is the scheme's own; empty when the text has no host. */
  readonly host: string;
  /** Without query and fragment; empty when the text has none. */
  readonly path: string;
}

/** Splits an absolute URL, `//host/path`, or a path. */
export function urlParts(text: string): UrlParts {
  const match = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)/i.exec(text);
  if (!match) return { host: '', path: '' };
  if (match[2] === undefined)
    return { host: '', path: text.startsWith('/') ? match[3]! : text === '*' ? '*' : '' };
  const scheme = (match[1] ?? '').toLowerCase();
  let host = match[2].slice(match[2].lastIndexOf('@') + 1).toLowerCase();
  if (scheme === 'http' || scheme === 'ws') host = host.replace(/:80$/, '');
  if (scheme === 'https' || scheme === 'wss') host = host.replace(/:443$/, '');
  return { host, path: match[3] || '/' };
}
