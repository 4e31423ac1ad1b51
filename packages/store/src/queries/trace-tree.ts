// Spans of one trace -> a forest: parents found, Zipkin's shared ids told apart, clocks adjusted as
// Jaeger does (model/adjuster/clockskew.go), self time and critical path computed. Pure.
import type { RawSpan } from './trace-spans.ts';

export interface TreeSpan<S extends RawSpan = RawSpan> {
  readonly span: S;
  parent: TreeSpan<S> | undefined;
  /** By adjusted start. */
  readonly children: TreeSpan<S>[];
  depth: number;
  /** The parent's id is known but its span never came. */
  orphan: boolean;
  /** Adjusted, relative to the earliest adjusted start. */
  startNs: number;
  /** What was added to the recorded start. */
  skewNs: number;
  selfNs: number;
}

export interface TraceTree<S extends RawSpan = RawSpan> {
  readonly roots: readonly TreeSpan<S>[];
  /** Depth first, children by start. */
  readonly ordered: readonly TreeSpan<S>[];
  /** Nanoseconds since 1970 of the trace's start, by the recorded clock of its root. */
  readonly start: bigint;
  readonly durationNs: number;
}

const PRODUCER = 4;
const CONSUMER = 5;
const CLIENT_KINDS = new Set([3, PRODUCER]);

/** Client-side by kind, or by direction where the kind does not say. */
export function isClientSide(span: RawSpan): boolean {
  return (
    CLIENT_KINDS.has(span.kind) ||
    (span.direction === 2 && span.kind !== 2 && span.kind !== CONSUMER)
  );
}

/** Builds the tree. Spans must be distinct (no repeats); cycles are cut where they would close. */
export function traceTree<S extends RawSpan>(spans: readonly S[]): TraceTree<S> {
  const nodes = spans.map((span): TreeSpan<S> => ({
    span,
    parent: undefined,
    children: [],
    depth: 0,
    orphan: false,
    startNs: 0,
    skewNs: 0,
    selfNs: 0,
  }));
  linkParents(nodes);
  const base = spans.reduce(
    (least, span) => (span.start < least ? span.start : least),
    spans[0]?.start ?? 0n,
  );
  for (const node of nodes) node.startNs = Number(node.span.start - base);
  const roots = nodes.filter((node) => node.parent === undefined);
  for (const root of roots) adjustClock(root, 0);
  const first = Math.min(...nodes.map((node) => node.startNs), Number.POSITIVE_INFINITY);
  for (const node of nodes) node.startNs -= first;
  for (const node of nodes) node.children.sort(byStart);
  const ordered: TreeSpan<S>[] = [];
  const stack = roots.toSorted(byStart).toReversed();
  while (stack.length > 0) {
    const node = stack.pop() as TreeSpan<S>;
    node.depth = node.parent ? node.parent.depth + 1 : 0;
    node.selfNs = selfTime(node);
    ordered.push(node);
    stack.push(...node.children.toReversed());
  }
  return {
    roots: roots.toSorted(byStart),
    ordered,
    start: base + BigInt(nodes.length > 0 ? Math.round(first) : 0),
    durationNs: nodes.reduce(
      (latest, node) => Math.max(latest, node.startNs + node.span.durationNs),
      0,
    ),
  };
}

function byStart(a: TreeSpan, b: TreeSpan): number {
  return a.startNs - b.startNs || (a.span.spanId < b.span.spanId ? -1 : 1);
}

function linkParents<S extends RawSpan>(nodes: readonly TreeSpan<S>[]): void {
  const clients = new Map<string, TreeSpan<S>>();
  const others = new Map<string, TreeSpan<S>>();
  for (const node of nodes)
    (isClientSide(node.span) ? clients : others).set(node.span.spanId, node);
  for (const node of nodes) {
    const { span } = node;
    // Zipkin: client and server side of a call carry one id; the server's caller is that client span.
    const shared = isClientSide(span) ? undefined : clients.get(span.spanId);
    const parent =
      shared ??
      (span.parentSpanId === ''
        ? undefined
        : (others.get(span.parentSpanId) ?? clients.get(span.parentSpanId)));
    if (parent && parent !== node && !isAncestor(node, parent)) {
      node.parent = parent;
      parent.children.push(node);
    } else {
      node.orphan = span.parentSpanId !== '' && !parent;
    }
  }
}

function isAncestor(node: TreeSpan, of: TreeSpan): boolean {
  for (let at: TreeSpan | undefined = of; at; at = at.parent) if (at === node) return true;
  return false;
}

