// Between gRPC's status codes and HTTP's (Envoy's mapping, which is gRPC's own).

import { GRPC_STATUSES } from '@clover/model';

const HTTP = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401];
const FROM_HTTP: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
};

/** By name or number; UNKNOWN for neither. */
export function grpcStatusNumber(text: string): number {
  const named = GRPC_STATUSES.indexOf(text.toUpperCase());
  if (named !== -1) return named;
  return /^\d{1,2}$/.test(text) ? Number(text) : 2;
}

/** What a local answer's HTTP status says to a gRPC client. */
export const grpcFromHttp = (status: number): number =>
  status === 200 ? 0 : (FROM_HTTP[status] ?? 2);

/** How outlier detection counts a gRPC status. */
export const httpFromGrpc = (status: number): number => HTTP[status] ?? 500;

export const isGrpc = (contentType: string | undefined): boolean =>
  contentType !== undefined &&
  contentType.startsWith('application/grpc') &&
  (contentType.length === 16 || contentType[16] === '+' || contentType[16] === ';');

/** `grpc-message`: percent-encoded as gRPC over HTTP/2 wants it. */
export const grpcMessage = (text: string): string =>
  text.replaceAll(/[^ -$&-~]/g, (one) => encodeURIComponent(one));
