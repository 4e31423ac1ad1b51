// One run from words to exit code: parse, load settings, run the command, translate what went wrong.
import { CommanderError } from 'commander';
import { CLIENT_ERRORS } from '@clover/client';
import { CloverError } from '@clover/model/errors';
import { COMMANDS, GROUPS } from './commands/index.ts';
import { loadSettings } from './config/settings.ts';
import type { Command } from './command.ts';
import { createContext, type Context } from './context.ts';
import { EXIT, exitCodeOf } from './errors.ts';
import { GLOBAL_FLAGS } from './flags.ts';
import { helpText } from './help/help-text.ts';
import type { Io } from './io.ts';
import { createProgram, type Chosen } from './program.ts';
import { createStyle, wantsColour } from './output/style.ts';
import { harmless } from './output/text.ts';

/** Runs `cloverctl ARGV…` and gives its exit code; it writes to `io` only. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const style = createStyle(wantsColour(io.env, io.stdout.isTerminal));
  let chosen: Chosen | undefined;
  const program = createProgram({
    name: io.programName,
    commands: COMMANDS,
    groups: GROUPS,
    help: (words) =>
      helpText(words, { name: io.programName, style, width: io.stdout.columns ?? 100 }),
    onChoice: (choice) => (chosen = choice),
    writeOut: (text) => io.stdout.write(text),
    // Of mistakes `report` tells; what else comes here is the help of a verb without a noun.
    writeErr: (text) => {
      if (!text.startsWith('error:')) io.stderr.write(text);
    },
  });
  try {
    if (argv.length === 0) {
      io.stdout.write(
        `${helpText([], { name: io.programName, style, width: io.stdout.columns ?? 100 })}\n`,
      );
      return EXIT.ok;
    }
    if (argv[0] === 'complete' && argv[1] === '--') {
      const { complete } = await import('./completion/complete.ts');
      return await complete(argv.slice(2), io);
    }
    const asksVersion = argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V');
    program.parse(asksVersion ? ['version', '--client'] : [...argv], { from: 'user' });
    if (!chosen) return EXIT.usage;
    const settings = await loadSettings(io, chosen.flags);
    const context = createContext(io, { args: chosen.args, flags: chosen.flags, settings });
    checkFlags(chosen.command, context);
    return (await chosen.command.run(context)) ?? EXIT.ok;
  } catch (error) {
    return report(error, argv, io);
  }
}

/** Before anything is asked or changed. Throws CloverError `cloverctl.usage` and `time.bad_duration`. */
function checkFlags(command: Command, context: Context): void {
  for (const flag of [...(command.flags ?? []), ...GLOBAL_FLAGS]) {
    if (flag.type === 'whole') context.whole(flag.name);
    if (flag.type === 'duration') context.durationMs(flag.name);
  }
}

/** With the hint when nobody answers. */
const ELSEWHERE = '; --server URL or CLOVER_SERVER asks another';

function report(error: unknown, argv: readonly string[], io: Io): number {
  const style = createStyle(wantsColour(io.env, io.stderr.isTerminal));
  const say = (text: string, hint?: string) => {
    io.stderr.write(`${style.red(`${io.programName}:`)} ${text}\n`);
    if (hint) io.stderr.write(`${style.dim(`  ${hint}`)}\n`);
  };
  if (io.signal.aborted) return EXIT.interrupted;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0 || error.code === 'commander.help')
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const [message, ...more] = error.message.replace(/^error: /, '').split('\n');
    say(
      message!,
      more.join(' ').replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?') ||
        hintFor(error, argv, io.programName),
    );
    return EXIT.usage;
  }
  if (!(error instanceof CloverError)) throw error;
  const elsewhere = error.code === CLIENT_ERRORS.unreachable ? ELSEWHERE : '';
  say(harmless(error.message), error.hint && harmless(error.hint) + elsewhere);
  // The first issue often is the message itself.
  for (const { at, message } of error.issues) {
    const line = harmless(at === '' ? message : `${at}: ${message}`);
    if (line !== error.message) io.stderr.write(`  ${line}\n`);
  }
  return exitCodeOf(error);
}

/** `get service http-lb`: the name goes with a flag. */
function hintFor({ code }: CommanderError, argv: readonly string[], name: string): string {
  const [verb, noun, word] = argv;
  const command = COMMANDS.find(
    ({ path, aliases = [] }) =>
      path === `${verb} ${noun}` ||
      (path.startsWith(`${verb} `) && noun !== undefined && aliases.includes(noun)),
  );
  const takesService = command?.flags?.some((flag) => flag.name === 'service') ?? false;
  return code === 'commander.excessArguments' && takesService && word && !word.startsWith('-')
    ? `for one service: ${name} ${command!.path} --service ${harmless(word)}`
    : helpFor(argv, name);
}

/** Where to read on after a mistake: the help of the command that was meant, if there is one. */
function helpFor(argv: readonly string[], name: string): string {
  const command = COMMANDS.find(({ path }) =>
    path.split(' ').every((word, index) => argv[index] === word),
  );
  if (command) return `\`${name} help ${command.path}\` says more`;
  const verb = COMMANDS.find(({ path }) => path.startsWith(`${argv[0]} `)) && argv[0];
  return verb === undefined
    ? `\`${name} help\` lists all commands`
    : `\`${name} help ${verb}\` lists what there is`;
}
