// A decision as plain values: what a line of `-o jsonl` holds, and what two decisions are compared by.

import { applyHeaders, type Decision } from '../decide.ts';
import type { TrafficRequest } from '../request.ts';
import type { HeaderOperations, HttpRetry, RuleOf } from '../resource.ts';
import type { ForwardAction } from '../route.ts';

export interface LineDestination {
  readonly host: string;
  readonly subset: string;
  readonly port: number;
  /** 0..1 */
  readonly probability: number;
  /** Why nobody can be reached there. */
  readonly missing?: 'host' | 'subset';
  /** As the upstream sees them. */
  readonly authority: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Done to the answer. */
  readonly responseHeaders?: readonly HeaderOperations[];
}

export interface DecisionLine {
  readonly outcome: Decision['outcome']['kind'];
  readonly virtualHost: string | null;
  /** null for a decision that no rule of a VirtualService made. */
  readonly rule: {
    readonly virtualService: string;
    /** Of `spec.http`. */
    readonly index: number;
    readonly name: string;
    /** Of the block of `match`; null for a rule without any. */
    readonly match: number | null;
    /** The kind of resource that the rule stands in when it is no VirtualService. */
    readonly kind?: 'HTTPRoute' | 'GRPCRoute';
    /** The rule that handed over to it, when it stands in a delegate. */
    readonly root?: RuleOf;
  } | null;
  readonly fault?: {
    readonly delay?: { readonly durationMs: number; readonly probability: number };
    readonly abort?: {
      readonly httpStatus?: number;
      readonly grpcStatus?: string;
      readonly probability: number;
    };
  };
  readonly redirect?: { readonly status: number; readonly location: string };
  readonly directResponse?: { readonly status: number; readonly body: string };
  readonly responseHeaders?: readonly HeaderOperations[];
  /** What the proxy answers itself: 404, 502, 503 for a destination that is not there. */
  readonly status?: number;
  /** As the upstream sees it. */
  readonly path?: string;
  readonly destinations?: readonly LineDestination[];
  readonly mirrors?: readonly Omit<LineDestination, 'authority' | 'headers'>[];
  readonly timeoutMs?: number;
  readonly retries?: HttpRetry;
  /** Headers that CORS sets on the answer. */
  readonly cors?: Readonly<Record<string, string>>;
}

/** The decision about `request`, told whole. */
export function decisionLine(decision: Decision, request: TrafficRequest): DecisionLine {
  const { rule, fault, outcome } = decision;
  return {
    outcome: outcome.kind,
    virtualHost: decision.virtualHost ?? null,
    rule:
      rule?.virtualService === undefined
        ? null
        : {
            virtualService: rule.virtualService,
            index: rule.ruleIndex,
            name: rule.ruleName,
            match: rule.matchIndex === -1 ? null : rule.matchIndex,
            ...(rule.source ? { kind: rule.source } : {}),
            ...(rule.root ? { root: rule.root } : {}),
          },
    ...(fault ? { fault: faultOf(fault) } : {}),
    ...outcomeOf(outcome, request),
    ...(decision.cors ? { cors: decision.cors } : {}),
  };
}

function faultOf({
  delay,
  abort,
}: NonNullable<Decision['fault']>): NonNullable<DecisionLine['fault']> {
  return {
    ...(delay ? { delay } : {}),
    ...(abort
      ? {
          abort: {
            ...(abort.httpStatus > 0 ? { httpStatus: abort.httpStatus } : {}),
            ...(abort.grpcStatus === '' ? {} : { grpcStatus: abort.grpcStatus }),
            probability: abort.probability,
          },
        }
      : {}),
  };
}

const operations = (responseHeaders: readonly HeaderOperations[]) =>
  responseHeaders.length > 0 ? { responseHeaders } : {};

function outcomeOf(outcome: Decision['outcome'], request: TrafficRequest): Partial<DecisionLine> {
  switch (outcome.kind) {
    case 'forward':
      return forwardOf(outcome.action, outcome.path, request);
    case 'redirect':
      return {
        redirect: { status: outcome.status, location: outcome.location },
        ...operations(outcome.responseHeaders),
      };
    case 'directResponse':
      return {
        directResponse: { status: outcome.status, body: outcome.body },
        ...operations(outcome.responseHeaders),
      };
    case 'preflight':
      return { status: 200 };
    case 'blocked':
      return { status: 502 };
    case 'notFound':
      return { status: 404 };
    case 'passthrough':
      return {};
  }
}

function forwardOf(
  action: ForwardAction,
  path: string,
  request: TrafficRequest,
): Partial<DecisionLine> {
  const destinations = action.destinations.map((one): LineDestination => {
    const headers = applyHeaders(request.headers, one.requestHeaders);
    const authority = one.authority ?? request.headers['host'] ?? '';
    if (authority !== '') headers['host'] = authority;
    return {
      host: one.host,
      subset: one.subset,
      port: one.port,
      probability: one.probability,
      ...(one.missing ? { missing: one.missing } : {}),
      authority,
      headers,
      ...operations(one.responseHeaders),
    };
  });
  return {
    ...(destinations.every((one) => one.missing) ? { status: action.missingStatus } : {}),
    path,
    destinations,
    ...(action.mirrors.length > 0
      ? {
          mirrors: action.mirrors.map(({ host, subset, port, probability, missing }) => ({
            host,
            subset,
            port,
            probability,
            ...(missing ? { missing } : {}),
          })),
        }
      : {}),
    ...(action.timeoutMs > 0 ? { timeoutMs: action.timeoutMs } : {}),
    retries: action.retries,
  };
}

/** The same text for two decisions that do the same to the request, whatever rule made them. */
export function effectKey(line: DecisionLine): string {
  const { rule: _, virtualHost: __, ...effect } = line;
  return JSON.stringify(effect);
}
