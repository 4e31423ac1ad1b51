// Which requests would meet something else under other resources. All that the conditions of both
// tables can tell apart is enumerated, so what is not reported does not differ, unless `complete` is false.

import type { RouteView, RoutingTable } from '../compile.ts';
import type { Resource } from '../resource.ts';
import type { Caller, TrafficRequest } from '../request.ts';
import type { CompiledRoute, RuleRef, VirtualHost } from '../route.ts';
import { hostsOf, placesOf, type Place } from './callers.ts';
import { diffConnections, type ConnectionClass } from './diff-connections.ts';
import { effectOf, type Effect } from './effect.ts';
import { partition } from './partition.ts';
import { pathProbes, probeRequests } from './probes.ts';
import { createRequestSpace } from './request-space.ts';
import { tellChanges, type Change } from './tell-changes.ts';

export interface DiffSide {
  readonly table: RoutingTable;
  readonly resources: readonly Resource[];
}

/** Requests that one rule takes on the old side and one on the new, with the same changes. */
export interface DiffClass {
  readonly before: RuleRef | undefined;
  readonly after: RuleRef | undefined;
  readonly changes: readonly Change[];
  /** A request of the class, decided by both tables. */
  readonly witness: { readonly caller: Caller; readonly request: TrafficRequest };
  readonly effects: { readonly before: Effect; readonly after: Effect };
  /** Of all callers that have it. */
  readonly hosts: readonly string[];
  readonly callers: readonly Place[];
}

export interface TableDiff {
  readonly classes: readonly DiffClass[];
  readonly connections: readonly ConnectionClass[];
  /** false: a limit was hit or a condition cannot be enumerated; there may be more. */
  readonly complete: boolean;
}

interface OpenClass extends DiffClass {
  readonly hosts: string[];
  readonly callers: Place[];
}

/** Boxes of a pair of rules that are tried; where they differ in one place only it may take more than the first. */
const MAX_TRIED = 200;

export function diffTables(before: DiffSide, after: DiffSide): TableDiff {
  const resources = [...before.resources, ...after.resources];
  const { places, complete } = placesOf(resources, [before.table, after.table]);
  const classes = new Map<string, OpenClass>();
  let whole = complete;
  for (const place of places) {
    const viewOf = (side: DiffSide, host: string) =>
      side.table.view(place.caller, place.port, place.tls ? host : undefined);
    const seen = new Set<string>();
    for (const host of hostsOf([viewOf(before, ''), viewOf(after, '')])) {
      const views = [viewOf(before, host), viewOf(after, host)] as const;
      const hosts = [views[0].hosts.lookup(host), views[1].hosts.lookup(host)] as const;
      // Names of one host have its virtual host; only who looks at the name itself can tell them apart.
      const named = hosts.some((one) => one?.routes.some(asksAuthority)) ? host : '';
      const pair = `${hosts[0]?.name}\n${hosts[1]?.name}\n${named}`;
      if (seen.has(pair) || (!hosts[0] && !hosts[1] && samePolicy(views))) continue;
      seen.add(pair);
      const done = diffHost({ before, after, place, host, hosts }, classes);
      whole &&= done;
    }
  }
  const connections = diffConnections(before, after, places);
  return {
    classes: [...classes.values()],
    connections: connections.classes,
    complete: whole && connections.complete,
  };
}

const asksAuthority = ({ conditions }: CompiledRoute) =>
  conditions.some(({ subject }) => subject.kind === 'authority');

const samePolicy = ([a, b]: readonly [RouteView, RouteView]) =>
  a.outboundTrafficPolicy === b.outboundTrafficPolicy;

interface HostPair {
  readonly before: DiffSide;
  readonly after: DiffSide;
  readonly place: Place;
  readonly host: string;
  readonly hosts: readonly [VirtualHost | undefined, VirtualHost | undefined];
}

