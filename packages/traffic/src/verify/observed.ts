// Requests as the store's spans tell of them, and what each was to become by the rules.

import { decisionLine, effectKey, type DecisionLine } from '../explain/decision-line.ts';
import { decideSeen, type AbsentHeaders } from '../explain/decide-seen.ts';
import { parseEnvoyCluster, type EnvoyCluster } from '../explain/envoy-cluster.ts';
import type { AskedRequest } from '../explain/asked-request.ts';
import type { RecordedEvidence } from '../explain/rule-evidence.ts';
import type { CallerFinder } from '../explain/find-caller.ts';
import type { RoutingTable } from '../compile.ts';
import type { Caller, TrafficRequest } from '../request.ts';

/** Equal requests in one; what `GET /api/v1/traffic/requests` answers. */
export interface ObservedRequests {
  readonly via: 'gateway' | 'sidecar';
  readonly app: string;
  readonly version: string;
  readonly namespace: string;
  readonly method: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As `RuleEvidence`; empty where the proxy does not record it. */
  readonly absentHeaders?: readonly string[];
  readonly headerMatches?: readonly string[];
  /** The listener's: of the service or of the gateway's server; 0 where the proxy does not record it. */
  readonly port?: number;
  /** Of the workload that sent it; empty where the proxy does not record them. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly responseFlags: readonly string[];
  readonly upstreamCluster: string;
  readonly callees: readonly { readonly service: string; readonly version: string }[];
  /** Independent draws: what the statistics count, whatever each stands for. */
  readonly spans: number;
  readonly traces: readonly string[];
}

export interface DecidedRequests {
  readonly observed: ObservedRequests;
  readonly caller: Caller;
  readonly request: TrafficRequest;
  /** That of the first decision that is possible. */
  readonly line: DecisionLine;
  /** Keys of the rules that may have taken it; one when it is sure. */
  readonly rules: readonly string[];
  /** Headers that were not recorded and that the decision depends on; empty when it is sure. */
  readonly undecided: readonly string[];
  /** Where the proxy sent it; undefined when it answered itself or does not say. */
  readonly destination: EnvoyCluster | undefined;
}

/** What the rules say about requests that were recorded. */
export function decideObserved(
  table: RoutingTable,
  finder: CallerFinder,
  observed: ObservedRequests,
  absent?: AbsentHeaders,
): DecidedRequests {
  const { caller, request } = requestOfObserved(finder, observed);
  const { possible, unseen } = decideSeen(table, caller, request, {
    absent,
    evidence: evidenceOf(observed),
  });
  const lines = possible.map((one) => decisionLine(one, request));
  const sure =
    lines.length === 1 ||
    lines.every((one) => ruleKey(one) === ruleKey(lines[0]!)) ||
    lines.every((one) => effectKey(one) === effectKey(lines[0]!));
  const cluster = parseEnvoyCluster(observed.upstreamCluster);
  return {
    observed,
    caller,
    request,
    line: lines[0]!,
    rules: sure ? [ruleKey(lines[0]!)] : [...new Set(lines.map(ruleKey))],
    undecided: sure ? [] : unseen,
    destination: cluster?.direction === 'outbound' ? cluster : undefined,
  };
}

export const evidenceOf = (observed: ObservedRequests): RecordedEvidence => ({
  absent: observed.absentHeaders ?? [],
  matches: observed.headerMatches ?? [],
});

/** The request itself, and who sent it. */
export function requestOfObserved(
  finder: CallerFinder,
  observed: ObservedRequests,
): { readonly caller: Caller; readonly request: TrafficRequest } {
  const { method, path, headers, scheme, ...asked } = askedOf(observed);
  const { caller, port, sni } = finder.find({
    method,
    path,
    headers,
    ...(scheme ? { scheme } : {}),
    ...asked,
  });
  return {
    caller,
    request: {
      method,
      path,
      headers,
      port,
      ...(scheme ? { scheme } : {}),
      ...(sni === undefined ? {} : { sni }),
    },
  };
}

/** The rule, or who else decides. */
export function ruleKey({ rule, outcome, virtualHost }: DecisionLine): string {
  return rule
    ? `${rule.kind ?? ''}${rule.virtualService} ${rule.index}`
    : `${outcome} ${virtualHost}`;
}

function askedOf(one: ObservedRequests): AskedRequest {
  const cluster = parseEnvoyCluster(one.upstreamCluster);
  const port = one.port || (one.via === 'sidecar' ? cluster?.port : undefined);
  return {
    via: one.via,
    method: one.method,
    path: one.path,
    headers: { ...one.headers, host: one.host },
    ...(one.scheme === 'https' ? { scheme: 'https' } : {}),
    namespace: one.namespace || 'default',
    ...(one.via === 'gateway'
      ? {}
      : {
          labels:
            Object.keys(one.labels ?? {}).length > 0
              ? one.labels!
              : { app: one.app, ...(one.version === '' ? {} : { version: one.version }) },
        }),
    ...(port === undefined ? {} : { port }),
    whole: false,
  };
}
