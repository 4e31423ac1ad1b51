// What a pull asks Prometheus' HTTP API. https://prometheus.io/docs/prometheus/latest/querying/api/

import { CloverError, type MetricType } from '@clover/model';
import { isRecord, listOf, textOf } from '../importers/json-shape.ts';
import { parseValue } from '../metrics/exposition-parser.ts';
import { metricType } from '../metrics/family.ts';
import { boundedBody, pullFetch, unreachable } from './pull-fetch.ts';

export interface PulledSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** [unix ms, value], rising in time. */
  readonly points: readonly (readonly [number, number])[];
}

export interface PrometheusClient {
  /** Throws when the API does not answer. */
  ping(signal: AbortSignal): Promise<void>;
  /** How far its clock is ahead of ours, by the Date of its last answer; 0 while that is less than 2 s. */
  aheadMs(): number;
  /** Raw samples of these names within the window; `too_large` when it is too much for one answer. */
  samples(question: {
    names: readonly string[];
    startMs: number;
    endMs: number;
    signal: AbortSignal;
  }): Promise<{ series: PulledSeries[]; warnings: string[] } | 'too_large'>;
  /** What Prometheus knows of a metric; undefined when nothing. Asked for once in a while only. */
  metadata(
    name: string,
    signal: AbortSignal,
  ): Promise<{ type: MetricType; unit: string; help: string } | undefined>;
}

const MIN_SKEW_MS = 2000;
const METADATA_AGE_MS = 600_000;
const SUFFIX = /_(bucket|sum|count|total|created)$/;

export function createPrometheusClient(options: {
  url: string;
  fetch: typeof fetch;
  timeoutMs: number;
  maxAnswerBytes: number;
}): PrometheusClient {
  const base = options.url.replace(/\/+$/, '');
  const metadata = new Map<
    string,
    { at: number; meta: { type: MetricType; unit: string; help: string } | undefined }
  >();

  let aheadMs = 0;

  async function ask(path: string, signal: AbortSignal, form?: URLSearchParams) {
    const url = `${base}${path}`;
    const request = { ...options, signal, ...(form === undefined ? {} : { form }) };
    // 400, 422 and 503 carry an error in Prometheus' own form.
    const response = await pullFetch(url, request, [400, 422, 503]);
    const date = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(date)) {
      const ahead = date - Date.now();
      aheadMs = Math.abs(ahead) < MIN_SKEW_MS ? 0 : ahead;
    }
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of boundedBody(response, options.maxAnswerBytes)) chunks.push(chunk);
    } catch (error) {
      throw error instanceof CloverError ? error : unreachable(url, error, options.timeoutMs);
    }
    const answer = parse(Buffer.concat(chunks).toString());
    if (!isRecord(answer) || (answer.status !== 'success' && answer.status !== 'error')) {
      throw badAnswer(`${base} does not answer as Prometheus (${response.status})`);
    }
    return answer;
  }

  return {
    async ping(signal) {
      const answer = await ask('/api/v1/query?query=1', signal);
      if (answer.status === 'error') throw badAnswer(`${base}: ${textOf(answer.error)}`);
    },
    aheadMs: () => aheadMs,
    async samples({ names, startMs, endMs, signal }) {
      // Newer Prometheus leaves the oldest instant of a range out: one millisecond more takes it in.
      const rangeMs = Math.max(1, Math.ceil(endMs - startMs) + 1);
      const form = new URLSearchParams({
        query: `{__name__=~"${names.join('|')}"}[${rangeMs}ms]`,
        time: (endMs / 1000).toFixed(3),
      });
      let answer;
      try {
        answer = await ask('/api/v1/query', signal, form);
      } catch (error) {
        if (error instanceof CloverError && error.code === 'pull.too_large') return 'too_large';
        throw error;
      }
      if (answer.status === 'error') {
        if (/too many samples|maximum.*(samples|bytes)/i.test(textOf(answer.error)))
          return 'too_large';
        throw badAnswer(`${base}: ${textOf(answer.error)}`);
      }
      const result = isRecord(answer.data) ? listOf(answer.data.result) : [];
      const warnings = listOf(answer.warnings).map(textOf);
      return { series: result.flatMap(toSeries), warnings };
    },
    async metadata(name, signal) {
      const family = name.replace(SUFFIX, '');
      const known = metadata.get(name);
      if (known !== undefined && Date.now() - known.at < METADATA_AGE_MS) return known.meta;
      let meta: { type: MetricType; unit: string; help: string } | undefined;
      for (const candidate of new Set([name, family])) {
        const path = `/api/v1/metadata?limit=1&metric=${encodeURIComponent(candidate)}`;
        // Types are a nicety: without them the names tell enough.
        const answer = await ask(path, signal).catch(() => undefined);
        meta ??= firstMetadata(answer?.data, candidate);
        if (meta !== undefined) break;
      }
      metadata.set(name, { at: Date.now(), meta });
      return meta;
    },
  };
}

function firstMetadata(data: unknown, name: string) {
  const entry = isRecord(data) ? listOf(data[name])[0] : undefined;
  if (!isRecord(entry)) return undefined;
  const type = metricType(textOf(entry.type)) ?? 'unknown';
  return { type, unit: textOf(entry.unit), help: textOf(entry.help) };
}

function toSeries(raw: unknown): PulledSeries[] {
  if (!isRecord(raw) || !isRecord(raw.metric)) return [];
  const { __name__: name, ...labels } = raw.metric as Record<string, string>;
  if (typeof name !== 'string') return [];
  const points: [number, number][] = [];
  for (const pair of listOf(raw.values)) {
    const [seconds, text] = listOf(pair);
    const value = parseValue(textOf(text));
    if (typeof seconds === 'number' && value !== undefined) {
      points.push([Math.round(seconds * 1000), value]);
    }
  }
  return points.length === 0 ? [] : [{ name, labels, points }];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function badAnswer(message: string): CloverError {
  return new CloverError('pull.bad_answer', message, {
    hint: 'check that host and port are those of the Prometheus HTTP API',
    status: 502,
  });
}
