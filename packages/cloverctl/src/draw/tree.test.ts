import { expect, it } from 'vitest';
import { treeLines } from './tree.ts';

it('draws branches that end where the last sibling is', () => {
  const items = [0, 1, 2, 2, 1, 2, 0, 1];
  const drawn = treeLines(items, (depth) => depth, true).map(({ branch }) => branch);
  expect(drawn).toEqual(['', '├─ ', '│ ├─ ', '│ └─ ', '└─ ', '  └─ ', '', '└─ ']);
});

it('has letters for terminals that cannot draw', () => {
  expect(treeLines([0, 1, 1], (depth) => depth, false).map(({ branch }) => branch)).toEqual([
    '',
    '|- ',
    '`- ',
  ]);
});
