// The stories in examples/: nothing to find fault with in mesh/, every expectation of routes.yaml met, every
// rule met by one.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyze, compile, readResources, readRouteTests, runRouteTests } from '../src/index.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));
/** The chain itself, and the stories of the talk. */
const STORIES = [
  'sdc',
  'ingress',
  'routing',
  'mirroring',
  'weights',
  'canary',
  'faults',
  'circuit-breaking',
  'egress',
  'blue-green',
  'in-and-out',
  'waf',
] as const;
const filesOf = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

describe.each(STORIES)('examples/%s', (story) => {
  const folder = join(EXAMPLES, story);
  const read = readResources(filesOf(join(folder, 'mesh')));

  it('holds resources that nothing can be said against', () => {
    expect(analyze(read).filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  it('does what its routes.yaml expects, and every rule is met', () => {
    const text = readFileSync(join(folder, 'routes.yaml'), 'utf8');
    const tests = readRouteTests({ name: `${story}/routes.yaml`, text });
    const run = runRouteTests(compile(read.resources), read.resources, tests);
    expect(
      run.results
        .filter(({ passed }) => !passed)
        .map(({ test, failures }) => [test.description, failures]),
    ).toEqual([]);
    expect(run.coverage.filter(({ hits }) => hits === 0).map(({ ref }) => ref.ruleName)).toEqual(
      [],
    );
  });
});

it('blue/green: the other file differs in the rule for everybody alone', () => {
  const folder = join(EXAMPLES, 'blue-green');
  const green = filesOf(join(folder, 'green'));
  const names = new Set(green.map(({ name }) => name));
  const mesh = filesOf(join(folder, 'mesh')).filter(({ name }) => !names.has(name));
  const read = readResources([...mesh, ...green]);
  expect(analyze(read).filter(({ severity }) => severity !== 'info')).toEqual([]);
  const tests = readRouteTests({
    name: 'green.yaml',
    text: readFileSync(join(folder, 'routes.yaml'), 'utf8').replaceAll('subset: v1', 'subset: v2'),
  });
  const { results } = runRouteTests(compile(read.resources), read.resources, tests);
  expect(results.map(({ passed }) => passed)).toEqual([true, true]);
});
