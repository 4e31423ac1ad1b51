/** Codes of the failures that the client itself finds; the server's own codes pass through unchanged. */
export const CLIENT_ERRORS = {
  /** No connection: refused, unknown host, reset. */
  unreachable: 'client.unreachable',
  /** No answer within `timeoutMs`. */
  timeout: 'client.timeout',
  /** The answer is not what the API gives: not JSON, or from another program. */
  badAnswer: 'client.bad_answer',
  /** An error status without a problem document. */
  httpStatus: 'client.http_status',
  /** `baseUrl` is not an http(s) address. */
  badUrl: 'client.bad_url',
} as const;
