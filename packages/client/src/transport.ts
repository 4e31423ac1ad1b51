// One place that speaks HTTP: address, token, deadline, and the translation of failures.
import { CloverError } from '@clover/model/errors';
import { CLIENT_ERRORS } from './errors.ts';
import { problemOf } from './problem.ts';
import { queryString } from './query-string.ts';

export interface ClientOptions {
  /** Where the controller is: `http://127.0.0.1:9400`; a path in front (`https://host/clover`) is kept. */
  readonly baseUrl: string;
  /** Sent as `Authorization: Bearer …`; a function is asked at each request. */
  readonly token?: string | (() => string | undefined) | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Until the answer's headers and body are here; default 60,000; 0 waits for ever. */
  readonly timeoutMs?: number | undefined;
}

/** What can be sent as it is. */
export type RequestBody = string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface RequestOptions extends CallOptions {
  readonly query?: object | undefined;
  readonly json?: unknown;
  readonly body?: RequestBody | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface Transport {
  readonly baseUrl: string;
  /** The response, status 2xx, body unread. Rejects with CloverError, or with the signal's reason when aborted. */
  send(method: string, path: string, options?: RequestOptions): Promise<Response>;
  /** The answer's JSON; undefined for an empty body. */
  json<Answer>(method: string, path: string, options?: RequestOptions): Promise<Answer>;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/** Throws CloverError `client.bad_url` when baseUrl is not an http(s) address. */
export function createTransport(options: ClientOptions): Transport {
  const baseUrl = checkedBaseUrl(options.baseUrl);
  const fetch = options.fetch ?? ((...call) => globalThis.fetch(...call));

  async function send(method: string, path: string, request: RequestOptions = {}) {
    const url = `${baseUrl}${path}${queryString(request.query)}`;
    const signal = withDeadline(request.signal, request.timeoutMs ?? options.timeoutMs);
    let response: Response;
    try {
      response = await fetch(url, { method, signal, ...payload(request, options.token) });
    } catch (error) {
      throw translate(error, baseUrl, request.signal);
    }
    if (!response.ok) throw await problemOf(response, url);
    return response;
  }

  async function json<Answer>(method: string, path: string, request: RequestOptions = {}) {
    const response = await send(method, path, request);
    let text: string;
    try {
      text = await response.text();
    } catch (error) {
      throw translate(error, baseUrl, request.signal);
    }
    if (text === '') return undefined as Answer;
    try {
      return JSON.parse(text) as Answer;
    } catch (cause) {
      throw new CloverError(
        CLIENT_ERRORS.badAnswer,
        `${baseUrl}${path} did not answer with JSON but with ${response.headers.get('content-type') ?? 'something else'}`,
        { hint: 'is this address a Clover controller?', status: 502, cause },
      );
    }
  }

  return { baseUrl, send, json };
}

function checkedBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new CloverError(CLIENT_ERRORS.badUrl, `"${text}" is not an address of a controller`, {
      hint: 'write it as http://host:port',
      status: 400,
    });
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function withDeadline(
  signal: AbortSignal | undefined,
  timeoutMs: number = DEFAULT_TIMEOUT_MS,
): AbortSignal | null {
  const signals = [
    ...(signal === undefined ? [] : [signal]),
    ...(timeoutMs > 0 ? [AbortSignal.timeout(timeoutMs)] : []),
  ];
  return signals.length > 1 ? AbortSignal.any(signals) : (signals[0] ?? null);
}

function payload(request: RequestOptions, token: ClientOptions['token']): RequestInit {
  const bearer = typeof token === 'function' ? token() : token;
  const headers: Record<string, string> = {
    accept: 'application/json',
    ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
    ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
    ...request.headers,
  };
  if (request.json !== undefined) return { headers, body: JSON.stringify(request.json) };
  if (request.body === undefined) return { headers };
  // A stream may only be sent half duplex; the option is missing from the DOM's types.
  return { headers, body: request.body, duplex: 'half' } as RequestInit;
}

/** What fetch threw, as an error that says what to do; an abort by the caller stays what it was. */
export function translate(error: unknown, baseUrl: string, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof CloverError) return error;
  if ((error as { name?: string } | null)?.name === 'TimeoutError') {
    return new CloverError(CLIENT_ERRORS.timeout, `${baseUrl} did not answer in time`, {
      hint: 'ask for a shorter time range or fewer rows',
      status: 504,
      cause: error,
    });
  }
  return new CloverError(CLIENT_ERRORS.unreachable, `cannot reach ${baseUrl}${reasonOf(error)}`, {
    hint: 'is Clover running there? `./clover up` starts it on this machine',
    status: 503,
    cause: error,
  });
}

/** Node hides the reason (ECONNREFUSED, ENOTFOUND, …) in the cause; browsers do not tell it. */
function reasonOf(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } } | null)?.cause;
  const words: Record<string, string> = {
    ECONNREFUSED: 'connection refused',
    ENOTFOUND: 'unknown host',
    EAI_AGAIN: 'host name cannot be looked up',
    ECONNRESET: 'connection reset',
    UND_ERR_SOCKET: 'the connection was closed',
    ETIMEDOUT: 'connection timed out',
    EHOSTUNREACH: 'no route to host',
    ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: http:// instead of https://?',
  };
  const reason = words[cause?.code ?? ''] ?? cause?.code ?? cause?.message;
  return reason ? ` (${reason})` : '';
}
