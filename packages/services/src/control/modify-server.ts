import { stat } from 'node:fs/promises';
import type { ServerConfig, ServerLocation } from '../config.ts';
import { SITE_ROOT, type Upload, type Uploads } from '../uploads.ts';
import type { Fields } from './service-definition.ts';
import { createSettings, type Settings } from './settings.ts';
import { textList } from './text-list.ts';

export interface ServerChange {
  readonly config: ServerConfig;
  /** Uploads that the site shows from now on, by their path. */
  readonly published: ReadonlyMap<string, Upload>;
}

/** The server's configuration with what `ModifyServer` names. Throws CloverError `services.bad_setting`. */
export async function modifyServer(
  current: ServerConfig,
  fields: Fields,
  uploads: Uploads,
): Promise<ServerChange> {
  const settings = createSettings(fields);
  const serverPort = settings.port('server_port') ?? current.serverPort;
  const serverName = settings.hostName('server_name') ?? current.serverName;
  const siteRoot = await folder(settings, 'site_root', settings.text('site_root'));
  const siteIndex = settings.text('site_index') ?? current.siteIndex;
  if (/[/\\\0]/.test(siteIndex))
    settings.fail('site_index', `${JSON.stringify(siteIndex)} is no file name`);
  const uploadPathConfig = settings.path('upload_path_config') ?? current.uploadPathConfig;
  const uploadPathTest = settings.path('upload_path_test') ?? current.uploadPathTest;
  if (uploadPathConfig === uploadPathTest)
    settings.fail('upload_path_test', `${uploadPathTest} is upload_path_config already`);
  const locations = await Promise.all(
    items(settings, 'locations')?.map((item, index) => location(settings, item, index)) ?? [],
  );
  const published = new Map<string, Upload>();
  for (const [index, item] of items(settings, 'files')?.entries() ?? []) {
    const at = `files[${index}]`;
    const { src_file: source, dest_file: target } = record(item);
    const upload = source === undefined ? undefined : uploads.find(source);
    const path = target === undefined ? undefined : sitePath(target);
    if (!upload)
      settings.fail(`${at}.src_file`, `no upload is kept at ${JSON.stringify(source ?? '')}`);
    if (path === undefined)
      settings.fail(
        `${at}.dest_file`,
        `${JSON.stringify(target ?? '')} is no file below ${SITE_ROOT}`,
      );
    if (upload && path !== undefined) published.set(path, upload);
  }
  settings.check();
  return {
    config: {
      ...current,
      serverPort,
      serverName,
      siteRoot: settings.text('site_root') === undefined ? current.siteRoot : siteRoot,
      siteIndex,
      uploadPathConfig,
      uploadPathTest,
      locations: settings.text('locations') === undefined ? current.locations : locations.flat(),
    },
    published,
  };
}

/** The original's folder stands for the site that comes with the service, which is `undefined`. */
async function folder(
  settings: Settings,
  at: string,
  path: string | undefined,
): Promise<string | undefined> {
  if (path === undefined || path === SITE_ROOT) return undefined;
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) settings.fail(at, `there is no folder ${path}`);
  return path;
}

/** `root` and `alias` with the folder in `path` or behind the word; `try_files $uri …` looks in the site itself. */
async function location(
  settings: Settings,
  item: unknown,
  index: number,
): Promise<readonly ServerLocation[]> {
  const at = `locations[${index}]`;
  const { uri_match: uriMatch, directive = '', path } = record(item);
  if (uriMatch === undefined || !uriMatch.startsWith('/')) {
    settings.fail(`${at}.uri_match`, 'a path that begins with / is wanted');
    return [];
  }
  const [word, ...rest] = directive.replace(/;$/, '').split(/\s+/);
  if (word === 'try_files' && rest[0] === '$uri')
    return [{ uriMatch, directive: 'try_files', path: SITE_ROOT }];
  if (word === 'root' || word === 'alias') {
    const named = rest[0] ?? path;
    if (named === undefined) settings.fail(`${at}.path`, `${word} wants a folder`);
    await folder(settings, `${at}.path`, named);
    return [{ uriMatch, directive: word, path: named ?? '' }];
  }
  settings.fail(
    `${at}.directive`,
    `${JSON.stringify(directive)} is none of root, alias, try_files $uri`,
  );
  return [];
}

function items(settings: Settings, name: string): unknown[] | undefined {
  const text = settings.text(name);
  if (text === undefined) return undefined;
  const list = textList(text);
  if (list === undefined || list.some((item) => typeof item !== 'object')) {
    settings.fail(name, 'a list of records is wanted, as JSON or YAML');
    return undefined;
  }
  return list;
}

function record(item: unknown): Readonly<Record<string, string | undefined>> {
  if (typeof item !== 'object' || item === null) return {};
  return Object.fromEntries(
    Object.entries(item).filter(([, value]) => typeof value === 'string'),
  ) as Record<string, string>;
}

/** `var/www/html/a/b.png` as the site's path `/a/b.png`. */
function sitePath(file: string): string | undefined {
  const absolute = file.startsWith('/') ? file : `/${file}`;
  const path = absolute.startsWith(`${SITE_ROOT}/`) ? absolute.slice(SITE_ROOT.length) : absolute;
  return path.split('/').includes('..') || path.endsWith('/') || path.includes('\0')
    ? undefined
    : path;
}
