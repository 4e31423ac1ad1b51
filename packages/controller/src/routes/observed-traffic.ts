// Requests as proxies decided them, and whether that was what the rules say.

import {
  CloverError,
  parseScope,
  type Scope,
  TrafficRequestsAnswer,
  TrafficRequestsQuery,
  TrafficVerify,
  TrafficVerifyAnswer,
} from '@clover/model';
import * as ask from '@clover/store';
import {
  compile,
  createCallerFinder,
  findWorkloads,
  readResources,
  verifyTraffic,
  type JudgedCheck,
  type Resource,
} from '@clover/traffic';
import type { Mesh } from '../mesh/mesh.ts';
import { analysis, type Endpoint } from './endpoint.ts';

const DISTINCT_REQUESTS = 50_000;

export const observedTrafficEndpoints: readonly Endpoint[] = [
  analysis(
    '/traffic/requests',
    'Requests that proxies decided, equal ones together',
    { tag: 'traffic', query: TrafficRequestsQuery, answer: TrafficRequestsAnswer },
    (store, scope, query) => ask.trafficRequests(store, scope, query),
  ),
  {
    method: 'POST',
    path: '/traffic/verify',
    summary: 'Does the observed traffic obey these rules',
    tag: 'traffic',
    body: TrafficVerify,
    answer: TrafficVerifyAnswer,
    async run({ body }, { store, nowMs, deps: { mesh } }) {
      // The route has checked it against the schema.
      const { files, confidence, tolerance, absent, ...scope } = body as TrafficVerify;
      const asked = parseScope(scope, nowMs);
      const live = files ? undefined : liveRules(mesh, asked, scope.start !== undefined);
      // What the mesh has done until now counts.
      if (scope.end === undefined) await mesh.dataPlane.flush();
      const resources = files ? resourcesIn(files) : live!.resources;
      const observed = await ask.trafficRequests(store, live?.scope ?? asked, {
        limit: DISTINCT_REQUESTS,
      });
      const table = compile(resources, mesh.settings.options);
      const finder = createCallerFinder(table, resources, findWorkloads(files ?? [], resources));
      const verified = verifyTraffic({ table, finder, resources }, observed.items, {
        confidence,
        tolerance,
        absent: new Set(absent.map((name) => name.toLowerCase())),
      });
      return {
        meta: observed.meta,
        inForce: live?.inForce ?? null,
        confidence,
        tolerance,
        left: observed.rest.spans,
        verdict: verified.verdict,
        requests: verified.requests,
        undecided: {
          requests: verified.undecided.requests,
          headers: [...verified.undecided.headers],
          traces: [...verified.undecided.traces],
        },
        rules: verified.rules.map(({ virtualService, virtualHost, checks, ...rule }) => ({
          ...rule,
          virtualService: virtualService ?? null,
          virtualHost: virtualHost ?? null,
          checks: checks.map(checkAnswer),
        })),
      } satisfies TrafficVerifyAnswer;
    },
  },
];

/** What is in force, and of the time asked for the part in which it was, unless the start was named. */
function liveRules(mesh: Mesh, asked: Scope, startNamed: boolean) {
  const { revision, resources } = mesh.effective();
  const sinceMs = mesh.inForceSinceMs();
  const before = asked.startMs < sinceMs;
  const cut = before && !startNamed && sinceMs < asked.endMs;
  return {
    resources,
    scope: cut ? { ...asked, startMs: sinceMs } : asked,
    inForce: {
      revision,
      since: new Date(sinceMs).toISOString(),
      judged: cut
        ? ('sinceChange' as const)
        : before
          ? ('acrossChange' as const)
          : ('all' as const),
    },
  };
}

function resourcesIn(files: NonNullable<TrafficVerify['files']>): readonly Resource[] {
  const { resources, findings } = readResources(files);
  const broken = findings.filter((one) => one.severity === 'error');
  if (broken.length === 0) return resources;
  throw new CloverError('traffic.bad_resources', 'the resources have errors', {
    status: 400,
    hint: 'cloverctl analyze shows them with what to do',
    issues: broken.map(({ at, message }) => ({
      at: at ? `${at.file}:${at.line}:${at.column}` : '',
      message,
    })),
  });
}

function checkAnswer(check: JudgedCheck): TrafficVerifyAnswer['rules'][number]['checks'][number] {
  const requests = check.counts.reduce((sum, one) => sum + one, 0);
  return {
    kind: check.kind,
    verdict: check.verdict,
    pValue: check.pValue,
    method: check.method,
    shares: check.names.map((name, index) => ({
      name,
      declared: check.shares[index]!,
      count: check.counts[index]!,
      observed: requests === 0 ? null : check.counts[index]! / requests,
      ...check.intervals[index]!,
    })),
    requests,
    neededRequests: check.neededRequests,
    note: check.untestable ?? '',
    traces: [...check.traces],
  };
}
