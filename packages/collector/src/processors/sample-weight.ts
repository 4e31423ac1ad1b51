// How many requests a span stands for.

const ACCEPT_ALL = 1n << 56n;

/**
 * The weight 1/p from a W3C tracestate: `ot=th:HEX` is OpenTelemetry's rejection threshold
 * (p = 1 - th/2^56, digits left out are zeros), `ot=p:N` its older power of two. 1 when there is none.
 * https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
 */
export function weightOfTraceState(traceState: string): number {
  const vendor = /(?:^|,)\s*ot=([^,]*)/.exec(traceState)?.[1];
  if (vendor === undefined) return 1;
  const threshold = /(?:^|;)th:([0-9a-f]{1,14})(?:;|$)/i.exec(vendor)?.[1];
  if (threshold !== undefined) {
    const accepted = ACCEPT_ALL - BigInt(`0x${threshold.padEnd(14, '0')}`);
    return Number(ACCEPT_ALL) / Number(accepted);
  }
  const power = /(?:^|;)p:(\d{1,2})(?:;|$)/.exec(vendor)?.[1];
  return power !== undefined && Number(power) < 63 ? 2 ** Number(power) : 1;
}

/** Honeycomb's SampleRate: the weight itself. 1 when it is no number >= 1. */
export function weightOfSampleRate(text: string): number {
  const rate = Number(text);
  return Number.isFinite(rate) && rate >= 1 ? rate : 1;
}

/** A probability 0 < p <= 1 -> 1/p, else 1. */
export function weightOfProbability(text: string): number {
  const probability = Number(text);
  return probability > 0 && probability <= 1 ? 1 / probability : 1;
}
