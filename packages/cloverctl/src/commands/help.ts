import { nearest } from '@clover/model/nearest';
import type { Command } from '../command.ts';
import { usageError } from '../errors.ts';

export const help: Command = {
  path: 'help',
  summary: 'Words about a command or a topic',
  text: 'Without words: all commands. With a command: its text, examples and flags. Topics: exit-codes, output, filters, settings.',
  examples: [
    { says: 'a command', line: 'help get traces' },
    { says: 'a topic', line: 'help exit-codes' },
  ],
  arguments: [{ name: 'WORD', optional: true, many: true, says: 'a command or a topic' }],
  run: async (context) => {
    // Only now: the help knows all commands, and this is one of them.
    const { helpText, knownWords } = await import('../help/help-text.ts');
    const { TOPICS } = await import('../help/topics.ts');
    const { io, style, args } = context;
    const words = args.join(' ');
    const topic = TOPICS.find(({ name }) => name === words);
    if (topic) {
      const [title, ...rest] = topic.text.split('\n');
      io.stdout.write(`${[style.bold(title!), ...rest].join('\n')}\n`);
      return;
    }
    const known = knownWords();
    if (words !== '' && !known.includes(words)) {
      const close = nearest(words, [...known, ...TOPICS.map(({ name }) => name)]);
      throw usageError(
        `there is no help for "${words}"`,
        close === undefined
          ? `\`${io.programName} help\` lists what there is`
          : `did you mean ${close}?`,
      );
    }
    const width = io.stdout.columns ?? 100;
    io.stdout.write(`${helpText([...args], { name: io.programName, style, width })}\n`);
  },
};
