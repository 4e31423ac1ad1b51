import { describe, expect, it } from 'vitest';
import { family, histogramFamily, withoutBuckets } from './exposition.ts';
import { HISTOGRAM_SIZE, observe } from './histogram.ts';

describe('withoutBuckets', () => {
  it('keeps sums and counts, and everything that is no histogram', () => {
    const values = new Float64Array(HISTOGRAM_SIZE);
    observe(values, 0, 3);
    observe(values, 0, 4);
    const counter = family('a_bucket_total', 'counter', [{ labels: 'x="y_bucket{"', value: 1 }]);
    const histogram = histogramFamily('took', [{ labels: 'x="1"', values, start: 0 }]);
    expect(histogram).toContain('took_bucket{');
    expect(withoutBuckets(counter + histogram)).toBe(
      `${counter}# TYPE took summary\ntook_sum{x="1"} 7\ntook_count{x="1"} 2\n`,
    );
  });
});
