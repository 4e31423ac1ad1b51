// The help of the program, of a group and of a command, from their words.
import type { Argument, Command, Flag } from '../command.ts';
import { COMMANDS, GROUPS } from '../commands/index.ts';
import { GLOBAL_FLAGS } from '../flags.ts';
import type { Style } from '../output/style.ts';
import { padTo, textWidth, wrapText } from '../output/text.ts';
import { TOPICS } from './topics.ts';

export interface HelpOptions {
  readonly name: string;
  readonly style: Style;
  readonly width: number;
}

/** Help for the words after the program's name; without words that of the program. */
export function helpText(words: readonly string[], options: HelpOptions): string {
  const command = COMMANDS.find(({ path }) => path === words.join(' '));
  if (command) return commandHelp(command, options);
  const group = GROUPS.find(({ word }) => word === words[0]);
  return group ? groupHelp(group.word, group.summary, options) : programHelp(options);
}

/** Every word or words that have help: commands and groups. */
export function knownWords(): string[] {
  return [...new Set([...COMMANDS.map(({ path }) => path), ...GROUPS.map(({ word }) => word)])];
}

function programHelp({ name, style, width }: HelpOptions): string {
  const single = COMMANDS.filter(({ path }) => !path.includes(' '));
  const entries: [string, string][] = [
    ...GROUPS.map(({ word, summary }): [string, string] => [word, summary]),
    ...single
      .filter(({ path }) => !GROUPS.some(({ word }) => word === path))
      .map(({ path, summary }): [string, string] => [path, summary]),
  ];
  return [
    `${style.bold(name)}: who calls whom, how fast, what fails, what got lost`,
    '',
    `${style.bold('Usage')}  ${name} COMMAND [flags]`,
    '',
    style.bold('Commands'),
    ...listed(entries, width),
    '',
    style.bold('Flags of every command'),
    ...listed(GLOBAL_FLAGS.map(flagEntry), width),
    '',
    style.bold('Topics'),
    ...listed(
      TOPICS.map((topic): [string, string] => [`help ${topic.name}`, topic.summary]),
      width,
    ),
    '',
    ...wrapText(`\`${name} help COMMAND\` or \`${name} COMMAND --help\` says more.`, width),
  ].join('\n');
}

function groupHelp(word: string, summary: string, { name, style, width }: HelpOptions): string {
  const commands = COMMANDS.filter(({ path }) => path.startsWith(`${word} `));
  return [
    summary,
    '',
    `${style.bold('Usage')}  ${name} ${word} NOUN [flags]`,
    '',
    style.bold('Commands'),
    ...listed(
      commands.map((command): [string, string] => [usageOf(command), command.summary]),
      width,
    ),
    '',
    `\`${name} ${word} NOUN --help\` says more.`,
  ].join('\n');
}

function commandHelp(command: Command, { name, style, width }: HelpOptions): string {
  const parts: string[] = [
    ...wrapText(command.summary, width),
    '',
    ...command.text.split('\n').flatMap((line) => wrapText(line, Math.min(width, 100))),
    '',
    `${style.bold('Usage')}  ${name} ${usageOf(command)} [flags]`,
  ];
  if (command.aliases && command.aliases.length > 0) {
    const verb = command.path.split(' ').slice(0, -1).join(' ');
    const others = command.aliases.map((alias) => `${verb} ${alias}`.trim());
    parts.push(`${style.bold('Also')}   ${others.join(', ')}`);
  }
  const further = COMMANDS.filter(({ path }) => path.startsWith(`${command.path} `));
  if (further.length > 0)
    parts.push(
      '',
      style.bold('Further commands'),
      ...listed(
        further.map((one): [string, string] => [usageOf(one), one.summary]),
        width,
      ),
    );
  parts.push('', style.bold('Examples'));
  for (const { says, line } of command.examples)
    parts.push(style.dim(`  # ${says}`), `  ${name} ${line}`);
  if (command.arguments && command.arguments.length > 0)
    parts.push('', style.bold('Arguments'), ...listed(command.arguments.map(argumentEntry), width));
  if (command.flags && command.flags.length > 0)
    parts.push('', style.bold('Flags'), ...listed(command.flags.map(flagEntry), width));
  parts.push(
    '',
    style.bold('Flags of every command'),
    ...listed(GLOBAL_FLAGS.map(flagEntry), width),
  );
  return parts.join('\n');
}

/** `get trace ID`, `get visibility [WHAT]`, `import FILE…`. */
export function usageOf(command: Command): string {
  const words = (command.arguments ?? []).map((argument) => {
    const name = argument.name + (argument.many ? '…' : '');
    return argument.optional ? `[${name}]` : name;
  });
  return [command.path, ...words].join(' ');
}

export const argumentEntry = (argument: Argument): [string, string] => [
  argument.name,
  argument.choices ? `${argument.says}: ${argument.choices.join(', ')}` : argument.says,
];

export const flagEntry = (flag: Flag): [string, string] => [
  `${flag.short ? `-${flag.short}, ` : '    '}--${flag.name}${flag.value ? ` ${flag.value}` : ''}`,
  flag.says,
];

function listed(entries: readonly (readonly [string, string])[], width: number): string[] {
  const first = Math.min(30, Math.max(...entries.map(([name]) => textWidth(name))));
  const rest = Math.max(24, width - first - 4);
  return entries.flatMap(([name, says]) => {
    const [head = '', ...more] = wrapText(says, rest);
    return [
      `  ${padTo(name, first)}  ${head}`,
      ...more.map((line) => `${' '.repeat(first + 4)}${line}`),
    ];
  });
}
