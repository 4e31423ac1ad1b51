import { CloverError, nearest, type ConfigAnswer } from '@clover/model';
import { parseTokenEntries, type TokenEntry } from '../security/token-entries.ts';
import { parseArguments } from './arguments.ts';
import type { OptionDefinition } from './option-definition.ts';
import { environmentOf, flagOf, OPTIONS, type OptionKey } from './options.ts';
import { parseValue, type ConfigValue } from './values.ts';
import { parseConfigYaml, type FileSettings } from './yaml-file.ts';

type Origin = 'flag' | 'environment' | 'file' | 'user-file' | 'default';
interface Setting {
  readonly value: ConfigValue | undefined;
  readonly origin: Origin;
  readonly from: string;
}

export interface Config {
  /** Duration settings are milliseconds, sizes bytes. */
  text(key: OptionKey): string | undefined;
  number(key: OptionKey): number;
  flag(key: OptionKey): boolean;
  list(key: OptionKey): readonly string[];
  origin(key: OptionKey): Origin;
  readonly tokens: readonly TokenEntry[];
  /** What is in force and where it came from, secrets masked. */
  describe(): ConfigAnswer;
}

export interface LoadInput {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  /** The file's text, undefined when it is not there. */
  readonly readFile: (path: string) => Promise<string | undefined>;
}

/** Puts flags, CLOVER_* variables, clover.yaml, the user's file and the defaults together, in this order. Throws CloverError `config.*`. */
export async function loadConfig(input: LoadInput): Promise<Config> {
  const flags = parseArguments(input.argv);
  const environment = fromEnvironment(input.env);
  const files: { origin: Origin; path: string; settings: FileSettings }[] = [];

  const named = flags.get('config') ?? environment.get('config');
  const path = String(named?.value ?? `${input.cwd}/clover.yaml`);
  const text = await input.readFile(path);
  if (text !== undefined)
    files.push({ origin: 'file', path, settings: parseConfigYaml(text, path) });
  else if (named) {
    throw new CloverError('config.no_file', `${path} (from ${named.from}) is not there`, {
      status: 400,
    });
  }
  const userFile = `${input.env['XDG_CONFIG_HOME'] || `${input.home}/.config`}/clover/clover.yaml`;
  const userText = userFile === path ? undefined : await input.readFile(userFile);
  if (userText !== undefined)
    files.push({
      origin: 'user-file',
      path: userFile,
      settings: parseConfigYaml(userText, userFile),
    });

  const settings = new Map<string, Setting>();
  for (const option of OPTIONS as readonly OptionDefinition[]) {
    settings.set(option.key, pick(option, flags, environment, files));
  }
  for (const { key, follows } of OPTIONS as readonly OptionDefinition[])
    if (follows !== undefined && settings.get(key)!.origin === 'default')
      settings.set(key, { value: settings.get(follows)!.value, origin: 'default', from: '' });
  const tokenFile = settings.get('tokenFile')?.value;
  const tokens = files.flatMap((file) => file.settings.tokens);
  if (typeof tokenFile === 'string') tokens.push(...(await readTokenFile(tokenFile, input)));
  return createConfig(
    settings,
    tokens,
    files.map((file) => file.path),
  );
}

function pick(
  option: OptionDefinition,
  flags: ReadonlyMap<string, { value: ConfigValue; from: string }>,
  environment: ReadonlyMap<string, { value: ConfigValue; from: string }>,
  files: readonly { origin: Origin; settings: FileSettings }[],
): Setting {
  const layers: [Origin, { value: ConfigValue; from: string } | undefined][] = [
    ['flag', flags.get(option.key)],
    ['environment', environment.get(option.key)],
    ...files.map((file): [Origin, { value: ConfigValue; from: string } | undefined] => [
      file.origin,
      file.settings.values.get(option.key),
    ]),
  ];
  for (const [origin, found] of layers) if (found) return { ...found, origin };
  const value =
    option.default === undefined ? undefined : parseValue(option, option.default, option.key);
  return { value, origin: 'default', from: '' };
}

function fromEnvironment(env: LoadInput['env']): Map<string, { value: ConfigValue; from: string }> {
  const byName = new Map(
    (OPTIONS as readonly OptionDefinition[]).map((option) => [environmentOf(option.key), option]),
  );
  const found = new Map<string, { value: ConfigValue; from: string }>();
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('CLOVER_') || text === undefined || FOREIGN.test(name)) continue;
    const option = byName.get(name);
    if (!option) {
      const near = nearest(name, byName.keys());
      throw new CloverError(
        'config.unknown_variable',
        `the environment variable ${name} is not a setting of Clover`,
        {
          status: 400,
          hint:
            near === undefined
              ? 'unset it; `clover --help` lists all variables'
              : `did you mean ${near}?`,
        },
      );
    }
    if (text !== '') found.set(option.key, { value: parseValue(option, text, name), from: name });
  }
  return found;
}

/** Variables of the client, the tests and the launcher, which are not this process's settings. */
const FOREIGN =
  /^CLOVER_(TEST_|DEV_|BENCH_|CONTROLLER$|TOKEN$|SERVER$|URL$|CA$|OUTPUT$|SINCE$|UP_|HOME$|EDITOR$)/;

async function readTokenFile(path: string, input: LoadInput): Promise<TokenEntry[]> {
  const text = await input.readFile(path);
  if (text === undefined)
    throw new CloverError('config.no_file', `the token file ${path} is not there`, { status: 400 });
  const { parse } = await import('yaml');
  const raw: unknown = parse(text);
  return parseTokenEntries(
    Array.isArray(raw) ? raw : (raw as { tokens?: unknown } | null)?.tokens,
    path,
  );
}

function createConfig(
  settings: ReadonlyMap<string, Setting>,
  tokens: readonly TokenEntry[],
  files: readonly string[],
): Config {
  const get = (key: OptionKey): Setting => settings.get(key)!;
  return {
    text: (key) => get(key).value as string | undefined,
    number: (key) => get(key).value as number,
    flag: (key) => get(key).value === true,
    list: (key) => get(key).value as readonly string[],
    origin: (key) => get(key).origin,
    tokens,
    describe: () => ({
      items: (OPTIONS as readonly OptionDefinition[]).map((option) => {
        const { value, origin, from } = settings.get(option.key)!;
        return {
          key: option.key,
          value: option.secret && value !== undefined ? '********' : (value ?? null),
          origin,
          from,
          flag: `--${flagOf(option.key)}`,
          environment: environmentOf(option.key),
          description: option.description,
        };
      }),
      files: [...files],
    }),
  };
}
