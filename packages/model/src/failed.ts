// When a request counts as failed: one rule for every answer, figure and mark. The store has the same in SQL.

const ERROR = 2;

/** What the rule looks at; numbers are OTLP's, `direction` is an index of DIRECTIONS. */
export interface FailureFacts {
  readonly kind: number;
  readonly direction: number;
  readonly status: number;
  /** 0 for none. */
  readonly httpStatus: number;
}

/**
 * HTTP 5xx, or status error unless it is a client's 4xx: OpenTelemetry's client spans have that status on a
 * 4xx, its server spans have not, and the answer to one request must not depend on who is asked.
 */
export function isFailed({ kind, direction, status, httpStatus }: FailureFacts): boolean {
  if (httpStatus >= 500) return true;
  return status === ERROR && !(httpStatus >= 400 && isClientSide(kind, direction));
}

/** Client or producer, or outbound where the kind does not say. */
function isClientSide(kind: number, direction: number): boolean {
  return kind === 3 || kind === 4 || (direction === 2 && kind !== 2 && kind !== 5);
}
