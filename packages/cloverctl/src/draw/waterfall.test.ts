import type { TraceDetail } from '@clover/model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFigures } from '../output/figures.ts';
import { createStyle } from '../output/style.ts';
import { textWidth } from '../output/text.ts';
import { waterfallLines } from './waterfall.ts';

const span = (over: object) => ({
  spanId: 'a',
  service: 'web',
  name: 'GET',
  depth: 0,
  offsetNs: 0,
  durationNs: 100e6,
  status: 'unset',
  httpStatusCode: 200,
  responseFlags: '',
  orphan: false,
  ...over,
});
const trace = {
  durationNs: 100e6,
  spans: [
    span({}),
    span({
      spanId: 'b',
      service: 'api',
      depth: 1,
      offsetNs: 20e6,
      durationNs: 50e6,
      status: 'error',
      httpStatusCode: 503,
      responseFlags: 'UH',
    }),
    span({ spanId: 'c', service: 'db', name: 'SELECT', depth: 1, offsetNs: 99.9e6, durationNs: 0 }),
  ],
  criticalPath: [
    { spanId: 'a', fromNs: 0, toNs: 20e6 },
    { spanId: 'b', fromNs: 20e6, toNs: 70e6 },
    { spanId: 'a', fromNs: 70e6, toNs: 100e6 },
  ],
} as unknown as TraceDetail;
const options = (width: number, unicode = true) => ({
  style: createStyle(false),
  figures: createFigures({ machine: true, unicode, nowMs: 0 }),
  width,
});

it('draws the critical path heavy, and what is wrong beside it', () => {
  expect(waterfallLines(trace, options(70))).toEqual([
    '              0              50.0 ms        100 ms',
    'web GET       ━━━━━━━──────────────────━━━━━━━━━━━    100 ms',
    '├─ api GET           ━━━━━━━━━━━━━━━━━━              50.0 ms  503 UH',
    '└─ db SELECT                                     ─       0 s',
  ]);
});

it('is never wider than the terminal, whatever the names and times', () => {
  const one = fc.record({
    spanId: fc.string({ minLength: 1, maxLength: 4 }),
    service: fc.string({ unit: 'binary', maxLength: 30 }),
    name: fc.string({ unit: 'grapheme', maxLength: 60 }),
    depth: fc.nat(12),
    offsetNs: fc.integer({ min: -1000, max: 2e9 }),
    durationNs: fc.integer({ min: 0, max: 2e9 }),
  });
  fc.assert(
    fc.property(
      fc.array(one, { maxLength: 8 }),
      fc.integer({ min: 60, max: 200 }),
      (spans, width) => {
        const detail = {
          durationNs: 1e9,
          spans: spans.map((each) => span(each)),
          criticalPath: [],
        };
        for (const line of waterfallLines(detail as unknown as TraceDetail, options(width)))
          expect(textWidth(line)).toBeLessThanOrEqual(width);
      },
    ),
  );
});
