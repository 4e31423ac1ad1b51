// A service between two proxies that report its requests: the headers of a trace go from a request to the
// calls that it causes as they came, as the services of 2018 did it. B3's go with all other headers.
import {
  createContextKey,
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
  type SpanContext,
} from '@opentelemetry/api';
import type { IncomingHttpHeaders } from 'node:http';
import type { Telemetry } from './telemetry.ts';

const CAME = createContextKey('trace headers as they came');
const NAMES = ['traceparent', 'tracestate'] as const;

/** Spans can be asked for and are those of the caller: nothing is recorded or sent. */
export function passTraceHeaders(): Telemetry {
  return {
    // Without a provider a span is its parent's context.
    tracer: trace.getTracer('@clover/services'),
    extract(headers) {
      const context = ROOT_CONTEXT.setValue(CAME, pick(headers));
      const parent = spanContextOf(headers['traceparent']);
      return parent ? trace.setSpanContext(context, parent) : context;
    },
    inject: (context, headers) => void Object.assign(headers, context.getValue(CAME)),
    exported: { sent: 0, failed: 0 },
    flush: async () => undefined,
    close: async () => undefined,
  };
}

function pick(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

/** https://www.w3.org/TR/trace-context/#traceparent-header */
function spanContextOf(traceparent: string | string[] | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] =
    /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(String(traceparent)) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}