/** Whether everything could be looked at. */
function diffHost(
  { before, after, place, host, hosts }: HostPair,
  classes: Map<string, OpenClass>,
): boolean {
  const [old, young] = hosts.map((one) => one?.routes ?? []) as [
    VirtualHost['routes'],
    VirtualHost['routes'],
  ];
  if (untouched({ before, after, place, host, hosts })) return true;
  const routes = [...old, ...young];
  const resources = [...before.resources, ...after.resources];
  const conditions = routes.flatMap((route) => route.conditions);
  const space = createRequestSpace([...conditions, ...pathProbes(routes, resources)], host);
  const { pairs, complete } = partition(space, old, young);
  const secure = place.tls || hosts.some((one) => one?.httpsRedirect);
  const base: TrafficRequest = {
    method: 'GET',
    path: '/',
    headers: { host },
    port: place.port,
    ...(place.tls ? { sni: host } : {}),
    ...(secure ? { scheme: 'https' } : {}),
  };
  const dressed = [base, ...(secure && !place.tls ? [{ ...base, scheme: 'http' as const }] : [])];
  const bases = dressed.flatMap((one) => probeRequests(one, routes, resources));
  for (const { before: from, after: to, boxes } of pairs) {
    const key = JSON.stringify([ruleOf(old[from]?.ref), ruleOf(young[to]?.ref)]);
    const tried = boxes.slice(0, alike(old[from], young[to]) ? 2 : MAX_TRIED);
    const requests = tried.flatMap((box) => bases.flatMap((one) => space.requests(box, one)));
    const found = firstDifference(requests, { before, after, place });
    if (!found) continue;
    const changes = tellChanges(found.effects.before, found.effects.after);
    const whole =
      key + JSON.stringify(changes.map(({ kind, text }) => (kind === 'request' ? kind : text)));
    const known = classes.get(whole);
    if (known) {
      if (!known.hosts.includes(host)) known.hosts.push(host);
      known.callers.push(place);
      continue;
    }
    classes.set(whole, {
      before: old[from]?.ref,
      after: young[to]?.ref,
      changes,
      witness: { caller: place.caller, request: found.request },
      effects: found.effects,
      hosts: [host],
      callers: [place],
    });
  }
  return complete && space.complete;
}

/** Whether nothing that decides here has changed at all: the resources are the same, and so are the policies of all destinations. */
function untouched({ before, after, place, hosts: [old, young] }: HostPair): boolean {
  if (!old || !young || old.httpsRedirect !== young.httpsRedirect) return false;
  if (old.routes.length !== young.routes.length) return false;
  if (!old.routes.every((route, index) => alike(route, young.routes[index]))) return false;
  const names = new Set(
    old.routes.map(({ ref }) => ref.root?.virtualService ?? ref.virtualService),
  );
  const sources = (side: DiffSide) =>
    JSON.stringify(
      side.resources.filter(
        (one) =>
          one.kind.endsWith('Route') ||
          (one.kind === 'VirtualService' &&
            (names.has(`${one.metadata.namespace}/${one.metadata.name}`) ||
              !one.spec.hosts?.length)),
      ),
    );
  const policies = (side: DiffSide) =>
    JSON.stringify(
      old.routes.flatMap(({ action }) =>
        action.kind === 'forward'
          ? action.destinations.map(({ host }) =>
              side.table.destinationRule(host, place.caller.namespace),
            )
          : [],
      ),
    );
  return sources(before) === sources(after) && policies(before) === policies(after);
}

/** Whether two routes are written alike: then it takes few requests to see that they do the same. */
function alike(a: CompiledRoute | undefined, b: CompiledRoute | undefined): boolean {
  const text = (one: CompiledRoute | undefined) =>
    JSON.stringify([
      one?.action,
      one?.fault,
      one?.conditions.map(({ field, wants }) => [field, wants]),
    ]);
  return text(a) === text(b);
}

/** Blocks of one rule do the same. */
const ruleOf = (ref: RuleRef | undefined) =>
  ref && [ref.source, ref.virtualService, ref.ruleIndex, ref.root];

function firstDifference(
  requests: readonly TrafficRequest[],
  { before, after, place }: Pick<HostPair, 'before' | 'after' | 'place'>,
): { request: TrafficRequest; effects: { before: Effect; after: Effect } } | undefined {
  for (const request of requests) {
    const effects = {
      before: effectOf(before.table, place.caller, request),
      after: effectOf(after.table, place.caller, request),
    };
    if (effects.before.key !== effects.after.key) return { request, effects };
  }
  return undefined;
}
