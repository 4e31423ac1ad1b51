// The two questions that a pull asks Jaeger's query API.

import { CloverError, type Span } from '@clover/model';
import { jaegerTraceToSpans, keepLongIntegers } from '../importers/jaeger.ts';
import { jsonItems } from '../importers/json-items.ts';
import { isRecord, textOf } from '../importers/json-shape.ts';
import { createRefusals } from '../importers/refusals.ts';
import type { TimeWindow } from './jaeger-windows.ts';
import { boundedBody, pullFetch, unreachable } from './pull-fetch.ts';

export interface JaegerClient {
  /** Names of all services it knows, sorted. */
  services(signal: AbortSignal): Promise<string[]>;
  /**
   * Hands each trace's spans over as they come, with how many were no spans. Gives the number of
   * traces, or `too_large` for an answer beyond the bound (what was handed over stays good).
   */
  traces(
    question: { service: string; window: TimeWindow; limit: number; signal: AbortSignal },
    onTrace: (spans: readonly Span[], refused: number) => Promise<void>,
  ): Promise<number | 'too_large'>;
}

const STREAMED = new Set(['data']);

export function createJaegerClient(options: {
  url: string;
  fetch: typeof fetch;
  timeoutMs: number;
  maxAnswerBytes: number;
}): JaegerClient {
  const base = options.url.replace(/\/+$/, '');

  async function* items(url: string, signal: AbortSignal) {
    const response = await pullFetch(url, { ...options, signal });
    try {
      const body = boundedBody(response, options.maxAnswerBytes);
      for await (const item of jsonItems(body, { streamed: STREAMED, rewrite: keepLongIntegers })) {
        if (item.type === 'object') assertAnswer(item.value, item.streamed.length > 0, base);
        else yield item;
      }
    } catch (error) {
      if (!(error instanceof CloverError)) throw unreachable(url, error, options.timeoutMs);
      if (!error.code.startsWith('import.')) throw error;
      throw new CloverError(
        'pull.bad_answer',
        `${base} does not answer as Jaeger: ${error.message}`,
        {
          hint: 'check that host and port are those of the Jaeger query API',
          status: 502,
          cause: error,
        },
      );
    }
  }

  return {
    async services(signal) {
      const names: string[] = [];
      for await (const item of items(`${base}/api/services`, signal)) {
        const name = textOf(item.value);
        if (name !== '') names.push(name);
      }
      return names.sort();
    },
    async traces({ service, window, limit, signal }, onTrace) {
      const query = new URLSearchParams({
        service,
        // Some storages (Badger) leave the last microsecond out, some take it in: one more on each
        // side is in both cases enough, and what comes twice is noticed.
        start: String(Math.max(0, window.startMicros - 1)),
        end: String(window.endMicros + 1),
        limit: String(limit),
      });
      let count = 0;
      try {
        for await (const item of items(`${base}/api/traces?${query.toString()}`, signal)) {
          const refusals = createRefusals();
          const spans = jaegerTraceToSpans(item.value, item.pointer, refusals);
          count++;
          await onTrace(spans, refusals.total);
        }
      } catch (error) {
        if (error instanceof CloverError && error.code === 'pull.too_large') return 'too_large';
        throw error;
      }
      return count;
    },
  };
}

/** Jaeger puts errors beside `data`; something that is not Jaeger has no `data` at all. */
function assertAnswer(wrapper: unknown, hasData: boolean, base: string) {
  const errors = isRecord(wrapper) && Array.isArray(wrapper.errors) ? wrapper.errors : [];
  const isAnswer = hasData || (isRecord(wrapper) && 'data' in wrapper);
  if (errors.length === 0 && isAnswer) return;
  const first = (errors as unknown[])[0];
  const message = isRecord(first) ? textOf(first.msg) : 'its answer has no data';
  throw new CloverError('pull.bad_answer', `${base}: ${message}`, {
    hint: 'check that host and port are those of the Jaeger query API',
    status: 502,
  });
}
