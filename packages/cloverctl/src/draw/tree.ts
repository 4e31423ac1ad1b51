// Branches in front of the lines of a tree.

export interface TreeLine<Item> {
  readonly item: Item;
  readonly depth: number;
  /** `│  ├─ `; empty at the top. */
  readonly branch: string;
}

const SHAPES = {
  true: { through: '│ ', tee: '├─', end: '└─', blank: '  ' },
  false: { through: '| ', tee: '|-', end: '`-', blank: '  ' },
} as const;

/** Items in depth-first order with their depth; depths may jump down, never up by more than one. */
export function treeLines<Item>(
  items: readonly Item[],
  depthOf: (item: Item) => number,
  unicode: boolean,
): TreeLine<Item>[] {
  const shape = SHAPES[`${unicode}`];
  // From the end: a column is open when a later sibling still comes.
  const open: boolean[] = [];
  const lines: TreeLine<Item>[] = [];
  for (const item of items.toReversed()) {
    const depth = depthOf(item);
    const more = open[depth] === true;
    open.length = depth + 1;
    open[depth] = true;
    const branch = Array.from({ length: depth }, (_, level) => {
      if (level === depth - 1) return more ? shape.tee : shape.end;
      return open[level + 1] ? shape.through : shape.blank;
    });
    lines.push({ item, depth, branch: depth === 0 ? '' : `${branch.join('')} ` });
  }
  return lines.toReversed();
}
