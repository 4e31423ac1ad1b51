// Where cloverctl asks, and as whom: flag > CLOVER_* > clover.yaml > the user's file > default.
import { dirname, join } from 'node:path';
import type { Io } from '../io.ts';

export const SETTINGS = {
  server: {
    default: 'http://127.0.0.1:9400',
    environment: 'CLOVER_SERVER',
    says: 'URL of the controller',
  },
  token: {
    default: undefined,
    environment: 'CLOVER_TOKEN',
    says: 'token, when the controller demands one',
  },
  output: { default: undefined, environment: 'CLOVER_OUTPUT', says: 'usual form of output' },
  since: { default: undefined, environment: 'CLOVER_SINCE', says: 'usual time range' },
} as const;
export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

export interface Setting {
  readonly value: string | undefined;
  readonly origin: 'flag' | 'environment' | 'file' | 'user-file' | 'default';
  /** The flag, the variable or `file:line:column`; empty for a default. */
  readonly from: string;
}
export type Settings = Readonly<Record<SettingName, Setting>>;

/**
 * Puts the layers together. clover.yaml is looked for in the working directory and its parents, and
 * cloverctl's part of it is the map `cloverctl`; in the user's file the keys stand at the top.
 * Throws CloverError `cloverctl.bad_file` for a key that is not known.
 */
export async function loadSettings(
  io: Pick<Io, 'env' | 'cwd' | 'home' | 'readText'>,
  flags: Readonly<Record<string, unknown>>,
): Promise<Settings> {
  const missing = SETTING_NAMES.some(
    (name) => flags[name] === undefined && !io.env[SETTINGS[name].environment],
  );
  const layers = missing ? await fileLayers(io) : [];
  const pick = (name: SettingName): Setting => {
    const flag = flags[name];
    if (typeof flag === 'string') return { value: flag, origin: 'flag', from: `--${name}` };
    const { environment } = SETTINGS[name];
    const variable = io.env[environment];
    if (variable) return { value: variable, origin: 'environment', from: environment };
    for (const layer of layers) {
      const found = layer.values.get(name);
      if (found) return { value: found.value, origin: layer.origin, from: found.at };
    }
    return { value: SETTINGS[name].default, origin: 'default', from: '' };
  };
  return {
    server: pick('server'),
    token: pick('token'),
    output: pick('output'),
    since: pick('since'),
  };
}

/** The user's own file: `$XDG_CONFIG_HOME/clover/config.yaml`. */
export const userFileOf = (io: Pick<Io, 'env' | 'home'>): string =>
  join(io.env['XDG_CONFIG_HOME'] || join(io.home, '.config'), 'clover', 'config.yaml');

interface Layer {
  readonly origin: 'file' | 'user-file';
  readonly values: ReadonlyMap<string, { value: string; at: string }>;
}

async function fileLayers(io: Pick<Io, 'env' | 'cwd' | 'home' | 'readText'>): Promise<Layer[]> {
  const layers: Layer[] = [];
  const project = await findUp(io, 'clover.yaml');
  const userFile = userFileOf(io);
  const userText = await io.readText(userFile);
  if (!project && userText === undefined) return layers;
  const { readSettingsFile } = await import('./settings-file.ts');
  if (project)
    layers.push({
      origin: 'file',
      values: readSettingsFile(project.text, project.path, 'cloverctl'),
    });
  if (userText !== undefined)
    layers.push({ origin: 'user-file', values: readSettingsFile(userText, userFile) });
  return layers;
}

async function findUp(io: Pick<Io, 'cwd' | 'readText'>, name: string) {
  for (let folder = io.cwd; ; folder = dirname(folder)) {
    const path = join(folder, name);
    const text = await io.readText(path);
    if (text !== undefined) return { path, text };
    if (dirname(folder) === folder) return undefined;
  }
}
