import { CloverError } from '@clover/model';

export interface PullFetchOptions {
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly method?: string;
  readonly form?: URLSearchParams;
}

/**
 * A response of a source's API with a 2xx status (or one of `alsoTake`). Throws CloverError
 * `pull.unreachable` or `pull.bad_answer` with a line that says what to do.
 */
export async function pullFetch(
  url: string,
  options: PullFetchOptions,
  alsoTake: readonly number[] = [],
): Promise<Response> {
  let response: Response;
  try {
    response = await options.fetch(url, {
      method: options.form === undefined ? 'GET' : 'POST',
      headers: { accept: 'application/json', 'user-agent': 'Clover' },
      ...(options.form === undefined ? {} : { body: options.form }),
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]),
    });
  } catch (cause) {
    throw unreachable(url, cause, options.timeoutMs);
  }
  if (response.ok || alsoTake.includes(response.status)) return response;
  const text = (await response.text().catch(() => '')).slice(0, 200);
  throw new CloverError(
    'pull.bad_answer',
    `${new URL(url).origin} answered ${response.status}${text === '' ? '' : `: ${text.trim()}`}`,
    { hint: 'check that host and port are those of the query API', status: 502 },
  );
}

/** What went wrong on the way to a source, as one line. */
export function unreachable(url: string, cause: unknown, timeoutMs: number): CloverError {
  const { origin } = new URL(url);
  const inner = (cause as { cause?: unknown }).cause as NodeJS.ErrnoException | undefined;
  const why =
    (cause as Error).name === 'TimeoutError'
      ? `no answer within ${timeoutMs} ms`
      : inner?.code === 'ECONNREFUSED'
        ? 'connection refused'
        : inner?.code === 'ENOTFOUND'
          ? 'unknown host'
          : (inner?.message ?? (cause as Error).message);
  return new CloverError('pull.unreachable', `${origin}: ${why}`, {
    hint: 'check host and port, and that it runs',
    status: 502,
    cause,
  });
}

/** The body's bytes, at most `maxBytes`: beyond that a CloverError `pull.too_large`. */
export async function* boundedBody(
  response: Response,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new CloverError('pull.too_large', `an answer is larger than ${maxBytes} bytes`, {
        status: 502,
      });
    }
    yield chunk;
  }
}
