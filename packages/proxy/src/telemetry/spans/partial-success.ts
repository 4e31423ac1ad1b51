// How many spans of a batch a collector refused, from its answer.

/**
 * `ExportTraceServiceResponse.partial_success.rejected_spans`; 0 when there is none or the bytes are
 * not readable. https://opentelemetry.io/docs/specs/otlp/#partial-success-1
 */
export function readRejectedSpans(body: Uint8Array): number {
  if (body[0] !== 0x0a) return 0;
  const length = varint(body, 1);
  if (length === undefined) return 0;
  const end = Math.min(body.length, length.end + length.value);
  let at = length.end;
  while (at < end) {
    const tag = body[at]!;
    const number = varint(body, at + 1);
    if (number === undefined) return 0;
    if (tag === 0x08) return number.value;
    if ((tag & 7) !== 2) return 0;
    at = number.end + number.value;
  }
  return 0;
}

function varint(bytes: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let at = start, scale = 1; at < bytes.length && at < start + 7; at++, scale *= 128) {
    value += (bytes[at]! & 127) * scale;
    if (bytes[at]! < 128) return { value, end: at + 1 };
  }
  return undefined;
}
