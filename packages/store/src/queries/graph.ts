import type { GraphAnswer, GraphEdge, GraphNode, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { askedOnce } from './asked-once.ts';
import { assembleEdges } from './assemble-edges.ts';
import { edgeGroups, type EdgeGroup } from './edge-groups.ts';
import { isSampled, startMeta } from './meta.ts';
import { ask } from './question.ts';
import type { RatedRange } from './rated-range.ts';
import { redGroups, redOf, type RedGroup } from './red.ts';
import { serviceRed, type ServiceRed } from './service-red.ts';

export interface GraphOptions {
  /** Only services within `hops` (2) calls of this one, in either direction. */
  readonly focus?: string | undefined;
  readonly hops?: number | undefined;
}

/**
 * Services and the calls between them. Filters choose calls (one of the two spans meets them); the nodes
 * are the services of those calls with all their requests, except for filters other than `service`.
 */
export async function graph(
  source: Queryable,
  scope: Scope,
  options: GraphOptions = {},
): Promise<GraphAnswer> {
  const store = askedOnce(source);
  const meta = startMeta(store, scope);
  const nodeScope = {
    ...scope,
    filters: scope.filters.filter((f) => f.key !== 'service' && f.key !== 'service.name'),
  };
  const [calls, nodesQuestion] = await Promise.all([ask(store, scope), ask(store, nodeScope)]);
  const [groups, services, details, rated] = await Promise.all([
    edgeGroups(store, calls),
    serviceRed(store, nodesQuestion),
    redGroups(store, nodesQuestion, {
      keys: ['service', 'namespace', 'version', 'statusClass'],
      side: 'server',
    }),
    meta.ratedRange(),
  ]);
  const edges = assembleEdges(groups, rated);
  const named = new Set(edges.flatMap((edge) => [edge.from, edge.to]));
  const isWhole = nodeScope.filters.length === scope.filters.length;
  const kept = services.filter((one) => isWhole || named.has(one.service) || isNamed(scope, one));
  const nodes = [
    ...kept.map((one) => serviceNode(one, details, edges, rated)),
    ...externalNodes(new Set(services.map((one) => one.service)), groups, edges),
  ];
  const focused = options.focus
    ? neighbourhood(nodes, edges, options.focus, options.hops ?? 2)
    : { nodes, edges };
  return {
    meta: await meta.finish({
      sampled: isSampled(services.flatMap((one) => (one.server ? [one.server] : []))),
    }),
    ...focused,
  };
}

function isNamed(scope: Scope, one: ServiceRed): boolean {
  return scope.filters.some((filter) => filter.operator === '=' && filter.value === one.service);
}

function serviceNode(
  one: ServiceRed,
  details: readonly RedGroup[],
  edges: readonly GraphEdge[],
  rated: RatedRange,
): GraphNode {
  const own = details.filter((group) => group.values[0] === one.service);
  const versions = new Map<string, { version: string; requests: number; errors: number }>();
  const classes = { ok: 0, redirect: 0, clientError: 0, serverError: 0, none: 0 };
  for (const group of own) {
    const version = group.values[2] as string;
    const sum = versions.get(version) ?? { version, requests: 0, errors: 0 };
    sum.requests += group.requests;
    sum.errors += group.errors;
    versions.set(version, sum);
    classes[classOf(group.values[3] as string)] += group.requests;
  }
  if (one.byEntry) classes.none += one.server?.requests ?? 0;
  return {
    service: one.service,
    kind: serviceKind(one, edges),
    namespace: own.find((group) => group.values[1] !== '')?.values[1] ?? '',
    versions: [...versions.values()]
      .filter((version) => version.version !== '')
      .toSorted((a, b) => b.requests - a.requests),
    statusClasses: classes,
    ...redOf(one.server, rated),
  };
}

function classOf(text: string): keyof GraphNode['statusClasses'] {
  if (text === '1xx' || text === '2xx') return 'ok';
  if (text === '3xx') return 'redirect';
  if (text === '4xx') return 'clientError';
  return text === '' ? 'none' : 'serverError';
}

/** A gateway by its name; a client calls others and is never called. */
function serviceKind(one: ServiceRed, edges: readonly GraphEdge[]): GraphNode['kind'] {
  if (/(^|[-._])(gateway|ingress|ingressgateway|egressgateway)($|[-._])/.test(one.service))
    return 'gateway';
  if (one.server) return 'service';
  return edges.some((edge) => edge.from === one.service) ? 'client' : 'service';
}

function externalNodes(
  services: ReadonlySet<string>,
  groups: readonly EdgeGroup[],
  edges: readonly GraphEdge[],
): GraphNode[] {
  const protocols = new Map<string, string>();
  for (const group of groups)
    if (!services.has(group.to) && (group.protocol !== '' || !protocols.has(group.to)))
      protocols.set(group.to, group.protocol);
  return [...protocols].map(([service, protocol]) => {
    const incoming = edges.filter((edge) => edge.to === service);
    const requests = incoming.reduce((sum, edge) => sum + edge.requests, 0);
    const errors = incoming.reduce((sum, edge) => sum + edge.errors, 0);
    return {
      service,
      kind: protocol === 'db' ? 'database' : protocol === 'messaging' ? 'queue' : 'external',
      namespace: '',
      versions: [],
      statusClasses: { ok: 0, redirect: 0, clientError: 0, serverError: 0, none: requests },
      requests,
      errors,
      errorRatio: requests > 0 ? errors / requests : 0,
      ratePerSecond: incoming.reduce((sum, edge) => sum + edge.ratePerSecond, 0),
      latency: incoming.length === 1 ? incoming[0]!.latency : null,
    };
  });
}

function neighbourhood(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  focus: string,
  hops: number,
): { nodes: GraphNode[]; edges: GraphEdge[] } {
  const near = new Set([focus]);
  for (let hop = 0; hop < hops; hop++) {
    const ring = edges.filter((edge) => near.has(edge.from) || near.has(edge.to));
    for (const edge of ring) near.add(edge.from).add(edge.to);
  }
  return {
    nodes: nodes.filter((node) => near.has(node.service)),
    edges: edges.filter((edge) => near.has(edge.from) && near.has(edge.to)),
  };
}
