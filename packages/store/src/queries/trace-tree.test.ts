import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RawSpan } from './trace-spans.ts';
import { criticalParts, traceTree } from './trace-tree.ts';

const SERVER = 2;
const CLIENT = 3;

function span(
  id: string,
  parent: string,
  service: string,
  start: number,
  durationNs: number,
  kind = SERVER,
  more: Partial<RawSpan> = {},
): RawSpan {
  return {
    traceId: 't',
    spanId: id,
    parentSpanId: parent,
    service,
    host: '',
    name: id,
    kind,
    direction: 0,
    start: 1_000_000n + BigInt(start),
    durationNs,
    failed: false,
    httpStatus: 0,
    weight: 1,
    ...more,
  };
}

describe('traceTree', () => {
  test('orders depth first, children by start, whatever order the spans came in', () => {
    const tree = traceTree([
      span('late', 'root', 'a', 50, 10),
      span('leaf', 'early', 'a', 12, 3),
      span('early', 'root', 'a', 10, 20),
      span('root', '', 'a', 0, 100),
    ]);
    expect(
      tree.ordered.map((node) => [node.span.spanId, node.depth, node.startNs, node.selfNs]),
    ).toEqual([
      ['root', 0, 0, 70],
      ['early', 1, 10, 17],
      ['leaf', 2, 12, 3],
      ['late', 1, 50, 10],
    ]);
    expect([tree.start, tree.durationNs]).toEqual([1_000_000n, 100]);
  });

  test('a span whose parent never came is an orphan root', () => {
    const tree = traceTree([span('root', '', 'a', 0, 10), span('x', 'gone', 'b', 5, 2)]);
    expect(tree.ordered.map((node) => [node.span.spanId, node.orphan, node.depth])).toEqual([
      ['root', false, 0],
      ['x', true, 0],
    ]);
  });

  test('Zipkin: the server half hangs under the client half of the same id, children under the server half', () => {
    const tree = traceTree([
      span('id', '', 'a', 0, 100, CLIENT),
      span('id', '', 'b', 10, 80, SERVER),
      span('next', 'id', 'b', 20, 10, CLIENT),
    ]);
    expect(tree.ordered.map((node) => [node.span.service, node.span.kind, node.depth])).toEqual([
      ['a', CLIENT, 0],
      ['b', SERVER, 1],
      ['b', CLIENT, 2],
    ]);
  });

  test('a child on another clock that lies outside its parent is centred in it, with its own subtree', () => {
    const tree = traceTree([
      span('c', '', 'a', 1000, 100, CLIENT),
      span('s', 'c', 'b', 500, 60),
      span('inner', 's', 'b', 510, 20, 1),
    ]);
    expect(tree.ordered.map((node) => [node.span.spanId, node.startNs, node.skewNs])).toEqual([
      ['c', 0, 0],
      ['s', 20, 520],
      ['inner', 30, 520],
    ]);
  });

  test('a longer child only moves to its parent’s start; a child on the same clock never moves', () => {
    const longer = traceTree([span('c', '', 'a', 100, 50, CLIENT), span('s', 'c', 'b', 40, 80)]);
    expect(longer.ordered.map((node) => [node.startNs, node.skewNs])).toEqual([
      [0, 0],
      [0, 60],
    ]);
    const same = traceTree([span('c', '', 'a', 100, 50), span('s', 'c', 'a', 40, 10)]);
    expect(same.ordered.map((node) => node.skewNs)).toEqual([0, 0]);
  });

  test('on one machine there is one clock: a callee that outlives its caller stays where it is', () => {
    const skews = (more: Partial<RawSpan>, callee: Partial<RawSpan> = more) =>
      traceTree([
        span('c', '', 'a', 0, 100, CLIENT, more),
        span('s', 'c', 'b', 80, 60, SERVER, callee),
      ]).ordered.map((node) => node.skewNs);
    expect(skews({})).toEqual([0, -60]);
    expect(skews({ host: 'host.name one' })).toEqual([0, 0]);
    expect(skews({ host: 'host.name one' }, { host: 'host.name two' })).toEqual([0, -60]);
  });

  test('a callee outlives a client that gave up, a message its sender: no clock was wrong', () => {
    const gaveUp = traceTree([
      span('c', '', 'a', 0, 100, CLIENT, { failed: true }),
      span('s', 'c', 'b', 80, 60),
    ]);
    expect(gaveUp.ordered.map((node) => node.skewNs)).toEqual([0, 0]);
    const message = traceTree([
      span('p', '', 'a', 0, 100, 4),
      span('m', 'p', 'b', 500, 60, 5),
      span('early', 'p', 'c', -50, 60, 5),
    ]);
    expect(message.ordered.map((node) => [node.span.spanId, node.skewNs])).toEqual([
      ['p', 0],
      ['early', 70],
      ['m', 0],
    ]);
  });

  test('a cycle of parents is cut, no span is lost', () => {
    const tree = traceTree([span('a', 'b', 's', 0, 1), span('b', 'a', 's', 0, 1)]);
    expect(tree.ordered).toHaveLength(2);
  });
});

describe('criticalParts', () => {
  const path = (spans: RawSpan[]) =>
    criticalParts(traceTree(spans).roots[0]!).map((part) => [
      part.node.span.spanId,
      part.fromNs,
      part.toNs,
    ]);

  test('follows the child that ended last before each point', () => {
    expect(
      path([
        span('root', '', 'a', 0, 100),
        span('one', 'root', 'a', 10, 30),
        span('two', 'root', 'a', 20, 60),
        span('three', 'root', 'a', 85, 10),
      ]),
    ).toEqual([
      ['root', 0, 20],
      ['two', 20, 80],
      ['root', 80, 85],
      ['three', 85, 95],
      ['root', 95, 100],
    ]);
  });

  test('a child that outlives its root counts up to the root’s end', () => {
    expect(path([span('root', '', 'a', 0, 100), span('async', 'root', 'a', 40, 500)])).toEqual([
      ['root', 0, 40],
      ['async', 40, 100],
    ]);
  });

  test('covers the root exactly, without overlaps, for any tree', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            parent: fc.nat(50),
            service: fc.constantFrom('a', 'b'),
            start: fc.nat(1000),
            duration: fc.nat(500),
            kind: fc.constantFrom(1, SERVER, CLIENT),
          }),
          { minLength: 1, maxLength: 25 },
        ),
        (list) => {
          const tree = traceTree(
            list.map((one, i) =>
              span(
                `${i}`,
                i === 0 ? '' : `${one.parent % i}`,
                one.service,
                one.start,
                one.duration,
                one.kind,
              ),
            ),
          );
          const root = tree.roots[0]!;
          const parts = criticalParts(root);
          let at = root.startNs;
          for (const part of parts) {
            expect(part.fromNs).toBeCloseTo(at, 6);
            expect(part.toNs).toBeGreaterThan(part.fromNs);
            at = part.toNs;
          }
          if (parts.length > 0) expect(at).toBeCloseTo(root.startNs + root.span.durationNs, 6);
          expect(tree.ordered).toHaveLength(list.length);
          for (const node of tree.ordered) {
            expect(node.selfNs).toBeGreaterThanOrEqual(0);
            expect(node.selfNs).toBeLessThanOrEqual(node.span.durationNs);
          }
        },
      ),
    );
  });
});
