// The part of a trace that is looked at, nanoseconds from its start; it stands in the URL as `zoom=FROM-TO`.

export interface Zoom {
  readonly fromNs: number;
  readonly toNs: number;
}

/** Never closer than this: a pixel must mean something. */
const LEAST_NS = 10;

/** The whole trace when the text says nothing of use. */
export function readZoom(text: string | null, totalNs: number): Zoom {
  const [from, to] = (text ?? '').split('-').map(Number);
  return clamped({ fromNs: from ?? Number.NaN, toNs: to ?? Number.NaN }, totalNs);
}

/** `null` for the whole trace, which needs no word. */
export function writeZoom(zoom: Zoom, totalNs: number): string | null {
  const { fromNs, toNs } = clamped(zoom, totalNs);
  return isWhole({ fromNs, toNs }, totalNs) ? null : `${Math.floor(fromNs)}-${Math.ceil(toNs)}`;
}

export function isWhole({ fromNs, toNs }: Zoom, totalNs: number): boolean {
  return fromNs <= 0 && toNs >= totalNs;
}

/** A span with a margin, so that one sees where it begins and ends. */
export function zoomTo(span: { readonly offsetNs: number; readonly durationNs: number }): Zoom {
  const margin = Math.max(LEAST_NS, span.durationNs * 0.05);
  return { fromNs: span.offsetNs - margin, toNs: span.offsetNs + span.durationNs + margin };
}

/** Around its middle; less than 1 is closer. */
export function scaled({ fromNs, toNs }: Zoom, factor: number): Zoom {
  const middle = (fromNs + toNs) / 2;
  const half = ((toNs - fromNs) / 2) * factor;
  return { fromNs: middle - half, toNs: middle + half };
}

function clamped({ fromNs, toNs }: Zoom, totalNs: number): Zoom {
  const from = Math.max(0, fromNs);
  const to = Math.min(totalNs, toNs);
  // Also when one of them is no number.
  return to - from >= LEAST_NS ? { fromNs: from, toNs: to } : { fromNs: 0, toNs: totalNs };
}
