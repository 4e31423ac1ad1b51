/** How long and how much a client may take; all in milliseconds but the last. */
export interface ConnectionLimits {
  /** From the first byte of a request to the end of its head: 408. */
  readonly requestHeadTimeoutMs: number;
  /** Without a byte in either direction while a request is under way: 408 or 504, or a cut. */
  readonly streamIdleTimeoutMs: number;
  /** Without any request. */
  readonly connectionIdleTimeoutMs: number;
  /** After the last answer, for the client to read it. */
  readonly delayedCloseTimeoutMs: number;
  /** Over all listeners; more are closed at once, as Envoy's global limit does. */
  readonly maxConnections: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  requestHeadTimeoutMs: 15_000,
  streamIdleTimeoutMs: 300_000,
  connectionIdleTimeoutMs: 3_600_000,
  delayedCloseTimeoutMs: 1000,
  maxConnections: 10_000,
};
