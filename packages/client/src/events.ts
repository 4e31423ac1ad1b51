// The live events as an endless iterator that survives a restart of the server.
import { CloverError } from '@clover/model/errors';
import type { LiveEvent } from '@clover/model';
import { CLIENT_ERRORS } from './errors.ts';
import { createSseParser } from './sse.ts';
import { translate, type Transport } from './transport.ts';

export type ConnectionState = 'connecting' | 'open' | 'waiting';

export interface EventsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Go on after this event (the `id` of the last one seen). */
  readonly lastEventId?: string | undefined;
  /** Told of each change; `error` is why the stream is waiting to reconnect. */
  readonly onState?: ((state: ConnectionState, error?: unknown) => void) | undefined;
  /** Without a byte for so long the connection counts as dead; the server pings each 15 s. Default 45,000. */
  readonly silenceMs?: number | undefined;
  /** First pause before a reconnect, doubled up to 15 s; a `retry:` of the server is its lower bound. Default 500. */
  readonly firstPauseMs?: number | undefined;
  /** Give up (throw) instead of reconnecting after so many failures in a row; default never. */
  readonly maxFailures?: number | undefined;
}

/** A live event and the id to resume after. */
export type ReceivedEvent = LiveEvent & { readonly id: string };

const LONGEST_PAUSE_MS = 15_000;

/**
 * Yields events until the signal aborts (then it ends quietly) or the server refuses for good
 * (401, 403, 404: throws CloverError). A broken connection is taken up again after the last event
 * seen, with growing pauses.
 */
export async function* liveEvents(
  transport: Transport,
  options: EventsOptions = {},
): AsyncGenerator<ReceivedEvent, void, undefined> {
  const { signal, onState } = options;
  let lastId = options.lastEventId ?? '';
  let failures = 0;
  let retryMs = 0;
  while (!signal?.aborted) {
    let failure: unknown;
    const connection = new AbortController();
    const both = signal ? AbortSignal.any([signal, connection.signal]) : connection.signal;
    try {
      onState?.('connecting');
      const response = await open(transport, both, lastId);
      onState?.('open');
      const parser = createSseParser(lastId);
      for await (const text of pieces(response, connection, options.silenceMs ?? 45_000)) {
        failures = 0;
        for (const message of parser.push(text)) {
          const event = readEvent(message.event, message.data);
          if (event) yield { ...event, id: message.id };
        }
        lastId = parser.lastId;
        retryMs = parser.retryMs ?? retryMs;
      }
      failure = new CloverError(CLIENT_ERRORS.unreachable, 'the server closed the event stream');
    } catch (error) {
      if (signal?.aborted) return;
      failure = translate(error, transport.baseUrl);
      if (isFinal(failure)) throw failure;
    } finally {
      connection.abort();
    }
    failures += 1;
    if (failures > (options.maxFailures ?? Number.POSITIVE_INFINITY)) throw failure;
    onState?.('waiting', failure);
    await pause(pauseMs(failures, retryMs, options.firstPauseMs ?? 500), signal);
  }
}

function open(transport: Transport, signal: AbortSignal, lastId: string): Promise<Response> {
  return transport.send('GET', '/api/v1/events', {
    signal,
    timeoutMs: 0,
    headers: {
      accept: 'text/event-stream',
      ...(lastId === '' ? {} : { 'last-event-id': lastId }),
    },
  });
}

async function* pieces(response: Response, connection: AbortController, silenceMs: number) {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const watchdog = setTimeout(() => connection.abort(new Error('silence')), silenceMs);
      const { done, value } = await reader.read().finally(() => clearTimeout(watchdog));
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** A type this client does not know yet is passed on as it is; text that is no JSON object is skipped (pings). */
function readEvent(type: string, text: string): LiveEvent | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const typed = 'type' in value ? value : { ...value, type };
    return (typed as { type: string }).type === 'ping' ? undefined : (typed as LiveEvent);
  } catch {
    return undefined;
  }
}

function isFinal(error: unknown): boolean {
  return (
    error instanceof CloverError &&
    error.status >= 400 &&
    error.status < 500 &&
    error.status !== 429
  );
}

/** Doubled each time, with up to a quarter of jitter, so that a thousand pages do not come back at once. */
function pauseMs(failures: number, retryMs: number, firstPauseMs: number): number {
  const grown = Math.min(LONGEST_PAUSE_MS, firstPauseMs * 2 ** (failures - 1));
  return Math.max(grown, retryMs) * (1 + Math.random() / 4);
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
