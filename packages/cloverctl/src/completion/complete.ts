// `cloverctl complete -- WORDS…`, which the shells' scripts call: what may stand where the cursor is.
import { RootCommand } from '@bomb.sh/tab';
import type { Argument, Command, Completes, Flag } from '../command.ts';
import { COMMANDS, GROUPS } from '../commands/index.ts';
import { loadSettings } from '../config/settings.ts';
import { GLOBAL_FLAGS } from '../flags.ts';
import { TOPICS } from '../help/topics.ts';
import type { Io } from '../io.ts';
import { liveValues } from './live-values.ts';

/** Prints the candidates in the protocol of @bomb.sh/tab; never fails, as nobody could read why. */
export async function complete(words: readonly string[], io: Io): Promise<number> {
  const wanted = wantedAt(words);
  const settings = await loadSettings(io, {}).catch(() => undefined);
  const live =
    wanted && settings
      ? await liveValues(wanted, words.at(-1) ?? '', settings, io).catch(() => [])
      : [];
  const tab = createTab(live, words);
  // tab reads `--flag=value` and `--flag value` alike and cuts the list to what fits.
  tab.parse([...words]);
  return 0;
}

type Offer = (value: string, says: string) => void;

function createTab(live: readonly string[], words: readonly string[]): RootCommand {
  const tab = new RootCommand();
  for (const { word, summary } of GROUPS)
    if (!COMMANDS.some(({ path }) => path === word)) tab.command(word, summary);
  for (const command of COMMANDS) {
    for (const path of pathsOf(command)) {
      // Aliases work, but offering `service` beside `services` only stops the shell halfway.
      if (path !== command.path && !calls(path, words.slice(0, -1))) continue;
      const made = tab.command(path, command.summary);
      for (const flag of [...(command.flags ?? []), ...GLOBAL_FLAGS]) {
        if (flag.value === undefined) made.option(flag.name, flag.says, flag.short ?? '');
        else made.option(flag.name, flag.says, offersOf(flag, live), flag.short);
      }
      for (const argument of command.arguments ?? [])
        made.argument(argument.name, offersOf(argument, live), argument.many);
      if (command.path === 'help')
        made.argument('WORD', (offer: Offer) => {
          for (const topic of TOPICS) offer(topic.name, topic.summary);
        });
    }
  }
  return tab;
}

function pathsOf(command: Command): string[] {
  const words = command.path.split(' ');
  return [
    command.path,
    ...(command.aliases ?? []).map((alias) => [...words.slice(0, -1), alias].join(' ')),
  ];
}

function offersOf(of: Argument | Flag, live: readonly string[]): (offer: Offer) => void {
  return (offer) => {
    for (const choice of of.choices ?? []) offer(choice, '');
    if (of.completes) for (const value of live) offer(value, '');
  };
}

/** Which live values the word under the cursor could be; undefined when none. */
function wantedAt(words: readonly string[]): Completes | undefined {
  const current = words.at(-1) ?? '';
  const before = words.at(-2) ?? '';
  const command = commandOf(words.slice(0, -1));
  if (!command) return undefined;
  const flags = [...(command.flags ?? []), ...GLOBAL_FLAGS];
  const named = (word: string): Flag | undefined =>
    flags.find(
      ({ name, short }) => word === `--${name}` || (short !== undefined && word === `-${short}`),
    );
  const flag =
    current.startsWith('--') && current.includes('=')
      ? named(current.split('=', 1)[0]!)
      : named(before);
  if (flag?.value !== undefined) return flag.completes;
  return current.startsWith('-') ? undefined : command.arguments?.[0]?.completes;
}

function commandOf(words: readonly string[]): Command | undefined {
  return COMMANDS.find((command) => pathsOf(command).some((path) => calls(path, words)));
}

const calls = (path: string, words: readonly string[]): boolean =>
  path.split(' ').every((word, index) => words[index] === word);
