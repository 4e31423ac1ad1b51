// Jaeger's query API from the store: legacy (/api/…) as its UI and Grafana ask it, and v3 (OTLP JSON).
// https://www.jaegertracing.io/docs/latest/architecture/apis/

import { CloverError, SPAN_KINDS } from '@clover/model';
import {
  edges,
  operationNames,
  searchTraces,
  serviceNames,
  spansOfTraces,
  type Queryable,
  type StoredSpan,
} from '@clover/store';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AppDeps } from '../deps.ts';
import type { Gate } from '../routes/gate.ts';
import { problemOf } from '../plugins/problem.ts';
import {
  bad,
  legacyQuestion,
  many,
  one,
  v3Question,
  type FindQuestion,
  type RawQuery,
} from './find-parameters.ts';
import { jaegerTraceId, spansToJaeger } from './span-to-jaeger.ts';
import { spansToOtlp } from './span-to-otlp.ts';

type Answer = (context: {
  readonly query: RawQuery;
  readonly params: Readonly<Record<string, string>>;
  readonly store: Queryable;
  readonly nowMs: number;
}) => Promise<object>;

const DAY_MS = 86_400_000;
const MOST_SPANS = 200_000;

export function registerJaegerApi(app: FastifyInstance, deps: AppDeps, gate: Gate): void {
  const route = (
    path: string,
    fail: (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply,
    answer: Answer,
  ) =>
    app.get(
      path,
      {
        config: { role: 'viewer' },
        errorHandler: (error, request, reply) => {
          if (problemOf(error, request.url).status >= 500)
            deps.logger?.error(
              { err: error, url: request.url },
              'a question of the Jaeger API failed',
            );
          return fail(error, request, reply);
        },
      },
      (request, reply) =>
        gate(request, reply, (context) =>
          answer({
            ...context,
            query: request.query as RawQuery,
            params: request.params as Record<string, string>,
          }),
        ),
    );
  const legacy = (path: string, answer: Answer) => route(path, legacyError, answer);
  const v3 = (path: string, answer: Answer) => route(path, v3Error, answer);

  legacy('/api/services', async ({ store }) => listed(await serviceNames(store)));
  legacy('/api/services/:service/operations', async ({ store, params }) => {
    const found = await operationNames(store, params['service']!);
    return listed([...new Set(found.map(({ name }) => name))]);
  });
  legacy('/api/operations', async ({ store, query }) => {
    const service = one(query, 'service');
    if (!service) throw bad("parameter 'service' is required");
    return listed(await operationsOf(store, service, one(query, 'spanKind')));
  });
  legacy('/api/traces', async ({ store, query, nowMs }) => {
    const ids = many(query, 'traceID');
    if (ids.length > 0) return byIds(store, ids);
    const spans = await findSpans(store, legacyQuestion(query, nowMs));
    return envelope(spansToJaeger(spans));
  });
  legacy('/api/traces/:id', async ({ store, params }) => {
    const spans = await spansOf(store, [traceId(params['id']!)]);
    if (spans.length === 0) throw notFound('trace not found');
    return envelope(spansToJaeger(spans));
  });
  legacy('/api/dependencies', async ({ store, query, nowMs }) => {
    const endMs = number(query, 'endTs') ?? nowMs;
    const startMs = endMs - (number(query, 'lookback') ?? DAY_MS);
    const [{ items }, names] = await Promise.all([
      edges(store, { startMs: Math.max(0, startMs), endMs, filters: [] }),
      serviceNames(store),
    ]);
    const traced = new Set(names);
    return envelope(
      items
        .filter(({ from, to }) => traced.has(from) && traced.has(to))
        .map(({ from, to, requests }) => ({
          parent: from,
          child: to,
          callCount: Math.round(requests),
        })),
    );
  });

  v3('/api/v3/services', async ({ store }) => ({ services: await serviceNames(store) }));
  v3('/api/v3/operations', async ({ store, query }) => {
    const service = one(query, 'service');
    const kind = one(query, 'span_kind') ?? one(query, 'spanKind');
    return { operations: service ? await operationsOf(store, service, kind) : [] };
  });
  v3('/api/v3/traces', async ({ store, query }) => {
    const spans = await findSpans(store, v3Question(query));
    if (spans.length === 0) throw notFound('No traces found');
    return { result: spansToOtlp(spans) };
  });
  v3('/api/v3/traces/:id', async ({ store, params }) => {
    const spans = await spansOf(store, [traceId(params['id']!)]);
    if (spans.length === 0) throw notFound('No traces found');
    return { result: spansToOtlp(spans) };
  });
}

async function byIds(store: Queryable, ids: readonly string[]): Promise<object> {
  const wanted = ids.map(traceId);
  const traces = spansToJaeger(await spansOf(store, wanted));
  const found = new Set(traces.map(({ traceID }) => traceID));
  const missing = wanted.map(jaegerTraceId).filter((id) => !found.has(id));
  return {
    ...envelope(traces),
    errors:
      missing.length === 0 ? null : missing.map((traceID) => ({ msg: 'trace not found', traceID })),
  };
}

/** The spans of the newest traces that answer the question, newest trace first. */
async function findSpans(store: Queryable, asked: FindQuestion): Promise<StoredSpan[]> {
  const { scope, ...options } = asked;
  if (scope.endMs <= scope.startMs) return [];
  const { items } = await searchTraces(store, scope, options);
  const ids = items.map((item) => item.traceId);
  const place = new Map(ids.map((id, index) => [id, index]));
  const spans = await spansOf(store, ids);
  return spans.toSorted((a, b) => place.get(a.traceId)! - place.get(b.traceId)!);
}

async function spansOf(store: Queryable, ids: readonly string[]): Promise<StoredSpan[]> {
  const { spans, cut } = await spansOfTraces(store, ids, MOST_SPANS);
  if (!cut) return spans;
  // Jaeger would leave spans out without a word; half of an answer is none.
  throw new CloverError('jaeger.too_many_spans', `the traces have more than ${MOST_SPANS} spans`, {
    hint: 'ask for fewer traces or a smaller range of time',
    status: 422,
  });
}

async function operationsOf(store: Queryable, service: string, kind: string | undefined) {
  const found = await operationNames(store, service);
  return found
    .map(({ name, kind: number }) => ({
      name,
      spanKind: number === 0 ? '' : (SPAN_KINDS[number] ?? ''),
    }))
    .filter(({ spanKind }) => !kind || spanKind === kind);
}

const envelope = (rows: readonly unknown[]) => ({
  data: rows,
  total: 0,
  limit: 0,
  offset: 0,
  errors: null,
});

/** Lists of names carry their length, traces do not: so it is in Jaeger. */
const listed = (rows: readonly unknown[]) => ({ ...envelope(rows), total: rows.length });

function traceId(text: string): string {
  if (/^[0-9a-fA-F]{1,32}$/.test(text)) return text.toLowerCase().padStart(32, '0');
  throw bad(`"${text.slice(0, 80)}" is not a trace id`);
}

function number(query: RawQuery, name: string): number | undefined {
  const text = one(query, name);
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw bad(
    `unable to parse param '${name}': "${text.slice(0, 80)}" is not a number of milliseconds`,
  );
}

const notFound = (message: string): CloverError =>
  new CloverError('jaeger.not_found', message, { status: 404 });

function legacyError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, title, hint } = problemOf(error, request.url);
  return reply.status(status).send({
    data: null,
    total: 0,
    limit: 0,
    offset: 0,
    errors: [{ code: status, msg: hint === undefined ? title : `${title}: ${hint}` }],
  });
}

function v3Error(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, title, hint } = problemOf(error, request.url);
  return reply.status(status).send({
    error: { httpCode: status, message: hint === undefined ? title : `${title}: ${hint}` },
  });
}
