import { CloverError, VisibilitySet, VisibilityStart } from '@clover/model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseYaml } from './read-yaml.ts';

const faults = (schema: typeof VisibilitySet | typeof VisibilityStart, text: string): string[] => {
  try {
    parseYaml(schema, { text, file: 'f.yaml' });
    return [];
  } catch (error) {
    const { message, issues } = error as CloverError;
    return [message, ...issues.map((issue) => `${issue.at}: ${issue.message}`)];
  }
};

it('takes numbers as strings, as the original wrote them', () => {
  const { value } = parseYaml(VisibilityStart, {
    text: 'sample_interval: "2"\nt_port: "80"\n',
    file: 'f',
  });
  expect(value).toEqual({ sample_interval: 2, t_port: 80 });
});

it('names the place of each fault in the order of the file, and the nearest key', () => {
  const text = '# tracked\nservices:\n  - nam: a\n  - name: 3\nmetric_prefixs: []\nzzz: 1\n';
  expect(faults(VisibilitySet, text)).toEqual([
    'f.yaml:3:5: unknown key "nam"; did you mean "name"?',
    'f.yaml:4:5: services.1.name: expected string, received number (here: 3)',
    'f.yaml:5:1: unknown key "metric_prefixs"; did you mean "metric_prefixes"?',
    'f.yaml:6:1: unknown key "zzz"; known: services, metric_prefixes, prefixes, metric_suffixes, suffixes, custom_metrics',
  ]);
  expect(faults(VisibilitySet, 'services:\n  - {}\n')).toEqual([
    'f.yaml:2:5: services.0.name is missing',
  ]);
});

it('refuses what is no YAML, no map, or a bomb of aliases', () => {
  expect(faults(VisibilitySet, 'services: [')[0]).toMatch(/^f\.yaml:1:\d+: /);
  expect(faults(VisibilitySet, '- a\n')[0]).toMatch(/^f\.yaml:1:1: expected object/);
  expect(faults(VisibilitySet, 'a: 1\na: 2\n')[0]).toMatch(/^f\.yaml:2:1: Map keys must be unique/);
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'
      .split('')
      .map((key, index) => `${key}: &${key} [${`*${'abcdefg'[index]},`.repeat(9)}]`),
  ];
  expect(faults(VisibilitySet, bomb.join('\n'))[0]).toMatch(/^f\.yaml:1:1: Excessive alias count/);
});

it('never fails otherwise than by a CloverError with a place, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.json(),
        fc.object().map((value) => stringify(value)),
      ),
      (text) => {
        try {
          parseYaml(VisibilitySet, { text, file: 'f.yaml' });
        } catch (error) {
          expect(error).toBeInstanceOf(CloverError);
          expect((error as CloverError).message).toMatch(/^f\.yaml:\d+:\d+: ./);
        }
      },
    ),
    { numRuns: 500 },
  );
});

it('takes back every configuration that fits', () => {
  const names = fc.array(fc.record({ name: fc.string() }), { maxLength: 4 });
  const config = fc.record(
    {
      services: names,
      custom_metrics: fc.array(fc.record({ metric: fc.string() }), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(config, (value) => {
      expect(parseYaml(VisibilitySet, { text: stringify(value), file: 'f' }).value).toEqual(value);
    }),
  );
});
