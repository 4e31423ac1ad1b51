import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringTest } from '../conditions.ts';
import { regexTest } from '../regex.ts';
import { regexAutomaton } from './regex-automaton.ts';
import { sampleTexts, type TextCondition } from './sample-texts.ts';

const PATTERNS = [
  '/a.*',
  '/(a|b)/[0-9]+',
  '.*[Cc]hrome.*',
  '/api(/.*)?',
  '[^/]*',
  '(?i)abc',
  '/x{2,4}',
  'a\\b.*',
  '^/a$',
  '\\d+',
  '',
  '/\\w+/b?',
];

function walk(pattern: string, text: string): boolean {
  const automaton = regexAutomaton(pattern)!;
  let state = 0;
  for (const char of text) state = automaton.step(state, char);
  return automaton.accepts(state);
}

describe('a regular expression as an automaton', () => {
  it('takes what the expression takes', () => {
    const text = fc.string({ unit: fc.constantFrom(...'/ab01xXcC-. hrome'), maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(...PATTERNS), text, (pattern, one) => {
        expect(walk(pattern, one)).toBe(regexTest(pattern)(one));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('sample texts', () => {
  const conditions = (...list: (TextCondition['match'] | 'fold')[]): TextCondition[] =>
    list.map((match) => ({ match: match as TextCondition['match'], ignoresCase: false }));

  it('are the shortest of each way to meet and miss', () => {
    const { texts, complete } = sampleTexts(
      conditions({ exact: '/ab' }, { prefix: '/a' }, { regex: '/a[0-9]+' }),
      '/[!-~]*',
    );
    expect(complete).toBe(true);
    expect(texts).toEqual(expect.arrayContaining(['/', '/a', '/ab', '/a1', '/x', '/ax']));
    expect(texts.length).toBeLessThan(14);
  });

  it('leave no way out that a random text takes', () => {
    const atom = fc.string({ unit: fc.constantFrom('/', 'a', 'b', 'A', '1'), maxLength: 5 });
    const condition = fc.oneof(
      fc.record({ exact: atom }),
      fc.record({ prefix: atom }),
      fc.record({ regex: fc.constantFrom(...PATTERNS) }),
    );
    const list = fc.array(fc.record({ match: condition, ignoresCase: fc.boolean() }), {
      maxLength: 6,
    });
    const text = fc.string({
      unit: fc.constantFrom('/', 'a', 'b', 'A', '1', 'x', '9'),
      maxLength: 8,
    });
    fc.assert(
      fc.property(list, fc.array(text, { minLength: 20, maxLength: 20 }), (given, probes) => {
        const kept = given.map((one) => ({
          ...one,
          ignoresCase: one.ignoresCase && !('regex' in one.match),
        }));
        const tests = kept.map((one) => stringTest(one.match, one.ignoresCase) ?? (() => true));
        const way = (one: string) => tests.map((test) => Number(test(one))).join('');
        const sampled = sampleTexts(kept, '[!-~]*');
        expect(sampled.complete).toBe(true);
        const ways = new Set(sampled.texts.map(way));
        for (const one of probes) expect(ways.has(way(one))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
