import type { TraceSpan } from '@clover/model';

export interface Row {
  readonly span: TraceSpan;
  readonly children: number;
  readonly collapsed: boolean;
}

/** Depth-first spans without those below a collapsed one. */
export function visibleSpans(spans: readonly TraceSpan[], collapsed: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  let hiddenBelow = Infinity;
  spans.forEach((span, index) => {
    if (span.depth > hiddenBelow) return;
    hiddenBelow = Infinity;
    let children = 0;
    for (let at = index + 1; at < spans.length && spans[at]!.depth > span.depth; at++) children++;
    const isCollapsed = collapsed.has(span.spanId) && children > 0;
    if (isCollapsed) hiddenBelow = span.depth;
    rows.push({ span, children, collapsed: isCollapsed });
  });
  return rows;
}
