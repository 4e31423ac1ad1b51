// What is said about a resource, and where it stands.

export type Severity = 'error' | 'warning' | 'info';

export interface Position {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

export interface Finding {
  /**
   * Stable: `CLV1xx` reading and validity, `CLV2xx` references, `CLV3xx` matching, `CLV4xx` run-time traps. Older
   * codes of validity stand among the others: CLV211, 230, 231, 233, 310 to 313, 318, 320, 321 and 410.
   */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** What to do about it; empty when the message says it. */
  readonly hint: string;
  /** `VirtualService default/reviews`; empty for a file as a whole. */
  readonly resource: string;
  /** `spec.http[0].route[1].weight`; empty for a resource as a whole. */
  readonly field: string;
  readonly at: Position | undefined;
}
