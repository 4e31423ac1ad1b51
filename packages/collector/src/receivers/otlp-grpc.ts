// OTLP/gRPC: TraceService and MetricsService, whose messages go to the same decoders as HTTP's bodies.
// https://opentelemetry.io/docs/specs/otlp/#otlpgrpc

import { readFile } from 'node:fs/promises';
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type handleUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { CloverError } from '@clover/model';
import type { SpanPipeline } from '../queue.ts';
import type { Clock } from '../queue-limits.ts';
import { createSourceMeter, type OnRefusal } from '../source-meter.ts';
import { listenError, type ListenOptions, type Receiver } from './http-receiver.ts';
import { createOtlpHandler, type OtlpMetrics } from './otlp.ts';
import { exportResponse, statusBody, type Rejection } from './otlp-status.ts';

export interface OtlpGrpcOptions extends ListenOptions {
  readonly pipeline: SpanPipeline;
  readonly metrics?: OtlpMetrics | undefined;
  /** Of one message, unpacked. Default 32 MiB. */
  readonly maxMessageBytes?: number;
  readonly clock?: Clock;
  readonly onRefusal?: OnRefusal | undefined;
}

const TRACES = unary('/opentelemetry.proto.collector.trace.v1.TraceService/Export');
const METRICS = unary('/opentelemetry.proto.collector.metrics.v1.MetricsService/Export');

/** The receiver on port 4317 by convention. Nothing listens before start(). */
export function createOtlpGrpcReceiver(options: OtlpGrpcOptions): Receiver {
  const { pipeline } = options;
  const host = options.host ?? '127.0.0.1';
  const meter = createSourceMeter({
    id: 'otlp-grpc',
    ...(options.clock ? { clock: options.clock } : {}),
    onRefusal: options.onRefusal,
  });
  const handler = createOtlpHandler({
    source: 'otlp-grpc',
    pipeline,
    metrics: options.metrics,
    meter,
  });
  const server = new Server({
    'grpc.max_receive_message_length': options.maxMessageBytes ?? 32 * 1024 * 1024,
    'grpc.max_concurrent_streams': 256,
  });
  server.addService(TRACES, { export: serve('spans', handler.traces) });
  server.addService(METRICS, { export: serve('points', handler.metrics) });
  let port = 0;

  function serve(
    what: 'spans' | 'points',
    deliver: (bytes: Uint8Array, encoding: 'protobuf') => Promise<Rejection>,
  ): handleUnaryCall<Buffer, Buffer> {
    return (call, callback) => {
      void (async () => {
        let response: Buffer;
        try {
          const [authorization] = call.metadata.get('authorization');
          const denied = await options.authorize?.(authorization?.toString());
          if (denied) {
            handler.refused(denied, what);
            throw denied;
          }
          response = exportResponse('protobuf', what, await deliver(call.request, 'protobuf'));
        } catch (error) {
          callback(serviceError(error, pipeline.retryAfterMs()));
          return;
        }
        callback(null, response);
      })();
    };
  }

  return {
    async start() {
      const credentials = await credentialsOf(options.tls);
      port = await new Promise<number>((resolve, reject) => {
        const target = `${host.includes(':') ? `[${host}]` : host}:${options.port}`;
        server.bindAsync(target, credentials, (error, bound) => {
          if (error) reject(bindError(error, host, options.port));
          else resolve(bound);
        });
      });
    },
    address: () => (port === 0 ? '' : `${host.includes(':') ? `[${host}]` : host}:${port}`),
    stats() {
      return meter.snapshot(this.address());
    },
    async close(graceMs = 5000) {
      const timer = setTimeout(() => server.forceShutdown(), graceMs);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(timer);
    },
  };
}

function unary(path: string): ServiceDefinition {
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    export: {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    },
  };
}

/** The error as gRPC's status, with google.rpc.Status and, when a retry is worth it, RetryInfo in the trailers. */
function serviceError(error: unknown, retryAfterMs: number) {
  const failure =
    error instanceof CloverError
      ? error
      : new CloverError(
          'collector.internal',
          error instanceof Error ? error.message : String(error),
        );
  const code = CODES[failure.status] ?? status.INTERNAL;
  const retryable = failure.status === 429 || failure.status === 503;
  const message =
    failure.hint === undefined ? failure.message : `${failure.message} (${failure.hint})`;
  const metadata = new Metadata();
  metadata.set(
    'grpc-status-details-bin',
    statusBody('protobuf', code, message, retryable ? retryAfterMs : undefined),
  );
  return { code, details: message, metadata };
}

const CODES: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.UNIMPLEMENTED,
  413: status.INVALID_ARGUMENT,
  429: status.RESOURCE_EXHAUSTED,
  503: status.UNAVAILABLE,
};

async function credentialsOf(tls: OtlpGrpcOptions['tls']): Promise<ServerCredentials> {
  if (!tls) return ServerCredentials.createInsecure();
  const [cert, key] = await Promise.all([readFile(tls.certFile), readFile(tls.keyFile)]);
  return ServerCredentials.createSsl(null, [{ cert_chain: cert, private_key: key }]);
}

/** grpc-js says EADDRINUSE only in the message. */
function bindError(error: Error, host: string, port: number): Error {
  const code = /EADDRINUSE/.test(error.message) ? 'EADDRINUSE' : undefined;
  return code === undefined ? error : listenError(Object.assign(error, { code }), host, port);
}
