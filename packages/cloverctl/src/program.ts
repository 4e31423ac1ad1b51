// The commands as commander's program: parsing, help, and suggestions for what was mistyped.
import { Command as Parser, Option, Argument as ParserArgument } from 'commander';
import type { Argument, Command, Flag, Group } from './command.ts';
import { GLOBAL_FLAGS } from './flags.ts';
import type { FlagValues } from './context.ts';

export interface Chosen {
  readonly command: Command;
  readonly args: readonly string[];
  readonly flags: FlagValues;
}

export interface ProgramOptions {
  readonly name: string;
  readonly commands: readonly Command[];
  readonly groups: readonly Group[];
  /** Help for the words after the program's name; none is the whole program. */
  readonly help: (words: readonly string[]) => string;
  readonly onChoice: (chosen: Chosen) => void;
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

/** A parser that calls `onChoice`; it throws CommanderError for everything else, help included. */
export function createProgram(options: ProgramOptions): Parser {
  const root = configure(new Parser(options.name), [], options);
  const groups = new Map<string, Parser>();
  for (const { word, summary } of options.groups) {
    const group = configure(root.command(word), [word], options);
    group.summary(summary);
    groups.set(word, group);
  }
  for (const command of options.commands) {
    const words = command.path.split(' ');
    const parent = words.length > 1 ? groups.get(words[0]!) : root;
    if (!parent) throw new Error(`no group for ${command.path}`);
    // A group may do something itself (`explain GET URL` beside `explain slow`).
    const group = words.length === 1 ? groups.get(words[0]!) : undefined;
    const parser =
      group?.enablePositionalOptions() ?? configure(parent.command(words.at(-1)!), words, options);
    parser.aliases([...(command.aliases ?? [])]).summary(command.summary);
    for (const argument of command.arguments ?? []) parser.addArgument(argumentOf(argument));
    for (const flag of [...(command.flags ?? []), ...GLOBAL_FLAGS])
      parser.addOption(optionOf(flag));
    parser.action(() => {
      options.onChoice({
        command,
        args: parser.processedArgs.flat().filter((arg) => arg !== undefined) as string[],
        flags: {
          ...root.opts<FlagValues>(),
          ...(parent === root ? {} : flagsOfGroup(parent, parser)),
          ...parser.opts<FlagValues>(),
        },
      });
    });
  }
  for (const flag of GLOBAL_FLAGS) root.addOption(optionOf(flag));
  return root;
}

/**
 * commander gives a flag that a group and its command both have to the group. One that only the group has is
 * a mistake: `delete system --dry-run` must not end anything.
 */
function flagsOfGroup(group: Parser, parser: Parser): FlagValues {
  const known = new Set(parser.options.map((one) => one.attributeName()));
  const flags = group.opts<FlagValues>();
  const unknown = Object.keys(flags).find((name) => !known.has(name));
  if (unknown !== undefined)
    parser.error(`error: unknown option '--${unknown}'`, { code: 'commander.unknownOption' });
  return flags;
}

function configure(parser: Parser, words: readonly string[], options: ProgramOptions): Parser {
  return parser
    .exitOverride()
    .configureOutput({ writeOut: options.writeOut, writeErr: options.writeErr })
    .configureHelp({ formatHelp: () => `${options.help(words)}\n` })
    .helpOption('-h, --help', 'words about a command')
    .helpCommand(false)
    .showSuggestionAfterError(true);
}

function argumentOf(argument: Argument): ParserArgument {
  const dots = argument.many ? '...' : '';
  const name = `${argument.name}${dots}`;
  const made = new ParserArgument(argument.optional ? `[${name}]` : `<${name}>`, argument.says);
  return argument.choices ? made.choices(argument.choices) : made;
}

function optionOf(flag: Flag): Option {
  const short = flag.short === undefined ? '' : `-${flag.short}, `;
  const value = flag.value === undefined ? '' : ` <${flag.value}>`;
  const option = new Option(`${short}--${flag.name}${value}`, flag.says);
  // One value an occurrence: `--filter a=b NAME` must not take NAME.
  if (flag.many)
    option.argParser((one: string, before: string[] | undefined) => [...(before ?? []), one]);
  else if (flag.choices) option.choices(flag.choices);
  option.attributeName = () => flag.name;
  return option;
}
