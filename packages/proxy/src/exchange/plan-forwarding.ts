// A request as it goes to its destination: the rule's header operations, timeouts, the place in the trace.

import type { Cluster } from '../upstream/cluster.ts';
import { requestTimeouts } from './envoy-headers.ts';
import type { ExchangeState } from './exchange-state.ts';
import type { ForwardingPlan } from './forwarding-plan.ts';
import { applyHeaderProgram } from './header-program.ts';
import { injectTrace } from './prepare-request.ts';
import type { DestinationPlan, RoutePlan } from './route-plan.ts';

interface Chosen {
  readonly plan: RoutePlan;
  readonly destination: DestinationPlan;
  readonly cluster: Cluster;
  /** 0: none. */
  readonly routeTimeoutMs: number;
}

/** Changes the request's headers. */
export function planForwarding(
  exchange: ExchangeState,
  { plan, destination, cluster, routeTimeoutMs }: Chosen,
): ForwardingPlan {
  const { head, target, prepared, upstreamPath } = exchange;
  const { headers } = head;
  if (destination.requestHeaders !== undefined)
    applyHeaderProgram(destination.requestHeaders, headers, exchange.formatContext(undefined));
  if (upstreamPath !== target.path && exchange.decision !== undefined)
    headers.set('x-envoy-original-path', target.path);
  if (destination.authority !== undefined && destination.authority !== target.authority)
    headers.set('x-envoy-original-host', target.authority);
  const asked = requestTimeouts(
    prepared!.controlled ? headers : undefined,
    plan.retries,
    routeTimeoutMs,
  );
  const expectedMs = shorter(asked.timeoutMs, asked.perTryTimeoutMs);
  if (expectedMs > 0) headers.set('x-envoy-expected-rq-timeout-ms', String(expectedMs));
  injectTrace(prepared!.trace, headers);
  return {
    cluster,
    head,
    path: upstreamPath,
    authority: destination.authority ?? target.authority,
    hash: exchange,
    body: exchange.body,
    keepBody: plan.mirrors.length > 0,
    ...asked,
  };
}

/** Of two limits, of which 0 is none. */
const shorter = (a: number, b: number) => (a > 0 && b > 0 ? Math.min(a, b) : Math.max(a, b));
