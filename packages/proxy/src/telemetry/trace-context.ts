// The place of a request in its trace: taken from W3C Trace Context or B3, and handed on in both.
// https://www.w3.org/TR/trace-context/ https://github.com/openzipkin/b3-propagation

import { hexValue, isHexId } from './hex.ts';
import type { Sampler } from './sampling.ts';
import type { TraceHeaders } from './trace-headers.ts';
import { newSpanId, newTraceId } from './trace-ids.ts';

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Of the span that this proxy reports, 16 hexadecimal digits. */
  readonly spanId: string;
  /**
   * What the upstream gets as its parent: `spanId` at a sidecar, another one at a gateway, which reports
   * a server span and a client span.
   */
  readonly upstreamSpanId: string;
  /** Of the caller's span; '' for the first of a trace. */
  readonly parentSpanId: string;
  readonly sampled: boolean;
  /** W3C `tracestate` as it came, or this proxy's sampling ratio; '' for none. */
  readonly traceState: string;
  /** Forms that the caller used besides W3C: the upstream gets the same. */
  readonly b3: 'none' | 'single' | 'multi' | 'both';
}

export interface ExtractOptions {
  /** At a gateway: the upstream gets a span of its own as parent. */
  readonly twoSpans: boolean;
  readonly sampler: Sampler;
}

/**
 * The context of a request, a new trace when the headers hold none that is valid. The caller's word on
 * sampling holds; without one, `x-envoy-force-trace` or the sampler decides.
 */
export function extractTrace(headers: TraceHeaders, options: ExtractOptions): TraceContext {
  const spanId = newSpanId();
  const upstreamSpanId = options.twoSpans ? newSpanId() : spanId;
  const b3 = b3Forms(headers);
  const { traceparent } = headers;
  if (traceparent !== undefined && isTraceparent(traceparent)) {
    const sampled = (hexValue(traceparent, 54) & 1) === 1 || headers.forced;
    return {
      traceId: traceparent.slice(3, 35),
      spanId,
      upstreamSpanId,
      parentSpanId: traceparent.slice(36, 52),
      sampled,
      traceState: headers.tracestate ?? '',
      b3,
    };
  }
  const word = b3 === 'none' ? NO_WORD : readB3(headers);
  const hasParent = word.traceId !== '';
  const traceId = hasParent ? word.traceId : newTraceId();
  const decided = headers.forced ? true : word.sampled;
  const sampled = decided ?? options.sampler.samples(traceId);
  // A parent that leaves the decision open did not say by which ratio its trace was kept either.
  const traceState = decided === undefined && sampled ? options.sampler.traceState : '';
  return {
    traceId,
    spanId,
    upstreamSpanId,
    parentSpanId: word.spanId,
    sampled,
    traceState,
    b3,
  };
}

/**
 * The context of a copy of the request (a mirror's), a span beside the one that the upstream has as parent:
 * under the same parent at a sidecar, under its own server span at a gateway.
 */
export function forkTrace(trace: TraceContext): TraceContext {
  const spanId = newSpanId();
  const hasServerSpan = trace.upstreamSpanId !== trace.spanId;
  return {
    traceId: trace.traceId,
    spanId,
    upstreamSpanId: spanId,
    parentSpanId: hasServerSpan || trace.parentSpanId === '' ? trace.spanId : trace.parentSpanId,
    sampled: trace.sampled,
    traceState: trace.traceState,
    b3: trace.b3,
  };
}

/** Gives the headers for the upstream to `write`, names in lower case. */
export function writeTraceHeaders(
  trace: TraceContext,
  write: (name: string, value: string) => void,
): void {
  const { traceId, upstreamSpanId, sampled } = trace;
  write('traceparent', `00-${traceId}-${upstreamSpanId}-${sampled ? '01' : '00'}`);
  if (trace.traceState !== '') write('tracestate', trace.traceState);
  if (trace.b3 === 'none') return;
  const parent = trace.spanId === upstreamSpanId ? trace.parentSpanId : trace.spanId;
  const bit = sampled ? '1' : '0';
  if (trace.b3 !== 'multi')
    write('b3', `${traceId}-${upstreamSpanId}-${bit}${parent === '' ? '' : `-${parent}`}`);
  if (trace.b3 === 'single') return;
  write('x-b3-traceid', traceId);
  write('x-b3-spanid', upstreamSpanId);
  if (parent !== '') write('x-b3-parentspanid', parent);
  write('x-b3-sampled', bit);
}

/** `00-TRACE-SPAN-FLAGS`; later versions may append to it (W3C Trace Context 3.2). */
function isTraceparent(text: string): boolean {
  return (
    text.length >= 55 &&
    text.charCodeAt(2) === DASH &&
    text.charCodeAt(35) === DASH &&
    text.charCodeAt(52) === DASH &&
    isVersion(text) &&
    isHexId(text, 3, 35) &&
    isHexId(text, 36, 52) &&
    hexValue(text, 53) >= 0 &&
    hexValue(text, 54) >= 0
  );
}

function isVersion(text: string): boolean {
  const high = hexValue(text, 0);
  const low = hexValue(text, 1);
  if (high < 0 || low < 0 || (high === 15 && low === 15)) return false;
  if (high === 0 && low === 0) return text.length === 55;
  return text.length === 55 || text.charCodeAt(55) === DASH;
}

interface B3Word {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean | undefined;
}

const DASH = 45;
const NO_WORD: B3Word = { traceId: '', spanId: '', sampled: undefined };

function b3Forms(headers: TraceHeaders): TraceContext['b3'] {
  const multi = headers.b3TraceId !== undefined || headers.b3Sampled !== undefined;
  if (headers.b3 !== undefined) return multi ? 'both' : 'single';
  return multi || headers.b3Flags !== undefined ? 'multi' : 'none';
}

function readB3(headers: TraceHeaders): B3Word {
  if (headers.b3 !== undefined) {
    const word = readB3Single(headers.b3);
    if (word !== undefined) return word;
  }
  const sampled = headers.b3Flags === '1' ? true : samplingBit(headers.b3Sampled ?? '');
  return withIds(headers.b3TraceId ?? '', headers.b3SpanId ?? '', sampled);
}

/** `0`, `1`, `d`, or `TRACE-SPAN[-SAMPLED[-PARENT]]`. */
function readB3Single(text: string): B3Word | undefined {
  if (text.length === 1) {
    const sampled = samplingBit(text);
    return sampled === undefined ? undefined : { traceId: '', spanId: '', sampled };
  }
  const dash = text.indexOf('-');
  if (dash !== 16 && dash !== 32) return undefined;
  const end = dash + 17;
  if (text.length > end && text.charCodeAt(end) !== DASH) return undefined;
  const sampled = text.length > end ? samplingBit(text.slice(end + 1, end + 2)) : undefined;
  const word = withIds(text.slice(0, dash), text.slice(dash + 1, end), sampled);
  return word.traceId === '' ? undefined : word;
}

function withIds(trace: string, span: string, sampled: boolean | undefined): B3Word {
  const traceId = trace.toLowerCase();
  const spanId = span.toLowerCase();
  const isValid =
    (traceId.length === 16 || traceId.length === 32) &&
    spanId.length === 16 &&
    isHexId(traceId, 0, traceId.length) &&
    isHexId(spanId, 0, 16);
  if (!isValid) return { traceId: '', spanId: '', sampled };
  return { traceId: traceId.padStart(32, '0'), spanId, sampled };
}

function samplingBit(text: string): boolean | undefined {
  if (text === '1' || text === 'd' || text === 'true') return true;
  return text === '0' || text === 'false' ? false : undefined;
}
