/**
 * The one error type for failures a caller can expect. Everything else is a bug and keeps its stack.
 * `code` is stable (`store.newer_schema`), `message` says what happened, `hint` what to do about it.
 */
export class CloverError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  /** HTTP status that an edge should answer with. */
  readonly status: number;
  /** Places of the fault: a JSON pointer or `file:line:column`, and what is wrong there. */
  readonly issues: readonly { readonly at: string; readonly message: string }[];

  constructor(
    code: string,
    message: string,
    options: {
      hint?: string;
      status?: number;
      cause?: unknown;
      issues?: readonly { at: string; message: string }[];
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CloverError';
    this.code = code;
    this.hint = options.hint;
    this.status = options.status ?? 500;
    this.issues = options.issues ?? [];
  }
}
