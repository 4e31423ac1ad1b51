// A configuration, compiled: what listeners enforce until the next one.

import { compile, type RouteView, type RoutingTable } from '@clover/traffic';
import type { Authorization } from '../authorization/authorization.ts';
import { createAuthorization } from '../authorization/external-authorizer.ts';
import type { DataPlaneConfig } from '../data-plane.ts';
import { createRoutePlans } from '../exchange/route-plan.ts';
import type { Scope } from '../exchange/scope.ts';
import type { Workload } from '../workload.ts';
import {
  callerOf,
  ownerName,
  planListeners,
  type ListenerPlan,
  type PlanOptions,
} from './listener-plan.ts';
import type { Member } from './member.ts';
import type { Members } from './members.ts';
import { speaksHttp2 } from './speaks-http2.ts';

export interface Compiled {
  readonly table: RoutingTable;
  readonly plans: readonly ListenerPlan[];
  /** By name of the workload or gateway whose requests are asked about. */
  readonly authorizations: ReadonlyMap<string, Authorization>;
}

/** Throws CloverError `proxy.bad_provider`. */
export function compileConfig(
  config: DataPlaneConfig,
  members: Members,
  options: PlanOptions,
): Compiled {
  const table = compile(config.resources, config.mesh);
  const plans = planListeners(config, table, options);
  return { table, plans, authorizations: authorizationsOf(config, members, { table, plans }) };
}

/** What a listener enforces. */
export function scopeOf(
  plan: ListenerPlan,
  { table, authorizations }: Compiled,
  member: Member,
  listening: Pick<Scope, 'listener' | 'meter'> = { listener: '', meter: undefined },
): Scope {
  const { owner, direction, servicePort } = plan;
  const isInbound = direction === 'inbound';
  const isAsked = isInbound || direction === 'gateway';
  const inboundOfWorkload = (one: Workload) =>
    member.inbound(one, servicePort, speaksHttp2(table, one, servicePort));
  const caller = callerOf(plan);
  let view: RouteView | undefined;
  return {
    direction: direction === 'proxy' ? 'outbound' : direction,
    workload: owner,
    caller,
    // Worked out at the first request: most of a configuration is never asked for.
    get view() {
      return (view ??= table.view(caller, servicePort));
    },
    port: servicePort,
    isForwardProxy: direction === 'proxy',
    table,
    clusters: member.clusters,
    plans: createRoutePlans(member.clusters, owner.namespace),
    inbound: isInbound ? inboundOfWorkload(owner as Workload) : undefined,
    authorization: isAsked ? authorizations.get(ownerName(owner)) : undefined,
    ...listening,
    options: isInbound ? member.inboundOptions : member.outboundOptions,
  };
}

function authorizationsOf(
  { resources, extensionProviders = [] }: DataPlaneConfig,
  members: Members,
  { table, plans }: Pick<Compiled, 'table' | 'plans'>,
): Map<string, Authorization> {
  const found = new Map<string, Authorization>();
  const asked = plans.filter(({ direction }) => direction === 'inbound' || direction === 'gateway');
  for (const owner of new Set(asked.map((one) => one.owner))) {
    const { clusters, outboundPool } = members.of(owner, table);
    const authorization = createAuthorization({
      resources,
      providers: extensionProviders,
      workload: owner,
      rootNamespace: table.mesh.rootNamespace,
      clusters: () => clusters,
      pool: outboundPool,
    });
    if (authorization) found.set(ownerName(owner), authorization);
  }
  return found;
}
