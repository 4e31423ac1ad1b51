import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isWhole, readZoom, scaled, writeZoom, zoomTo } from './zoom.ts';

it('is the whole trace when the URL says nothing, or nonsense', () => {
  const whole = { fromNs: 0, toNs: 1000 };
  for (const text of [null, '', 'x-y', '7', '900-100', '-5-', '2000-3000', '5-6'])
    expect(readZoom(text, 1000)).toEqual(whole);
  expect(writeZoom(whole, 1000)).toBeNull();
});

it('reads what it wrote, to a nanosecond', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5e8 }),
      fc.integer({ min: 20, max: 5e8 }),
      (from, size) => {
        const total = 1e9;
        const zoom = { fromNs: from, toNs: from + size };
        const text = writeZoom(zoom, total);
        expect(readZoom(text, total)).toEqual(text === null ? { fromNs: 0, toNs: total } : zoom);
      },
    ),
  );
});

it('shows a span with a margin, within the trace', () => {
  const text = writeZoom(zoomTo({ offsetNs: 0, durationNs: 400 }), 1000);
  expect(readZoom(text, 1000)).toEqual({ fromNs: 0, toNs: 420 });
});

it('goes closer around the middle, and back no further than the whole', () => {
  expect(scaled({ fromNs: 0, toNs: 1000 }, 0.5)).toEqual({ fromNs: 250, toNs: 750 });
  expect(
    isWhole(readZoom(writeZoom(scaled({ fromNs: 250, toNs: 750 }, 4), 1000), 1000), 1000),
  ).toBe(true);
});
