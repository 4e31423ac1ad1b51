import type { GraphAnswer } from '@clover/model';
import { expect, it } from 'vitest';
import { createFigures } from '../output/figures.ts';
import { graphDot, graphMermaid } from './graph-export.ts';

const figures = createFigures({ machine: true, unicode: true, nowMs: 0 });
const red = { requests: 10, errors: 1, errorRatio: 0.1, ratePerSecond: 2, latency: null };
const graph = {
  nodes: [
    { ...red, service: 'a "b"', kind: 'service' },
    { ...red, service: 'db|1', kind: 'database' },
  ],
  edges: [{ ...red, from: 'a "b"', to: 'db|1', clientLatency: null, lost: 3 }],
} as unknown as GraphAnswer;

it('writes Mermaid in which names cannot break out', () => {
  expect(graphMermaid(graph, figures).split('\n')).toEqual([
    'flowchart LR',
    '  n0["a #34;b#34;"]',
    '  n1[("db#124;1")]',
    '  n0 -->|"2.00/s, 10.0 % errors, 3 lost"| n1',
  ]);
});

it('writes Graphviz in which names cannot break out', () => {
  const lines = graphDot(graph, figures).split('\n');
  expect(lines[4]).toBe('  "a \\"b\\"" [label="a \\"b\\"\\nservice", color=red];');
  expect(lines[6]).toBe(
    '  "a \\"b\\"" -> "db|1" [label="2.00/s, 10.0 % errors, 3 lost", penwidth=5.0, color=red];',
  );
});
