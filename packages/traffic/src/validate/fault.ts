// Injected faults: shares, and what answers.

import { GRPC_STATUSES, nearest } from '@clover/model';
import type { FieldPath } from '../read/check-fields.ts';
import type { HttpFault } from '../resource.ts';
import type { Said, Say } from './say.ts';

/** Fields of the schema that no type here has, as nothing reads them. */
interface Written extends HttpFault {
  readonly delay?: HttpFault['delay'] & { readonly exponentialDelay?: string };
  readonly abort?: HttpFault['abort'] & { readonly http2Error?: string };
}

export function checkFault(fault: HttpFault | undefined, path: FieldPath, say: Say): void {
  if (!fault) return;
  const { delay, abort }: Written = fault;
  if (!delay && !abort)
    say(path, {
      code: 'missing',
      message: 'this fault is neither delay nor abort',
      hint: 'add one, or leave it out',
    });
  for (const [part, one] of [
    ['delay', delay],
    ['abort', abort],
  ] as const) {
    const value = one?.percentage?.value;
    if (value !== undefined) say([...path, part, 'percentage', 'value'], share(value));
  }
  if (delay?.exponentialDelay !== undefined)
    say(
      [...path, 'delay', 'exponentialDelay'],
      unsupported('exponentialDelay', 'write fixedDelay'),
    );
  if (abort?.http2Error !== undefined)
    say(
      [...path, 'abort', 'http2Error'],
      unsupported('http2Error', 'write httpStatus or grpcStatus'),
    );
  if (abort?.httpStatus !== undefined)
    say([...path, 'abort', 'httpStatus'], status(abort.httpStatus));
  const grpc = abort?.grpcStatus;
  if (grpc !== undefined && !GRPC_STATUSES.includes(grpc)) {
    const close = nearest(grpc, GRPC_STATUSES);
    say([...path, 'abort', 'grpcStatus'], {
      code: 'value',
      message: `${JSON.stringify(grpc)} is no status of gRPC`,
      hint: close ? `did you mean ${close}?` : `known: ${GRPC_STATUSES.join(', ')}`,
    });
  }
}

const unsupported = (name: string, hint: string): Said => ({
  code: 'unsupported',
  message: `${name} is not supported, by Istio neither`,
  hint,
});

function share(value: number): Said | undefined {
  if (value === 0 || (value >= 0.0001 && value <= 100)) return undefined;
  return {
    code: 'range',
    message: `a share of ${value} % is none`,
    hint: 'allowed: 0, or 0.0001 to 100',
  };
}

export function status(code: number): Said | undefined {
  // 600 slips through at Istio's.
  if (code >= 200 && code <= 599) return undefined;
  return {
    code: 'range',
    message: `${code} is no status that ends a request`,
    hint: 'allowed: 200 to 599',
  };
}
