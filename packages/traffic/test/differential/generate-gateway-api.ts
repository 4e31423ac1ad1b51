// Random resources of Gateway API for a table: a Gateway with listeners, HTTPRoutes and GRPCRoutes on it and in the mesh.

import type { Plain } from './generate-table.ts';
import type { Random } from './random.ts';
import { CALLS, GATEWAY_PORT, HEADER_NAMES, ORIGINS, PATHS, PORTS, URI_REGEXES } from './world.ts';

const GROUP = 'gateway.networking.k8s.io/v1';
const NAMESPACES = ['default', 'other'];

export interface GatewayApiWorld {
  readonly random: Random;
  readonly t: string;
  readonly services: readonly Plain[];
}

export function generateGatewayApi(world: GatewayApiWorld): {
  resources: Plain[];
  hosts: string[];
} {
  const { random, t } = world;
  const domain = `${t}.g.test`;
  const listeners = random.pick([
    [listener(random, 'all', `*.${domain}`)],
    [listener(random, 'all', `*.${domain}`), listener(random, 'one', `one.${domain}`)],
    [listener(random, 'deep', `*.deep.${domain}`), listener(random, 'all', `*.${domain}`)],
  ]);
  const gateway: Plain = {
    apiVersion: GROUP,
    kind: 'Gateway',
    metadata: { name: `k-${t}`, namespace: 'default' },
    spec: {
      gatewayClassName: 'istio',
      addresses: [{ type: 'Hostname', value: 'gw.default.svc.cluster.local' }],
      listeners,
    },
  };
  const hosts = [`one.${domain}`, `two.${domain}`, `x.deep.${domain}`, `*.${domain}`];
  const routes = Array.from({ length: 1 + random.below(3) }, (_, index) =>
    route(
      world,
      index,
      hosts,
      listeners.map((one) => one.name),
    ),
  );
  const mesh = routes.some((one) => (one.spec['parentRefs'] as { kind?: string }[])[0]!.kind);
  const asked = mesh ? world.services.map((one) => (one.spec['hosts'] as string[])[0]!) : [];
  return {
    resources: [gateway, ...routes],
    hosts: [...hosts.map((one) => one.replace('*', 'any')), ...asked],
  };
}

function listener(random: Random, name: string, hostname: string) {
  const from = random.pick(['All', 'All', 'Same']);
  return {
    name,
    hostname,
    port: GATEWAY_PORT,
    protocol: 'HTTP',
    ...(random.chance(0.9) && { allowedRoutes: { namespaces: { from } } }),
  };
}

function route(
  world: GatewayApiWorld,
  index: number,
  hosts: readonly string[],
  sections: readonly string[],
): Plain {
  const { random, t, services } = world;
  const namespace = random.chance(0.8) ? 'default' : random.pick(NAMESPACES);
  const mesh = random.chance(0.3);
  const service = random.pick(services).metadata;
  const parent = mesh
    ? {
        group: 'networking.istio.io',
        kind: 'ServiceEntry',
        name: service.name,
        namespace: service.namespace,
        ...(random.chance(0.3) && { port: random.pick(PORTS) }),
      }
    : {
        name: `k-${t}`,
        namespace: 'default',
        ...(random.chance(0.2) && { sectionName: random.pick(sections) }),
        ...(random.chance(0.2) && { port: random.pick([GATEWAY_PORT, 80]) }),
      };
  const grpc = random.chance(0.25);
  return {
    apiVersion: GROUP,
    kind: grpc ? 'GRPCRoute' : 'HTTPRoute',
    metadata: { name: `k-${t}-${index}`, namespace },
    spec: {
      parentRefs: [parent],
      ...(random.chance(0.85) && { hostnames: random.some(hosts, 1 + random.below(2)) }),
      rules: Array.from({ length: 1 + random.below(4) }, () =>
        grpc ? grpcRule(world) : rule(world),
      ),
    },
  };
}

function rule(world: GatewayApiWorld): Record<string, unknown> {
  const { random } = world;
  const kind = random.below(8);
  const matches = Array.from({ length: random.pick([0, 1, 1, 2]) }, () => match(random));
  const base = { ...(matches.length > 0 && { matches }) };
  const prefixed =
    matches.length === 1 &&
    matches.every((one) => (one['path'] as { type?: string } | undefined)?.type === 'PathPrefix');
  if (kind === 0) {
    return {
      ...base,
      filters: [{ type: 'RequestRedirect', requestRedirect: redirect(random, prefixed) }],
    };
  }
  const filters = [
    ...(random.chance(0.3)
      ? [{ type: 'RequestHeaderModifier', requestHeaderModifier: headers(random) }]
      : []),
    ...(random.chance(0.3)
      ? [{ type: 'ResponseHeaderModifier', responseHeaderModifier: headers(random) }]
      : []),
    ...(random.chance(0.25) ? [{ type: 'URLRewrite', urlRewrite: rewrite(random, prefixed) }] : []),
    ...(random.chance(0.15) ? [{ type: 'CORS', cors: cors(random) }] : []),
  ];
  const backendRefs = Array.from({ length: random.pick([0, 1, 1, 1, 2, 3]) }, () => backend(world));
  return {
    ...base,
    ...(filters.length > 0 && { filters }),
    ...(backendRefs.length > 0 && { backendRefs }),
    ...(random.chance(0.2) && {
      timeouts: random.pick<object>([
        { request: '5s' },
        { request: '0s' },
        { backendRequest: '4s' },
      ]),
    }),
  };
}

