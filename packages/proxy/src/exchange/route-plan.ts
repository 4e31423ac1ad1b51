// Actions of a routing table with everything at hand that an exchange needs: clusters, header
// operations, retry conditions. Worked out at the first request and kept as long as the table.

import type { ForwardAction, HeaderOperations, MirrorTarget } from '@clover/traffic';
import { wireText } from '../codec/wire-text.ts';
import type { Cluster, ClusterSet } from '../upstream/cluster.ts';
import { compileHeaders, type HeaderProgram } from './header-program.ts';
import { compileRetries, NO_RETRIES, type RetryPolicy } from './retry-policy.ts';

export interface DestinationPlan {
  /** Undefined: 503, NC. */
  readonly cluster: Cluster | undefined;
  /** Where draws below this go here. */
  readonly upTo: number;
  readonly requestHeaders: HeaderProgram | undefined;
  readonly responseHeaders: HeaderProgram | undefined;
  readonly authority: string | undefined;
}

export interface MirrorPlan {
  readonly cluster: Cluster | undefined;
  readonly probability: number;
}

export interface RoutePlan {
  readonly destinations: readonly DestinationPlan[];
  readonly mirrors: readonly MirrorPlan[];
  readonly retries: RetryPolicy;
  /** Answer when there is no such destination. */
  readonly missingStatus: number;
}

export interface RoutePlans {
  forward(action: ForwardAction): RoutePlan;
  /** Operations on the answers of redirects and direct responses. */
  answer(operations: readonly HeaderOperations[]): HeaderProgram | undefined;
}

/** For one client namespace. */
export function createRoutePlans(clusters: ClusterSet, clientNamespace: string): RoutePlans {
  const plans = new Map<ForwardAction, RoutePlan>();
  const answers = new Map<readonly HeaderOperations[], HeaderProgram | undefined>();
  const clusterOf = ({ host, subset, port, missing }: MirrorTarget) =>
    missing === undefined ? clusters.get(host, subset, port, clientNamespace) : undefined;
  const build = (action: ForwardAction): RoutePlan => {
    let sum = 0;
    return {
      destinations: action.destinations.map((one) => ({
        cluster: clusterOf(one),
        upTo: (sum += one.probability),
        requestHeaders: compileHeaders(one.requestHeaders),
        responseHeaders: compileHeaders(one.responseHeaders),
        authority: one.authority === undefined ? undefined : wireText(one.authority),
      })),
      mirrors: action.mirrors.map((one) => ({
        cluster: clusterOf(one),
        probability: one.probability,
      })),
      retries: compileRetries(action.retries),
      missingStatus: action.missingStatus,
    };
  };
  return {
    forward(action) {
      let plan = plans.get(action);
      if (plan === undefined) plans.set(action, (plan = build(action)));
      return plan;
    },
    answer(operations) {
      if (operations.length === 0) return undefined;
      if (!answers.has(operations)) answers.set(operations, compileHeaders(operations));
      return answers.get(operations);
    },
  };
}

/** A plan with nothing but a place to go. */
export function plainPlan(cluster: Cluster): RoutePlan {
  const destination = {
    cluster,
    upTo: 1,
    requestHeaders: undefined,
    responseHeaders: undefined,
    authority: undefined,
  };
  return { destinations: [destination], mirrors: [], retries: NO_RETRIES, missingStatus: 503 };
}

/** `draw` is in [0, 1). */
export function chooseDestination(plan: RoutePlan, draw: number): DestinationPlan | undefined {
  const { destinations } = plan;
  for (const one of destinations) if (draw < one.upTo) return one;
  return destinations.at(-1);
}