/**
 * A child that starts before its parent or ends after it, on another clock, is shifted into it: centred
 * when it is shorter, to the parent's start when it is longer. A shift goes to all descendants on the same
 * clock; spans of the parent's own service, and of its machine, share its clock.
 */
function adjustClock(root: TreeSpan, rootSkew: number): void {
  const stack: { node: TreeSpan; skew: number }[] = [{ node: root, skew: rootSkew }];
  while (stack.length > 0) {
    const { node, skew } = stack.pop() as { node: TreeSpan; skew: number };
    node.skewNs = skew;
    node.startNs += skew;
    for (const child of node.children) {
      stack.push({
        node: child,
        skew: sharesClock(node.span, child.span) ? skew : clockSkew(node, child),
      });
    }
  }
}

function sharesClock(a: RawSpan, b: RawSpan): boolean {
  return a.service === b.service || (a.host !== '' && a.host === b.host);
}

function clockSkew(parent: TreeSpan, child: TreeSpan): number {
  const parentStart = parent.startNs;
  const parentDuration = parent.span.durationNs;
  const childStart = child.startNs;
  const childDuration = child.span.durationNs;
  if (childDuration > parentDuration) {
    // It cannot lie inside: only a start before the parent's is certainly wrong.
    return childStart >= parentStart ? 0 : parentStart - childStart;
  }
  if (childStart >= parentStart && childStart + childDuration <= parentStart + parentDuration)
    return 0;
  // Asynchronous work starts after its parent ends.
  if (childStart >= parentStart + parentDuration && !isClientSide(parent.span)) return 0;
  if (childStart >= parentStart && !isAwaited(parent.span, child.span)) return 0;
  return parentStart + (parentDuration - childDuration) / 2 - childStart;
}

/** A callee may outlive a client that gave up, and a message is read when its sender has long gone on. */
function isAwaited(parent: RawSpan, child: RawSpan): boolean {
  const gaveUp = isClientSide(parent) && parent.failed && parent.httpStatus === 0;
  return !gaveUp && parent.kind !== PRODUCER && child.kind !== CONSUMER;
}

/** Time in a span that none of its children covers. */
function selfTime(node: TreeSpan): number {
  const end = node.startNs + node.span.durationNs;
  let covered = 0;
  let reached = node.startNs;
  for (const child of node.children) {
    const from = Math.max(child.startNs, reached);
    const to = Math.min(child.startNs + child.span.durationNs, end);
    if (to > from) {
      covered += to - from;
      reached = to;
    }
  }
  return Math.max(0, node.span.durationNs - covered);
}

export interface PathPart<S extends RawSpan = RawSpan> {
  readonly node: TreeSpan<S>;
  readonly fromNs: number;
  readonly toNs: number;
}

/**
 * The critical path of a root: the parts of spans that, made shorter, would make the root shorter. Walks
 * back from the root's end to the child that ended last before each point (CRISP, Zhang et al., USENIX
 * ATC 2022; jaeger-ui's TraceTimelineViewer). Parts do not overlap, ascend, and cover the root.
 */
export function criticalParts<S extends RawSpan>(root: TreeSpan<S>): PathPart<S>[] {
  const parts: PathPart<S>[] = [];
  const stack: { node: TreeSpan<S>; from: number; to: number }[] = [
    { node: root, from: root.startNs, to: root.startNs + root.span.durationNs },
  ];
  while (stack.length > 0) {
    const { node, from, to } = stack.pop() as { node: TreeSpan<S>; from: number; to: number };
    // A child that outlives its parent counts up to the parent's end.
    const byEnd = node.children
      .map((child) => ({ child, childEnd: Math.min(endOf(child), to) }))
      .toSorted((a, b) => b.childEnd - a.childEnd || b.child.startNs - a.child.startNs);
    let end = to;
    for (const { child, childEnd } of byEnd) {
      const childStart = Math.max(child.startNs, from);
      if (childEnd > end || childEnd <= childStart) continue;
      if (end > childEnd) parts.push({ node, fromNs: childEnd, toNs: end });
      stack.push({ node: child, from: childStart, to: childEnd });
      end = childStart;
    }
    if (end > from) parts.push({ node, fromNs: from, toNs: end });
  }
  return parts.toSorted((a, b) => a.fromNs - b.fromNs);
}

function endOf(node: TreeSpan): number {
  return node.startNs + node.span.durationNs;
}
