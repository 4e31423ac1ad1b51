// What a series of rates is built from.
import type { FlowRow } from './flow.ts';

/** One step of one series; `red` is what started in it, `ended` and `overlapMs` what ended and was under way. */
export interface RateCell {
  readonly key: string;
  readonly step: number;
  readonly requests: number;
  readonly errors: number;
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
}

export const REST = 'rest';

export interface FoundRates {
  /** Series' keys, largest first. */
  readonly keys: readonly string[];
  readonly cells: readonly RateCell[];
  readonly flow: readonly FlowRow[];
  readonly sampled: boolean;
  readonly notes?: readonly string[];
}
