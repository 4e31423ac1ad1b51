// What the documents point at is there, and the configuration page has every flag.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const files = execFileSync('git', ['ls-files', '--', '*.md'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));

describe('the documents', () => {
  it.each(files)('%s links to what is there', (file) => {
    const text = readFileSync(file, 'utf8').replaceAll(/```.*?```/gs, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^[a-z]+:|^#/.test(target))
      .map((target) => normalize(join(dirname(file), target.replace(/#.*$/, ''))));
    expect(links.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('name every flag and variable of the program', () => {
    const help = execFileSync(process.execPath, ['packages/controller/dist/main.js', '--help'], {
      encoding: 'utf8',
    });
    const flags = [...help.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, flag]) => flag!);
    expect(flags.length).toBeGreaterThan(20);
    const page = readFileSync('docs/configuration.md', 'utf8');
    expect(flags.filter((flag) => !page.includes(`\`--${flag}\``))).toEqual([]);
  });
});
