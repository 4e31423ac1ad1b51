// Which new traces are kept, decided by the trace's own number, so that every party that knows the
// ratio decides alike, and written into the trace state, so that a kept span says for how many it stands.
// https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/

import { hexUint32 } from './hex.ts';

export interface Sampler {
  /** 0..1 */
  readonly ratio: number;
  /** Whether a trace that begins here is kept. */
  samples(traceId: string): boolean;
  /** `ot=th:…` for kept traces; '' when all or none are kept. */
  readonly traceState: string;
}

/** A ratio below 0 or above 1 is cut to it. Exact to 2^-32. */
export function createSampler(ratio: number): Sampler {
  const kept = Math.min(1, Math.max(0, Number.isFinite(ratio) ? ratio : 0));
  // Traces whose 56 random bits are below the threshold are refused; its lower 24 bits are zero here.
  const threshold = Math.round((1 - kept) * 2 ** 32);
  if (threshold >= 2 ** 32) return { ratio: kept, samples: () => false, traceState: '' };
  if (threshold === 0) return { ratio: kept, samples: () => true, traceState: '' };
  let digits = threshold.toString(16).padStart(8, '0');
  while (digits.endsWith('0')) digits = digits.slice(0, -1);
  return {
    ratio: kept,
    samples: (traceId) => hexUint32(traceId, 18) >= threshold,
    traceState: `ot=th:${digits}`,
  };
}
