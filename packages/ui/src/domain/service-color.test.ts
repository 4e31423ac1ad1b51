import fc from 'fast-check';
import { expect, it } from 'vitest';
import { meetServices } from './service-color.ts';

const DEMO = [
  'clover-server1',
  'clover-server2',
  'clover-server3',
  'clover-server4',
  'clover-server5',
  'http-lb',
  'proxy-access-control',
  'snort-ids',
];

const met = (...groups: (readonly string[])[]) => {
  const hues = { slots: new Map<string, number>(), met: new Set<string>() };
  for (const names of groups) meetServices(names, hues);
  return hues.slots;
};

it('gives each of the demo a colour of its own', () => {
  expect(new Set(met(DEMO).values()).size).toBe(DEMO.length);
});

it('keeps up to twelve services apart, whatever they are called and in whatever order they come', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 12 }), (names) => {
      const slots = met(names);
      expect(new Set(slots.values()).size).toBe(names.length);
      expect(met(names.toReversed())).toEqual(slots);
    }),
  );
});

it('never moves what was met before', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (first, second) => {
      const before = met(first);
      const after = met(first, second);
      for (const [name, slot] of before) expect(after.get(name)).toBe(slot);
      for (const slot of after.values()) expect(slot).toBeLessThan(12);
    }),
  );
});

it('keeps the colours of an earlier visit, and takes them for others when no other is free', () => {
  const earlier = met(DEMO, ['a', 'b', 'c', 'd']);
  const again = { slots: new Map(earlier), met: new Set<string>() };
  meetServices(['http-lb'], again);
  expect(again.slots.get('http-lb')).toBe(earlier.get('http-lb'));
  const others = Array.from({ length: 11 }, (_, index) => `other-${index}`);
  meetServices(others, again);
  expect(again.slots.get('http-lb')).toBe(earlier.get('http-lb'));
  expect(new Set(['http-lb', ...others].map((one) => again.slots.get(one))).size).toBe(12);
});
