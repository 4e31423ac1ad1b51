// What changed between two sets of RED groups, tested. Pure.
import type { CompareAnswer } from '@clover/model';
import type { RedGroup } from './red.ts';
import { percentile } from './sketch.ts';
import {
  benjaminiHochberg,
  mannWhitney,
  poissonRateTest,
  twoProportionTest,
  type Histogram,
} from './statistics.ts';

export type Change = CompareAnswer['changes'][number];

export interface ChangeSide {
  /** Groups by service, or by service and operation. */
  readonly groups: readonly RedGroup[];
  readonly seconds: number;
}

const SIGNIFICANT = 0.01;
/** Smallest effects that matter: rate and latency relative, errors as a difference of ratios. */
const RATE_EFFECT = 0.1;
const LATENCY_EFFECT = 0.05;
const ERROR_EFFECT = 0.001;

/**
 * Rate (Poisson), error ratio (two proportions) and latency (Mann-Whitney over the sketch, shown as p95)
 * of every service and operation on both sides; p-values adjusted by Benjamini-Hochberg over all of
 * them. With sample weights the tests count spans, not the requests that these stand for.
 */
export function changesBetween(a: ChangeSide, b: ChangeSide): Change[] {
  const keys = new Map<string, { a?: RedGroup; b?: RedGroup }>();
  for (const group of a.groups) keys.set(JSON.stringify(group.values), { a: group });
  for (const group of b.groups) {
    const key = JSON.stringify(group.values);
    keys.set(key, { ...keys.get(key), b: group });
  }
  const raw = [...keys].flatMap(([key, pair]) => {
    const [service, operation = ''] = JSON.parse(key) as string[];
    return groupChanges({ service: service as string, operation }, pair, a.seconds, b.seconds);
  });
  const adjusted = benjaminiHochberg(raw.map((change) => change.pValue));
  return raw
    .map((change, i) => ({
      ...change,
      pValue: adjusted[i]!,
      significant: adjusted[i]! < SIGNIFICANT && isLarge(change),
    }))
    .toSorted(
      (x, y) =>
        Number(y.significant) - Number(x.significant) ||
        weightOf(y) - weightOf(x) ||
        x.pValue - y.pValue,
    );
}

function groupChanges(
  name: { service: string; operation: string },
  pair: { a?: RedGroup; b?: RedGroup },
  secondsA: number,
  secondsB: number,
): Change[] {
  const { a, b } = pair;
  const label = name.operation === '' ? name.service : `${name.service} ${name.operation}`;
  const rateA = (a?.requests ?? 0) / secondsA;
  const rateB = (b?.requests ?? 0) / secondsB;
  const changes: Change[] = [
    {
      kind: 'rate',
      ...name,
      a: rateA,
      b: rateB,
      effect: rateA > 0 ? rateB / rateA - 1 : rateB > 0 ? 1e9 : 0,
      pValue: poissonRateTest(
        { events: a?.spans ?? 0, exposure: secondsA },
        { events: b?.spans ?? 0, exposure: secondsB },
      ),
      significant: false,
      text: `${label}: ${rateText(rateA)} → ${rateText(rateB)}${percentText(rateA, rateB)}`,
    },
  ];
  if (!a || !b) return changes;
  const errorA = a.errors / a.requests;
  const errorB = b.errors / b.requests;
  changes.push({
    kind: 'errors',
    ...name,
    a: errorA,
    b: errorB,
    effect: errorB - errorA,
    pValue: twoProportionTest(
      { successes: errorA * a.spans, trials: a.spans },
      { successes: errorB * b.spans, trials: b.spans },
    ),
    significant: false,
    text: `${label}: errors ${ratioText(errorA)} → ${ratioText(errorB)}`,
  });
  const p95A = percentile(a.sketch, 0.95, a);
  const p95B = percentile(b.sketch, 0.95, b);
  changes.push({
    kind: 'latency',
    ...name,
    a: p95A,
    b: p95B,
    effect: p95A > 0 ? p95B / p95A - 1 : 0,
    pValue: mannWhitney(spanHistogram(a), spanHistogram(b)).p,
    significant: false,
    text: `${label}: p95 ${durationText(p95A)} → ${durationText(p95B)}${percentText(p95A, p95B)}`,
  });
  return changes;
}

/** The sketch in units of spans, so that one span of weight 100 is one observation. */
function spanHistogram(group: RedGroup): Histogram {
  const scale = group.requests > 0 ? group.spans / group.requests : 1;
  return {
    values: group.sketch.buckets,
    counts: group.sketch.weights.map((weight) => weight * scale),
  };
}

function isLarge(change: Change): boolean {
  if (change.kind === 'errors') return Math.abs(change.effect) >= ERROR_EFFECT;
  return Math.abs(change.effect) >= (change.kind === 'rate' ? RATE_EFFECT : LATENCY_EFFECT);
}

/** How much a change matters to a reader: errors count most, then latency, then rate. */
function weightOf(change: Change): number {
  const size = Math.min(Math.abs(change.effect), 10);
  if (change.kind === 'errors') return size * 20;
  return change.kind === 'latency' ? size * 2 : size;
}

function rateText(perSecond: number): string {
  return `${significant(perSecond)}/s`;
}

function ratioText(ratio: number): string {
  return `${significant(ratio * 100)} %`;
}

/** `1.2 s`, `38 ms`, `250 µs`. */
export function durationText(ns: number): string {
  if (ns >= 1e9) return `${significant(ns / 1e9)} s`;
  if (ns >= 1e6) return `${significant(ns / 1e6)} ms`;
  if (ns >= 1e3) return `${significant(ns / 1e3)} µs`;
  return `${significant(ns)} ns`;
}

/** ` (+38 %)`; empty when there is nothing to compare with. */
export function percentText(a: number, b: number): string {
  if (!(a > 0)) return '';
  const change = Math.round((b / a - 1) * 100);
  return ` (${change > 0 ? '+' : change < 0 ? '−' : '±'}${Math.abs(change)} %)`;
}

function significant(value: number): string {
  if (value === 0) return '0';
  return String(Number(value.toPrecision(3)));
}
