// The time a request may take: what the route says, and what the caller may ask instead.

import type { PreparedRequest } from './request.ts';
import type { ForwardAction } from './route.ts';

const GRPC_UNITS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/**
 * Milliseconds, 0 for none. `x-envoy-upstream-rq-timeout-ms` counts before the route's timeout, and before that for
 * gRPC `grpc-timeout`, up to the route's timeout if it has one (Envoy's router, `FilterUtility::finalTimeout`).
 * A gateway takes neither name of Envoy's from outside.
 */
export function timeoutOf(
  action: ForwardAction,
  request: PreparedRequest,
  inside: boolean,
): number {
  let timeout = action.timeoutMs;
  const deadline = request.header('grpc-timeout');
  if (deadline !== undefined && request.header('content-type')?.startsWith('application/grpc')) {
    const asked = grpcTimeoutMs(deadline);
    timeout = timeout > 0 && (asked === 0 || asked > timeout) ? timeout : asked;
  }
  if (!inside) return timeout;
  const asked = request.header('x-envoy-upstream-rq-timeout-ms');
  return asked !== undefined && /^\d{1,15}$/.test(asked) ? Number(asked) : timeout;
}

function grpcTimeoutMs(text: string): number {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text);
  return match ? Math.ceil(Number(match[1]) * GRPC_UNITS[match[2]!]!) : 0;
}
