// Where a request would go by what is in force, for the API.

import { CloverError, nearest, type RouteAnswer, type RouteQuestion } from '@clover/model';
import {
  compile,
  connectionTo,
  explain,
  explainConnection,
  type Caller,
  type ConnectionExplanation,
  type Explanation,
  type RuleRef,
  type TrafficRequest,
} from '@clover/traffic';
import type { Effective } from './effective.ts';
import type { Mesh } from './mesh.ts';
import { labelsOf } from './workloads/workload-resources.ts';

/** Throws `traffic.bad_question` for a URL that is none, `mesh.no_workload` for a caller that is not known. */
export function explainRoute(mesh: Mesh, question: RouteQuestion): RouteAnswer {
  const effective = mesh.effective();
  const table = compile(effective.resources, mesh.settings.options);
  const caller = callerOf(mesh, question, effective);
  const connection = connectionOf(question);
  if (connection) {
    const asked = connectionTo(table, caller, connection);
    return connectionAnswer(effective.revision, explainConnection(table, caller, asked));
  }
  return answerOf(effective.revision, explain(table, caller, requestOf(question)));
}

function requestOf({ url, method, headers, port }: RouteQuestion): TrafficRequest {
  if (!URL.canParse(url) || !/^https?:\/\//i.test(url))
    throw new CloverError('traffic.bad_question', `"${url.slice(0, 200)}" is not a URL`, {
      status: 400,
      hint: 'write it whole: http://www.sdc.com/test',
    });
  const parsed = new URL(url);
  const scheme = parsed.protocol === 'https:' ? 'https' : 'http';
  // Not parsed.pathname: dot segments are the proxy's to resolve.
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/, '');
  const given = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  return {
    method,
    scheme,
    path: path.startsWith('/') ? path : `/${path}`,
    headers: { host: parsed.host, ...Object.fromEntries(given) },
    port: port ?? Number(parsed.port || (scheme === 'https' ? 443 : 80)),
  };
}

/** Of `tcp://db:5432` and `tls://web:443`. */
function connectionOf({ url, sni, port }: RouteQuestion) {
  const found = /^(tcp|tls):\/\/(\[[^\]]+\]|[^/?#:]+)(?::(\d{1,5}))?\/?$/i.exec(url);
  if (!found) return undefined;
  const tls = found[1]!.toLowerCase() === 'tls';
  const host = found[2]!.replace(/^\[|\]$/g, '');
  const named = port ?? Number(found[3] ?? (tls ? 443 : 0));
  if (named === 0)
    throw new CloverError('traffic.bad_question', `"${url.slice(0, 200)}" has no port`, {
      status: 400,
      hint: `write it as tcp://${host}:5432`,
    });
  return { host, port: named, sni: sni ?? (tls ? host : undefined) };
}

function connectionAnswer(revision: number, one: ConnectionExplanation): RouteAnswer {
  const { outcome, rule, rules } = one;
  return {
    revision,
    virtualHost: null,
    rule: rule ? refOf(rule) : null,
    fault: null,
    outcome: outcome.kind,
    status: null,
    location: null,
    destinations:
      outcome.kind === 'forward'
        ? outcome.destinations.map((to) => ({ ...to, missing: to.missing ?? null }))
        : [],
    mirrors: [],
    path: null,
    timeoutMs: null,
    rules: rules.map(({ ref, verdict, reason }) => ({ ref: refOf(ref), verdict, reason })),
  };
}

function callerOf(mesh: Mesh, question: RouteQuestion, effective: Effective): Caller {
  const { via, namespace = 'default' } = question;
  if (question.from === undefined)
    return { via, namespace, labels: question.labels ?? gatewayLabels(via, effective) };
  const workloads = [...mesh.registry.workloads.values()];
  const found =
    workloads.find((one) => one.name === question.from) ??
    workloads.find((one) => one.service === question.from);
  if (!found) {
    const close = nearest(
      question.from,
      workloads.flatMap((one) => [one.name, one.service]),
    );
    throw new CloverError('mesh.no_workload', `there is no workload ${question.from}`, {
      status: 404,
      hint: close === undefined ? 'say its labels instead' : `did you mean ${close}?`,
    });
  }
  return {
    via,
    namespace: found.namespace,
    labels: { ...labelsOf(found, undefined), ...question.labels },
  };
}

/** Those of the first Gateway's pods, when nobody says which gateway is meant. */
function gatewayLabels(via: Caller['via'], { resources }: Effective): Record<string, string> {
  if (via !== 'gateway') return {};
  const gateway = resources.find((one) => one.kind === 'Gateway');
  return { ...(gateway?.kind === 'Gateway' ? gateway.spec.selector : undefined) };
}

function answerOf(revision: number, { outcome, ...one }: Explanation): RouteAnswer {
  const forward = outcome.kind === 'forward' ? outcome.action : undefined;
  return {
    revision,
    virtualHost: one.virtualHost ?? null,
    rule: one.rule ? refOf(one.rule) : null,
    fault: one.fault
      ? {
          delayMs: one.fault.delay?.durationMs ?? null,
          delayProbability: one.fault.delay?.probability ?? 0,
          abortStatus: one.fault.abort?.httpStatus ?? null,
          abortProbability: one.fault.abort?.probability ?? 0,
        }
      : null,
    outcome: outcome.kind,
    status:
      outcome.kind === 'redirect' || outcome.kind === 'directResponse'
        ? outcome.status
        : outcome.kind === 'blocked'
          ? 502
          : outcome.kind === 'notFound'
            ? 404
            : outcome.kind === 'preflight'
              ? 200
              : null,
    location: outcome.kind === 'redirect' ? outcome.location : null,
    destinations: (forward?.destinations ?? []).map(
      ({ host, subset, port, probability, missing }) => ({
        host,
        subset,
        port,
        probability,
        missing: missing ?? null,
      }),
    ),
    mirrors: (forward?.mirrors ?? []).map(({ host, subset, port, probability }) => ({
      host,
      subset,
      port,
      probability,
    })),
    path: outcome.kind === 'forward' ? outcome.path : null,
    timeoutMs: outcome.kind === 'forward' ? outcome.timeoutMs : null,
    rules: one.rules.map(({ ref, verdict, reason }) => ({ ref: refOf(ref), verdict, reason })),
  };
}

const refOf = ({
  virtualService,
  source,
  section,
  ruleIndex,
  ruleName,
  matchIndex,
  root,
}: RuleRef) => ({
  virtualService: virtualService ?? null,
  source: source ?? null,
  section: section ?? ('http' as const),
  ruleIndex,
  ruleName,
  matchIndex,
  root: root ?? null,
});
