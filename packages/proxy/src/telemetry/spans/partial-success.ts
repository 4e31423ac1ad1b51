// How many spans of a batch a collector refused, from its answer.

import { readMessage } from '../../codec/protobuf.ts';

/**
 * `ExportTraceServiceResponse.partial_success.rejected_spans`; 0 when there is none, it is no count or the bytes
 * are not readable. https://opentelemetry.io/docs/specs/otlp/#partial-success-1
 */
export function readRejectedSpans(body: Uint8Array): number {
  try {
    const partial = readMessage(body).bytes(1);
    const rejected = partial ? readMessage(partial).number(1) : 0;
    // Numbers below 0 are written as those beyond 2^63.
    return Number.isSafeInteger(rejected) ? rejected : 0;
  } catch {
    return 0;
  }
}