function grpcRule(world: GatewayApiWorld): Record<string, unknown> {
  const { random } = world;
  const matches = Array.from({ length: random.pick([0, 1, 1, 2]) }, () => ({
    ...(random.chance(0.85) && { method: callMatch(random) }),
    ...(random.chance(0.3) && { headers: headerMatches(random) }),
  }));
  const filters = [
    ...(random.chance(0.3)
      ? [{ type: 'RequestHeaderModifier', requestHeaderModifier: headers(random) }]
      : []),
    ...(random.chance(0.3)
      ? [{ type: 'ResponseHeaderModifier', responseHeaderModifier: headers(random) }]
      : []),
  ];
  const backendRefs = Array.from({ length: random.pick([0, 1, 1, 2]) }, () => backend(world));
  return {
    ...(matches.length > 0 && { matches }),
    ...(filters.length > 0 && { filters }),
    ...(backendRefs.length > 0 && { backendRefs }),
  };
}

function callMatch(random: Random): Record<string, unknown> {
  const [, service, method] = random.pick(CALLS).split('/');
  return random.pick<object>([
    { service },
    { service, method },
    { type: 'Exact', service, method },
    { type: 'Exact', method },
    { type: 'RegularExpression', service: 'shop\\..+', method: 'G.*' },
    { type: 'RegularExpression', service },
    { type: 'RegularExpression', method: '[GL].+' },
  ]) as Record<string, unknown>;
}

function headerMatches(random: Random): unknown[] {
  return [
    {
      name: random.pick(HEADER_NAMES),
      ...random.pick<object>([
        { value: 'one' },
        { type: 'RegularExpression', value: 'o.*' },
        { type: 'Exact', value: '1' },
      ]),
    },
  ];
}

function match(random: Random): Record<string, unknown> {
  const path = random.pick<object>([
    { type: 'Exact', value: random.pick(['/a', '/a/b', '/login', '/']) },
    {
      type: 'PathPrefix',
      value: random.pick(PATHS.filter((one) => /^\/[\w/]*$/.test(one) && !one.includes('//'))),
    },
    { type: 'PathPrefix', value: random.pick(['/a', '/a/', '/v1', '/']) },
    { type: 'RegularExpression', value: random.pick(URI_REGEXES) },
  ]);
  return {
    ...(random.chance(0.85) && { path }),
    ...(random.chance(0.25) && { headers: headerMatches(random) }),
    ...(random.chance(0.2) && { queryParams: [{ name: 'q', value: '1' }] }),
    ...(random.chance(0.2) && { method: random.pick(['GET', 'POST']) }),
  };
}

function backend({ random, services }: GatewayApiWorld): Record<string, unknown> {
  const name = random.chance(0.9)
    ? (random.pick(services).spec['hosts'] as string[])[0]!
    : 'nobody.default.svc.cluster.local';
  return {
    ...(random.chance(0.95)
      ? { group: 'networking.istio.io', kind: 'Hostname', name }
      : { name: 'nobody', namespace: random.pick(NAMESPACES) }),
    port: random.pick([PORTS[0], PORTS[0], PORTS[1]]),
    ...(random.chance(0.5) && { weight: random.pick([0, 1, 9]) }),
    ...(random.chance(0.2) && {
      filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: headers(random) }],
    }),
  };
}

function headers(random: Random): Record<string, unknown> {
  return {
    ...(random.chance(0.5) && { set: [{ name: random.pick(['x-a', 'X-New']), value: 'set' }] }),
    ...(random.chance(0.4) && { add: [{ name: random.pick(['x-a', 'x-add']), value: 'added' }] }),
    ...(random.chance(0.3) && { remove: [random.pick(['x-a', 'X-B'])] }),
  };
}

function rewrite(random: Random, prefixed: boolean): Record<string, unknown> {
  return {
    ...(random.chance(0.4) && { hostname: 'new.test' }),
    ...(random.chance(0.8) && {
      path:
        prefixed && random.chance(0.7)
          ? {
              type: 'ReplacePrefixMatch',
              replacePrefixMatch: random.pick(['/', '/new', '/new/', '/n/m']),
            }
          : { type: 'ReplaceFullPath', replaceFullPath: '/full' },
    }),
  };
}

function redirect(random: Random, prefixed: boolean): Record<string, unknown> {
  return {
    ...(random.chance(0.4) && { scheme: random.pick(['http', 'https']) }),
    ...(random.chance(0.4) && { hostname: 'moved.test' }),
    ...(random.chance(0.4) && { port: random.pick([80, 443, 8443]) }),
    ...(random.chance(0.5) && { statusCode: random.pick([301, 302]) }),
    ...(random.chance(0.6) && {
      path:
        prefixed && random.chance(0.6)
          ? { type: 'ReplacePrefixMatch', replacePrefixMatch: random.pick(['/moved', '/']) }
          : { type: 'ReplaceFullPath', replaceFullPath: '/moved' },
    }),
  };
}

function cors(random: Random): Record<string, unknown> {
  return {
    allowOrigins: random.pick([[ORIGINS[0]], ['https://*'], ['*'], ['https://*.test', ORIGINS[2]]]),
    ...(random.chance(0.5) && { allowMethods: ['GET', 'PUT'] }),
    ...(random.chance(0.5) && { allowHeaders: ['x-a'] }),
    ...(random.chance(0.3) && { exposeHeaders: ['x-up'] }),
    ...(random.chance(0.5) && { maxAge: 60 }),
  };
}
