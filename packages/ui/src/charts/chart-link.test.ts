import { expect, it } from 'vitest';
import { chartId, chartLink } from './chart-link.ts';

it('names a chart by its title', () => {
  expect(chartId('In flight (mean)')).toBe('chart-in-flight-mean');
});

it('keeps the window and the filters', () => {
  const href = 'http://clover/services/a?since=15m&filter=version%3Dv2#chart-old';
  expect(chartLink(href, 'chart-rate', 1000, 2000)).toBe(
    'http://clover/services/a?filter=version%3Dv2&start=1000&end=2000#chart-rate',
  );
});

it('leaves the range of the page where nothing is drawn', () => {
  expect(chartLink('http://clover/?since=1h', 'chart-rate', undefined, undefined)).toBe(
    'http://clover/?since=1h#chart-rate',
  );
});
