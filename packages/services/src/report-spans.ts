// The real OpenTelemetry SDK, one provider a service, so that several services can share a process
// and still report as themselves.
import { ROOT_CONTEXT, type TextMapGetter, type TextMapSetter } from '@opentelemetry/api';
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { hostname } from 'node:os';
import type { ServiceConfig } from './config.ts';
import type { Telemetry } from './telemetry.ts';

const getter: TextMapGetter<IncomingHttpHeaders> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, key) => headers[key.toLowerCase()],
};
const setter: TextMapSetter<OutgoingHttpHeaders> = {
  set: (headers, key, value) => {
    headers[key] = value;
  },
};

/** Spans of one service, sent in batches each second to `config.otlpHttpUrl` and, when it is there, to a second receiver too. */
export function reportSpans(config: ServiceConfig): Telemetry {
  const exported = { sent: 0, failed: 0 };
  const sendTo = (url: string | undefined, wrap = (exporter: SpanExporter) => exporter) =>
    url === undefined
      ? []
      : [
          new BatchSpanProcessor(wrap(new OTLPTraceExporter({ url: `${url}/v1/traces` })), {
            scheduledDelayMillis: 1000,
            maxQueueSize: 8192,
            maxExportBatchSize: 1024,
          }),
        ];
  const processors = [
    ...sendTo(config.otlpHttpUrl, (exporter) => counted(exporter, exported)),
    ...sendTo(config.alsoOtlpHttpUrl),
  ];
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      'service.name': config.name,
      'service.version': config.version,
      'service.namespace': config.namespace,
      'service.instance.id': config.instance,
      'host.name': hostname(),
      'process.pid': process.pid,
      'process.runtime.name': 'nodejs',
      'process.runtime.version': process.versions.node,
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'opentelemetry',
    }),
    spanProcessors: processors,
    spanLimits: { attributeValueLengthLimit: 2048 },
  });
  const propagator = new W3CTraceContextPropagator();
  return {
    tracer: provider.getTracer('@clover/services', config.version),
    extract: (headers) => propagator.extract(ROOT_CONTEXT, headers, getter),
    inject: (context, headers) => propagator.inject(context, headers, setter),
    exported,
    flush: () => provider.forceFlush(),
    close: () => provider.shutdown(),
  };
}

function counted(exporter: SpanExporter, exported: { sent: number; failed: number }): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code === ExportResultCode.SUCCESS) exported.sent += spans.length;
        else exported.failed += spans.length;
        done(result);
      }),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}
