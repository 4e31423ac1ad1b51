import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import type { ServerConfig } from './config.ts';
import { SITE_ROOT } from './uploads.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

/** A file of the site, or undefined when there is none. Paths cannot leave their folder. */
export async function readSiteFile(
  config: Pick<ServerConfig, 'siteIndex' | 'locations'> & { siteRoot: string },
  path: string,
): Promise<{ type: string; content: Buffer } | undefined> {
  const file = siteFile(config, path);
  if (file === undefined) return undefined;
  try {
    return {
      type: TYPES[extname(file)] ?? 'application/octet-stream',
      content: await readFile(file),
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function siteFile(
  config: Pick<ServerConfig, 'siteIndex' | 'locations'> & { siteRoot: string },
  path: string,
): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  if (decoded.includes('\0')) return undefined;
  const wanted = decoded.endsWith('/') ? decoded + config.siteIndex : decoded;
  // The longest match wins, as in nginx.
  const location = config.locations
    .filter(({ uriMatch }) => wanted.startsWith(uriMatch))
    .toSorted((a, b) => b.uriMatch.length - a.uriMatch.length)[0];
  const own = location && location.directive !== 'try_files' && location.path !== SITE_ROOT;
  const folder = own ? location.path : config.siteRoot;
  const below = location?.directive === 'alias' ? wanted.slice(location.uriMatch.length) : wanted;
  const file = normalize(join(folder, below));
  return file.startsWith(normalize(folder) + sep) ? file : undefined;
}
