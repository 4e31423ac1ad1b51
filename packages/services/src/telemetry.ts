// What a service does about traces: it reports spans itself, or passes the headers on for proxies that do.
import type { Context, Tracer } from '@opentelemetry/api';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { ServiceConfig } from './config.ts';
import { passTraceHeaders } from './pass-trace-headers.ts';

export interface Telemetry {
  readonly tracer: Tracer;
  /** The caller's context from `traceparent`; the root context without one. */
  extract(headers: IncomingHttpHeaders): Context;
  /** Writes `traceparent` for the span in `context`. */
  inject(context: Context, headers: OutgoingHttpHeaders): void;
  /** Spans that the collector has acknowledged, and spans given up after the exporter's retries. */
  readonly exported: { readonly sent: number; readonly failed: number };
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** The SDK is loaded only where spans are sent somewhere. */
export async function createTelemetry(config: ServiceConfig): Promise<Telemetry> {
  if (config.otlpHttpUrl === undefined) return passTraceHeaders();
  const { reportSpans } = await import('./report-spans.ts');
  return reportSpans(config);
}
