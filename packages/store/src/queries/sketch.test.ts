import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bucketEnd,
  bucketEstimate,
  bucketOf,
  latencyOf,
  mergeSketches,
  percentile,
  type Sketch,
} from './sketch.ts';

const duration = fc.oneof(
  fc.integer({ min: 1, max: 1000 }),
  fc.integer({ min: 1000, max: 10_000_000 }),
  fc.integer({ min: 10_000_000, max: 2_000_000_000 }),
  fc.double({ min: 1, max: 1e14, noNaN: true }).map(Math.round),
);

function sketchOf(values: readonly number[]): Sketch {
  return mergeSketches(values.map((value) => ({ buckets: [bucketOf(value)], weights: [1] })));
}

/** ClickHouse's quantileExact: the element with floor(q·n) others below it. */
function exact(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(q * sorted.length), sorted.length - 1)]!;
}

test('a bucket holds its value between its edges and its estimate is within 1 %', () => {
  fc.assert(
    fc.property(duration, (value) => {
      const bucket = bucketOf(value);
      expect(value).toBeLessThanOrEqual(bucketEnd(bucket) * (1 + 1e-12));
      if (value > 1) expect(value).toBeGreaterThan(bucketEnd(bucket - 1) * (1 - 1e-12));
      expect(Math.abs(bucketEstimate(bucket) - value) / value).toBeLessThanOrEqual(0.0100001);
    }),
  );
});

test('percentiles are within 1 % of the exact ones', () => {
  fc.assert(
    fc.property(
      fc.array(duration, { minLength: 1, maxLength: 300 }),
      fc.constantFrom(0, 0.5, 0.9, 0.95, 0.99, 0.999, 1),
      (values, q) => {
        const got = percentile(sketchOf(values), q, {
          minNs: Math.min(...values),
          maxNs: Math.max(...values),
        });
        const want = exact(values, q);
        expect(Math.abs(got - want) / want).toBeLessThanOrEqual(0.0100001);
      },
    ),
  );
});

test('weights count as that many values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ value: duration, weight: fc.integer({ min: 1, max: 9 }) }), {
        minLength: 1,
        maxLength: 50,
      }),
      (list) => {
        const repeated = list.flatMap(({ value, weight }) =>
          Array.from({ length: weight }, () => value),
        );
        const weighted = mergeSketches(
          list.map(({ value, weight }) => ({ buckets: [bucketOf(value)], weights: [weight] })),
        );
        expect(percentile(weighted, 0.95)).toBe(percentile(sketchOf(repeated), 0.95));
      },
    ),
  );
});

test('merging in any order gives the same sketch', () => {
  fc.assert(
    fc.property(fc.array(fc.array(duration, { maxLength: 20 }), { maxLength: 6 }), (parts) => {
      const whole = sketchOf(parts.flat());
      const merged = mergeSketches(parts.toReversed().map(sketchOf));
      expect(merged).toEqual(whole);
    }),
  );
});

test('an empty sketch has no latency', () => {
  expect(percentile({ buckets: [], weights: [] }, 0.5)).toBeNaN();
  expect(
    latencyOf({ buckets: [], weights: [] }, { durationSum: 0, requests: 0, minNs: 0, maxNs: 0 }),
  ).toBeNull();
});
