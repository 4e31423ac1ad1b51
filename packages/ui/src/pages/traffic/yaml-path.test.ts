import { expect, it } from 'vitest';
import { yamlPlace } from './yaml-path.ts';

/** The place of `|` in a text. */
function at(text: string) {
  const offset = text.indexOf('|');
  const { path, role, word, siblings } = yamlPlace(text.replace('|', ''), offset);
  return { path: path.join('.'), role, word, siblings: [...siblings] };
}

it('finds keys and values by their indentation', () => {
  expect(at('spec:\n  ho|')).toMatchObject({ path: 'spec', role: 'key', word: 'ho' });
  expect(at('spec:\n  host: |')).toMatchObject({ path: 'spec.host', role: 'value', word: '' });
  expect(at('kind: Virt|')).toMatchObject({ path: 'kind', role: 'value', word: 'Virt' });
});

it('counts list items, indented or not, and several on a line', () => {
  const rules = 'spec:\n  http:\n  - name: a\n    route:\n    - destination:\n        ';
  expect(at(`${rules}|`)).toMatchObject({ path: 'spec.http.[].route.[].destination' });
  expect(at(`${rules}host: x\n      we|`)).toMatchObject({
    path: 'spec.http.[].route.[]',
    siblings: ['destination'],
  });
  expect(at('spec:\n  http:\n    - |')).toMatchObject({ path: 'spec.http.[]', role: 'key' });
  expect(at('a:\n- - b|')).toMatchObject({ path: 'a.[].[]' });
});

it('knows what stands beside the cursor, above and below', () => {
  expect(at('spec:\n  a: 1\n  b:\n    c: 2\n  |\n  d: 3\nstatus: 1').siblings).toEqual([
    'b',
    'a',
    'd',
  ]);
  expect(at('spec:\n  http:\n  - a: 1\n    |\n  - b: 2').siblings).toEqual(['a']);
});

it('looks into brackets', () => {
  expect(at('spec:\n  route:\n  - destination: { host: a, su|')).toMatchObject({
    path: 'spec.route.[].destination',
    role: 'key',
    word: 'su',
    siblings: ['host'],
  });
  expect(at('spec:\n  - { destination: { host: |')).toMatchObject({
    path: 'spec.[].destination.host',
    role: 'value',
  });
  expect(at('hosts: [a, |')).toMatchObject({ path: 'hosts.[]', role: 'value', word: '' });
});

it('begins anew with each document', () => {
  expect(at('kind: A\nspec:\n  x: 1\n---\nki|')).toMatchObject({ path: '', word: 'ki' });
});
