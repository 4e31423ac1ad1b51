// What a key does in the tree of spans, as the ARIA practices have it for trees.

import type { Row } from './visible-spans.ts';

export type TreeStep =
  | { readonly to: number }
  | { readonly toggle: string }
  | { readonly open: string };

const PAGE = 12;

/** Undefined for keys that are not the tree's, and where there is nothing to go to. */
export function treeStep(key: string, rows: readonly Row[], at: number): TreeStep | undefined {
  const row = rows[at];
  if (!row) return rows.length > 0 && key.startsWith('Arrow') ? { to: 0 } : undefined;
  const last = rows.length - 1;
  switch (key) {
    case 'ArrowDown':
      return { to: Math.min(last, at + 1) };
    case 'ArrowUp':
      return { to: Math.max(0, at - 1) };
    case 'PageDown':
      return { to: Math.min(last, at + PAGE) };
    case 'PageUp':
      return { to: Math.max(0, at - PAGE) };
    case 'Home':
      return { to: 0 };
    case 'End':
      return { to: last };
    case 'ArrowRight':
      if (row.collapsed) return { toggle: row.span.spanId };
      return row.children > 0 ? { to: at + 1 } : undefined;
    case 'ArrowLeft':
      if (row.children > 0 && !row.collapsed) return { toggle: row.span.spanId };
      return parentOf(rows, at);
    case 'Enter':
    case ' ':
      return { open: row.span.spanId };
    default:
      return undefined;
  }
}

function parentOf(rows: readonly Row[], at: number): TreeStep | undefined {
  const { depth } = rows[at]!.span;
  for (let above = at - 1; above >= 0; above--)
    if (rows[above]!.span.depth < depth) return { to: above };
  return undefined;
}
