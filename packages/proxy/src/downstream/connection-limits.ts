/** How long and how much a client may take; all in milliseconds but the last ones. */
export interface ConnectionLimits {
  /** From the first byte of a request to the end of its head: 408. */
  readonly requestHeadTimeoutMs: number;
  /** Without a byte in either direction while a request is under way: 408 or 504, or a cut. */
  readonly streamIdleTimeoutMs: number;
  /** Of a new connection, until its first request begins. */
  readonly firstRequestTimeoutMs: number;
  /** Between requests. */
  readonly connectionIdleTimeoutMs: number;
  /** After the last answer, for the client to read it. */
  readonly delayedCloseTimeoutMs: number;
  /** For the rest of a body that nobody wants any more, because its answer was early. */
  readonly discardTimeoutMs: number;
  /**
   * Over all listeners, from the accept on; more are closed at once, as Envoy's global limit does. The
   * last quarter is kept for listeners that have less than an equal share of it.
   */
  readonly maxConnections: number;
  /** Of request bodies that are held or kept for retries and mirrors, and answers that wait for clients with HTTP/2. */
  readonly maxBufferedBytes: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  requestHeadTimeoutMs: 15_000,
  streamIdleTimeoutMs: 300_000,
  firstRequestTimeoutMs: 60_000,
  connectionIdleTimeoutMs: 3_600_000,
  delayedCloseTimeoutMs: 1000,
  discardTimeoutMs: 5000,
  maxConnections: 10_000,
  maxBufferedBytes: 268_435_456,
};
