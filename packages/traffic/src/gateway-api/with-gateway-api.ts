// Gateway API's resources as Istio's: Gateways and VirtualServices that say the same, so that one
// compiler serves both. Istio does likewise, and its way decides where Gateway API leaves it open.

import { byAgeAndNamespace } from '../age.ts';
import type {
  Gateway,
  GrpcRoute,
  HttpRoute,
  HttpRouteResource,
  KubernetesGateway,
  Resource,
  VirtualService,
} from '../resource.ts';
import { createBackends, type Backends } from './backends.ts';
import { convertGateway } from './gateways.ts';
import { convertGrpcRule } from './grpc-rules.ts';
import { convertHttpRule } from './http-rules.ts';
import { attachments, type Attachment } from './parents.ts';
import { bySpecificity } from './precedence.ts';

export const GATEWAY_API_GROUP = 'gateway.networking.k8s.io';

/** Its Gateway has a kind of its own here, as Istio's bears the same name. */
export function inOwnKind(resource: Resource): Resource {
  return resource.kind === 'Gateway' && resource.apiVersion.startsWith(`${GATEWAY_API_GROUP}/`)
    ? ({ ...(resource as object), kind: 'KubernetesGateway' } as KubernetesGateway)
    : resource;
}

/** The resources with those of Gateway API replaced; the same list when there are none. */
export function withGatewayApi(given: readonly Resource[]): readonly Resource[] {
  const resources = given.map(inOwnKind);
  const routes = resources
    .filter((one): one is AnyRoute => one.kind === 'HTTPRoute' || one.kind === 'GRPCRoute')
    .sort(byAgeAndNamespace);
  const gateways = resources.filter(
    (one): one is KubernetesGateway => one.kind === 'KubernetesGateway',
  );
  if (routes.length === 0 && gateways.length === 0) return given;
  const converted: Gateway[] = gateways.flatMap((one) => convertGateway(one, resources));
  return [...resources, ...converted, ...mergedVirtualServices(routes, gateways, resources)];
}

type AnyRoute = HttpRouteResource | GrpcRoute;

/**
 * One VirtualService for each listener (or mesh namespace) and host, with the rules of all routes by precedence;
 * HTTPRoutes and GRPCRoutes share a host.
 */
function mergedVirtualServices(
  routes: readonly AnyRoute[],
  gateways: readonly KubernetesGateway[],
  resources: readonly Resource[],
): VirtualService[] {
  const merged = new Map<
    string,
    { first: AnyRoute; at: Attachment; host: string; rules: HttpRoute[] }
  >();
  for (const route of routes) {
    for (const at of attachments(route, gateways, resources)) {
      const rules = rulesOf(route, resources, at);
      if (!rules || rules.length === 0) continue;
      for (const host of at.hosts) {
        const key = `${at.key}/${host}`;
        const known = merged.get(key);
        if (known) known.rules.push(...rules);
        else merged.set(key, { first: route, at, host, rules: [...rules] });
      }
    }
  }
  return [...merged].map(([key, { first, at, host, rules }]) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: {
      ...first.metadata,
      name: key.replaceAll('/', '~'),
    },
    spec: {
      hosts: [host],
      gateways: [at.gateway],
      http: rules.toSorted(bySpecificity),
      fromGatewayApi: true,
    },
  }));
}

/** Undefined when the route cannot be used at all: a filter that is not known, a backend without port. */
function rulesOf(
  route: AnyRoute,
  resources: readonly Resource[],
  { gateway, port }: Attachment,
): HttpRoute[] | undefined {
  const mesh = gateway === 'mesh';
  const backends = createBackends(route, resources, { grantsNeeded: !mesh });
  const rules: HttpRoute[] = [];
  for (const [ruleIndex, { name, blocks, matched }] of converted(route, backends).entries()) {
    for (const [at, block] of blocks.entries()) {
      if (!block) return undefined;
      const origin = {
        kind: route.kind,
        name: `${route.metadata.namespace}/${route.metadata.name}`,
        ruleIndex,
        matchIndexes: [matched ? at : -1],
        missingStatus: 500,
      };
      rules.push({ ...withPort(block, mesh ? port : undefined), ...(name && { name }), origin });
    }
  }
  return rules.toSorted(bySpecificity);
}

interface ConvertedRule {
  readonly name: string | undefined;
  /** One for each match; undefined where the rule cannot be used. */
  readonly blocks: readonly (HttpRoute | undefined)[];
  /** Whether the rule has matches of its own. */
  readonly matched: boolean;
}

function converted(route: AnyRoute, backends: Backends): ConvertedRule[] {
  const each = <
    Rule extends { readonly name?: string; readonly matches?: readonly Match[] },
    Match,
  >(
    rules: readonly Rule[] | undefined,
    convert: (rule: Rule, match: Match | undefined, backends: Backends) => HttpRoute | undefined,
  ) =>
    (rules ?? []).map((rule) => ({
      name: rule.name,
      matched: Boolean(rule.matches?.length),
      blocks: (rule.matches?.length ? rule.matches : [undefined]).map((match) =>
        convert(rule, match, backends),
      ),
    }));
  return route.kind === 'HTTPRoute'
    ? each(route.spec.rules, convertHttpRule)
    : each(route.spec.rules, convertGrpcRule);
}

function withPort(rule: HttpRoute, port: number | undefined): HttpRoute {
  if (port === undefined) return rule;
  return { ...rule, match: (rule.match ?? [{}]).map((one) => ({ ...one, port })) };
}
