import { describe, expect, it } from 'vitest';
import { createProgram } from '../program.ts';
import { COMMANDS, GROUPS } from './index.ts';

describe('every command', () => {
  it.each(COMMANDS.map((command) => [command.path, command] as const))(
    '%s has a summary, a text and two examples that parse',
    (path, command) => {
      expect(command.summary).toMatch(/^\S.{5,70}$/);
      expect(command.summary).not.toMatch(/\.$/);
      expect(command.text).toMatch(/\.$|"?source/);
      expect(command.examples.length).toBeGreaterThanOrEqual(2);
      for (const { line } of command.examples) {
        const words = wordsOf(line);
        let chosen = '';
        createProgram({
          name: 'cloverctl',
          commands: COMMANDS,
          groups: GROUPS,
          help: () => '',
          writeOut: () => {},
          writeErr: () => {},
          onChoice: (choice) => (chosen = choice.command.path),
        }).parse(words, { from: 'user' });
        expect(chosen).toBe(path);
      }
    },
  );

  it('is called by words that no other has', () => {
    const all = COMMANDS.flatMap(({ path, aliases = [] }) => {
      const verb = path.split(' ').slice(0, -1);
      return [path, ...aliases.map((alias) => [...verb, alias].join(' '))];
    });
    expect(all.filter((words, index) => all.indexOf(words) !== index)).toEqual([]);
  });
});

/** The words of an example after `cloverctl`, up to a pipe or redirection, without what a shell would run. */
function wordsOf(line: string): string[] {
  const own = line.includes('| cloverctl ') ? line.split('| cloverctl ')[1]! : line;
  const plain = own.replaceAll(/\$\(.*?\)/g, 'X').split(/ [|<>&]/)[0]!;
  return [...plain.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3]!,
  );
}
