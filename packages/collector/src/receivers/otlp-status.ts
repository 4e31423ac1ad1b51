// OTLP's answers: partial success and google.rpc.Status, in the request's own encoding.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp-response

export const CONTENT_TYPES = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
} as const;
export type Encoding = keyof typeof CONTENT_TYPES;

/** gRPC's numbers, as google.rpc.Status has them too. */
export const GRPC_CODE = {
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export interface Rejection {
  /** Spans or data points. */
  readonly rejected: number;
  readonly message: string;
}

/** ExportTraceServiceResponse or ExportMetricsServiceResponse; empty when all was taken. */
export function exportResponse(
  encoding: Encoding,
  what: 'spans' | 'points',
  rejection: Rejection,
): Buffer {
  const { rejected, message } = rejection;
  if (rejected === 0 && message === '') return Buffer.from(encoding === 'json' ? '{}' : '');
  if (encoding === 'json') {
    const count = what === 'spans' ? 'rejectedSpans' : 'rejectedDataPoints';
    return Buffer.from(
      JSON.stringify({ partialSuccess: { [count]: String(rejected), errorMessage: message } }),
    );
  }
  return field(1, Buffer.concat([number(1, rejected), text(2, message)]));
}

/** google.rpc.Status; a wait adds RetryInfo to the protobuf form. */
export function statusBody(
  encoding: Encoding,
  code: number,
  message: string,
  retryAfterMs?: number,
): Buffer {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
  const parts = [number(1, code), text(2, message)];
  if (retryAfterMs !== undefined) parts.push(field(3, retryInfo(retryAfterMs)));
  return Buffer.concat(parts);
}

/** google.rpc.RetryInfo in a google.protobuf.Any. */
function retryInfo(ms: number): Buffer {
  const delay = Buffer.concat([
    number(1, Math.floor(ms / 1000)),
    number(2, Math.round((ms % 1000) * 1e6)),
  ]);
  return Buffer.concat([
    text(1, 'type.googleapis.com/google.rpc.RetryInfo'),
    field(2, field(1, delay)),
  ]);
}

function number(id: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.concat([varint(id * 8), varint(value)]);
}

function text(id: number, value: string): Buffer {
  return value === '' ? Buffer.alloc(0) : field(id, Buffer.from(value));
}

function field(id: number, body: Uint8Array): Buffer {
  return Buffer.concat([varint(id * 8 + 2), varint(body.length), body]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
