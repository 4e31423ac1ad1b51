/** A peer that does not speak HTTP as it must. `status` is what a client gets told; a server's sins are 502. */
export class ProtocolError extends Error {
  readonly status: number;
  /** Envoy's response code detail. */
  readonly detail: string;

  constructor(detail: string, status = 400) {
    super(detail);
    this.name = 'ProtocolError';
    this.status = status;
    this.detail = detail;
  }
}
