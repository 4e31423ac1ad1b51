import { describe, expect, it } from 'vitest';
import { textList } from './text-list.ts';

describe('textList', () => {
  it.each([
    ['a:1, b:2', ['a:1', 'b:2']],
    ['a:1\nb:2\n', ['a:1', 'b:2']],
    ['["a:1","b:2"]', ['a:1', 'b:2']],
    ["['a:1', 'b:2']", ['a:1', 'b:2']],
    ["[{'url': 'a:1'}]", [{ url: 'a:1' }]],
    ['- url: "a:1"\n- url: "b:2"\n', [{ url: 'a:1' }, { url: 'b:2' }]],
    ['[]', []],
    ['', []],
  ])('reads %j', (text, list) => {
    expect(textList(text)).toEqual(list);
  });

  it.each(['[', '["a"', '[a]: b'])('has no list in %j', (text) => {
    expect(textList(text)).toBeUndefined();
  });
});
