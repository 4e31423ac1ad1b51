// The HTTP paths of OPNFV Clover's controller (2018), for what still calls them. The verbs take GET and
// POST as they did; what only the original had (Cassandra's address) is read and left alone.

import {
  CloverError,
  parseScope,
  VisibilityClear,
  VisibilitySet,
  VisibilityStart,
  type Scope,
} from '@clover/model';
import { systemCounts, type Queryable } from '@clover/store';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Visibility } from '../deps.ts';
import type { Gate } from '../routes/gate.ts';
import { parseBody, parseQuery } from '../routes/register.ts';
import type { Role } from '../security/token-entries.ts';
import { trackedServices } from '../visibility/tracked-services.ts';
import {
  allStatistics,
  metricStatistics,
  systemStatistics,
  tracingStatistics,
  type StatisticsContext,
} from './statistics.ts';

/** Without one, a statistic is about all that the store holds, as it was then. */
const RangeQuery = z.object({
  start: z.string().optional(),
  end: z.string().optional(),
  since: z.string().optional(),
});

/** JMeter's, in 2018. */
const LOAD_TESTS = [
  '/jmeter/create',
  '/jmeter/start',
  '/jmeter/results/log',
  '/jmeter/results/detail',
];

export function registerOriginalPaths(app: FastifyInstance, gate: Gate): void {
  const verb = (
    path: string,
    run: (visibility: Visibility, body: unknown) => Promise<unknown>,
    role: Role = 'operator',
  ) =>
    app.route({
      method: ['GET', 'POST'],
      url: path,
      config: { role, changes: true },
      handler: (request, reply) =>
        gate(request, reply, ({ deps }) => run(deps.visibility, request.body ?? {})),
    });

  verb('/collector/init', (visibility) => visibility.init());
  verb('/collector/start', (visibility, body) =>
    visibility.start(parseBody(VisibilityStart, startOf(body))),
  );
  verb('/collector/stop', (visibility) => visibility.stop());
  for (const path of ['/collector/set', '/visibility/set'])
    verb(path, (visibility, body) => visibility.set(parseBody(VisibilitySet, body)));
  for (const path of ['/collector/truncate', '/visibility/clear'])
    verb(path, (visibility) => visibility.clear(VisibilityClear.parse({})), 'admin');

  const read = (path: string, answer: (context: StatisticsContext) => Promise<object>) =>
    app.get(path, { config: { role: 'viewer' } }, (request, reply) =>
      gate(request, reply, async ({ deps, store, nowMs }) =>
        answer({
          store,
          scope: await scopeOf(request, store, nowMs),
          visibility: deps.visibility.status(),
        }),
      ),
    );

  for (const path of LOAD_TESTS)
    verb(path, async () => {
      throw new CloverError('original.not_built', `${path} is not answered yet`, {
        hint: 'load tests from a plan are still to come; until then use a load generator of your own: its requests are seen like any others',
        status: 501,
      });
    });

  read('/visibility/get/services', servicesOf);
  read('/visibility/get/metrics', async (context) => metricsOf(context));
  read('/visibility/get/all', async (context) => ({
    ...(await servicesOf(context)),
    ...metricsOf(context),
  }));
  read('/visibility/get/stats/system', systemStatistics);
  read('/visibility/get/stats/metrics', metricStatistics);
  read('/visibility/get/stats/tracing', tracingStatistics);
  read('/visibility/get/stats/all', allStatistics);
}

/** The original's clients also sent Cassandra's address, and named the interval as their gRPC did. */
function startOf(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const {
    c_host: _,
    c_hosts: __,
    c_port: ___,
    sinterval,
    ...rest
  } = body as Record<string, unknown>;
  return sinterval === undefined || 'sample_interval' in rest
    ? rest
    : { ...rest, sample_interval: sinterval };
}

async function scopeOf(request: FastifyRequest, store: Queryable, nowMs: number): Promise<Scope> {
  const query = parseQuery(RangeQuery, request.query as Record<string, unknown>);
  if (query.start !== undefined || query.since !== undefined) return parseScope(query, nowMs);
  const { endMs } = parseScope(query, nowMs);
  const { oldestSpan } = await systemCounts(store, { startMs: endMs - 1, endMs, filters: [] });
  const oldestMs = oldestSpan === null ? endMs - 1 : Date.parse(oldestSpan);
  return { startMs: Math.min(oldestMs, endMs - 1), endMs, filters: [] };
}

async function servicesOf({ store, visibility }: StatisticsContext) {
  const services = await trackedServices(store, visibility);
  return { services: services.map((name) => ({ name })) };
}

/** In the form that `set` takes. */
const metricsOf = ({ visibility }: StatisticsContext) => ({
  metric_prefixes: visibility.prefixes.map((prefix) => ({ prefix })),
  metric_suffixes: visibility.suffixes.map((suffix) => ({ suffix })),
  custom_metrics: visibility.customMetrics.map((metric) => ({ metric })),
});
