// docs/cloverctl.md, made from the commands' own words, so that it cannot fall behind them.
import type { Command } from '../command.ts';
import { COMMANDS, GROUPS } from '../commands/index.ts';
import { GLOBAL_FLAGS } from '../flags.ts';
import { argumentEntry, flagEntry, usageOf } from './help-text.ts';
import { TOPICS } from './topics.ts';

/** The whole page as Markdown, ending in a line end. */
export function referenceMarkdown(): string {
  const singles = COMMANDS.filter(({ path }) => !path.includes(' '));
  const grouped = GROUPS.map(({ word }) =>
    COMMANDS.filter(({ path }) => path.startsWith(`${word} `)),
  );
  const commands = [...grouped.flat(), ...singles];
  return [
    '# cloverctl',
    '',
    'The command line of Clover: `./clover ctl …` from a clone, also found by kubectl as `kubectl clover …`. To have it as `cloverctl` in every folder, as it is written here, say once in the clone: `alias cloverctl="$PWD/clover ctl"`.',
    '',
    '<!-- Made by scripts/cloverctl-reference.mjs from the commands themselves. -->',
    '',
    '| command | does |',
    '|---|---|',
    ...commands.map(
      (command) =>
        `| [\`${usageOf(command)}\`](#${anchorOf(command.path)}) | ${cell(command.summary)} |`,
    ),
    '',
    'Flags of every command:',
    '',
    ...table(GLOBAL_FLAGS.map(flagEntry)),
    '',
    ...commands.flatMap(sectionOf),
    ...TOPICS.flatMap((topic) => [
      `## Help: ${topic.name}`,
      '',
      '```',
      ...topic.text.split('\n').slice(2),
      '```',
      '',
    ]),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function sectionOf(command: Command): string[] {
  const verb = command.path.split(' ').slice(0, -1);
  const aliases = (command.aliases ?? []).map((alias) => `\`${[...verb, alias].join(' ')}\``);
  return [
    `## ${command.path}`,
    '',
    command.text.replaceAll('\n', '  \n'),
    '',
    ...(aliases.length > 0 ? [`Also: ${aliases.join(', ')}.`, ''] : []),
    '```sh',
    ...command.examples.flatMap(({ says, line }) => [`# ${says}`, `cloverctl ${line}`]),
    '```',
    '',
    ...(command.arguments ? [...table(command.arguments.map(argumentEntry)), ''] : []),
    ...(command.flags ? [...table(command.flags.map(flagEntry)), ''] : []),
  ];
}

function table(entries: readonly (readonly [string, string])[]): string[] {
  return [
    '| | |',
    '|---|---|',
    ...entries.map(([name, says]) => `| \`${name.trim()}\` | ${cell(says)} |`),
  ];
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const anchorOf = (path: string): string => path.replaceAll(' ', '-');
