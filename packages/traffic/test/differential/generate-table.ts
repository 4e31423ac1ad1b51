// A random table: services with subsets and the VirtualServices, delegates, gateways and rules about
// them. Only what Istio's validation accepts, as a refused file says nothing about routing.

import { generateGatewayApi } from './generate-gateway-api.ts';
import type { Random } from './random.ts';
import {
  GATEWAY_PORT,
  HEADER_NAMES,
  HEADER_REGEXES,
  HEADER_VALUES,
  ORIGINS,
  PATHS,
  PORTS,
  UPSTREAM_PORTS,
  URI_REGEXES,
} from './world.ts';

/** As it is sent to the API server. */
export interface Plain {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: Record<string, unknown>;
}

export interface Table {
  readonly resources: readonly Plain[];
  /** Hosts that requests should ask for. */
  readonly hosts: readonly string[];
}

const ISTIO = 'networking.istio.io/v1';
const NAMESPACES = ['default', 'other'];
const SUBSETS = ['v1', 'v2'];

export interface GenerateOptions {
  /** Whether resources of Gateway API may stand in it. */
  readonly gatewayApi: boolean;
}

export function generateTable(random: Random, number: number, options: GenerateOptions): Table {
  const t = `t${number}`;
  const names = ['a', 'b', 'c'].map((name) => `${name}-${t}`);
  const services = names.map((name, index) => service(random, name, index));
  const fqdns = services.map((one) => (one.spec['hosts'] as string[])[0]!);
  const rules = services.flatMap((one, index) => destinationRules(random, one, fqdns[index]!));
  const gateway = gatewayOf(random, t);
  const world: World = { random, t, names, fqdns };
  const delegates = random.chance(0.4) ? [delegate(world, 'x'), delegate(world, 'y')] : [];
  const virtualServices = Array.from({ length: 1 + random.below(4) }, (_, index) =>
    virtualService(world, index, delegates),
  );
  const asked = virtualServices.flatMap((one) => one.spec['hosts'] as string[]);
  const more =
    options.gatewayApi && random.chance(0.5)
      ? generateGatewayApi({ random, t, services })
      : { resources: [], hosts: [] };
  const hosts = [...asked.map((one) => one.replace(/^\*/, 'any')), ...fqdns, ...names];
  return {
    resources: [
      ...services,
      ...rules,
      gateway,
      ...delegates,
      ...virtualServices,
      ...more.resources,
    ],
    hosts: [...new Set([...hosts, ...more.hosts])],
  };
}

interface World {
  readonly random: Random;
  readonly t: string;
  readonly names: readonly string[];
  readonly fqdns: readonly string[];
}

const plain = (
  kind: string,
  name: string,
  namespace: string,
  spec: Record<string, unknown>,
): Plain => ({ apiVersion: ISTIO, kind, metadata: { name, namespace }, spec });

function service(random: Random, name: string, index: number): Plain {
  const namespace = index === 2 && random.chance(0.5) ? 'other' : 'default';
  const ports = random.chance(0.25) ? PORTS : random.chance(0.15) ? [PORTS[1]] : [PORTS[0]];
  return plain('ServiceEntry', name, namespace, {
    hosts: [`${name}.${namespace}.svc.cluster.local`],
    location: 'MESH_INTERNAL',
    resolution: 'STATIC',
    ports: ports.map((number) => ({ number, name: `http-${number}`, protocol: 'HTTP' })),
    endpoints: SUBSETS.map((version, subset) => ({
      address: '127.0.0.1',
      ports: Object.fromEntries(
        ports.map((number, at) => [`http-${number}`, UPSTREAM_PORTS[index * 4 + subset * 2 + at]]),
      ),
      labels: { version },
    })),
    ...(random.chance(0.1) && { exportTo: [random.pick(['.', '*'])] }),
  });
}

function destinationRules(random: Random, { metadata }: Plain, host: string): Plain[] {
  if (random.chance(0.1)) return [];
  const subsets = random.chance(0.1) ? SUBSETS.slice(0, 1) : SUBSETS;
  const spec = (list: readonly string[]) => {
    const exportTo = random.chance(0.1) && random.pick(['.', '*']);
    return {
      host,
      subsets: list.map((name) => ({ name, labels: { version: name } })),
      ...(exportTo && { exportTo: [exportTo] }),
      // A rule for chosen workloads may hold in its own namespace only.
      ...(exportTo !== '*' &&
        random.chance(0.06) && {
          workloadSelector: { matchLabels: { app: random.pick(['sleep', 'other']) } },
        }),
    };
  };
  const { name } = metadata;
  const home = random.chance(0.85)
    ? metadata.namespace
    : random.pick([...NAMESPACES, 'istio-system']);
  if (random.chance(0.3)) {
    // Two halves, sometimes in two namespaces, of which only one counts.
    const away = random.chance(0.7) ? home : random.pick(NAMESPACES);
    return [
      plain('DestinationRule', `${name}-1`, home, spec(['v1'])),
      plain('DestinationRule', `${name}-2`, away, spec(['v2'])),
    ];
  }
  return [plain('DestinationRule', name, home, spec(subsets))];
}

function gatewayOf(random: Random, t: string): Plain {
  const hosts = random.pick([
    [`*.${t}.test`],
    [`*.${t}.test`, `x.${t}.test`],
    [`x.${t}.test`, `y.${t}.test`, `*.z.${t}.test`],
    [`./*.${t}.test`],
    [`*/*.${t}.test`],
    [`other/*.${t}.test`, `x.${t}.test`],
  ]);
  return plain('Gateway', t, 'default', {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: GATEWAY_PORT, name: 'http', protocol: 'HTTP' }, hosts }],
  });
}

function virtualService(world: World, index: number, delegates: readonly Plain[]): Plain {
  const { random, t } = world;
  const namespace = random.chance(0.85) ? 'default' : 'other';
  const gateways = random.pick<string[] | undefined>([
    undefined,
    ['mesh'],
    [`default/${t}`],
    [`default/${t}`],
    [`default/${t}`, 'mesh'],
  ]);
  const inMesh = !gateways || gateways.includes('mesh');
  const pool = [
    ...(inMesh ? world.fqdns : []),
    ...(inMesh && namespace === 'default' ? world.names.slice(0, 2) : []),
    ...(gateways
      ? [`x.${t}.test`, `y.${t}.test`, `*.${t}.test`, `q.z.${t}.test`, `*.z.${t}.test`]
      : []),
    ...(inMesh && gateways === undefined ? [`*.${t}.mesh`] : []),
  ];
  const chosen = random.some(pool, 1 + random.below(3));
  // A short name and its long form are one host, which may stand only once.
  const long = (host: string) => (host.includes('.') ? host : `${host}.default.svc.cluster.local`);
  const hosts = chosen.filter(
    (host, at) => !chosen.slice(0, at).some((other) => overlaps(long(other), long(host))),
  );
  const count = 1 + random.below(5);
  return plain('VirtualService', `${t}-${index}`, namespace, {
    hosts,
    ...(gateways && { gateways }),
    http: Array.from({ length: count }, (_, at) =>
      rule(world, at, { namespace, gateways, delegates, last: at === count - 1 }),
    ),
    ...(random.chance(0.08) && { exportTo: [random.pick(['.', '*', 'default'])] }),
  });
}

function overlaps(a: string, b: string): boolean {
  const covers = (wide: string, narrow: string) =>
    wide === narrow || (wide.startsWith('*') && narrow.endsWith(wide.slice(1)));
  return covers(a, b) || covers(b, a);
}

interface Place {
  readonly namespace: string;
  readonly gateways: readonly string[] | undefined;
  readonly delegates: readonly Plain[];
  readonly last: boolean;
}

function delegate(world: World, name: string): Plain {
  const { random, t } = world;
  const namespace = random.pick(NAMESPACES);
  return plain('VirtualService', `${t}-delegate-${name}`, namespace, {
    http: Array.from({ length: 1 + random.below(3) }, (_, at) =>
      rule(world, at, { namespace, gateways: undefined, delegates: [], last: false }),
    ),
  });
}

function rule(world: World, at: number, place: Place): Record<string, unknown> {
  const { random } = world;
  const blocks = place.last && random.chance(0.5) ? 0 : random.pick([0, 1, 1, 1, 1, 2, 3]);
  const match = Array.from({ length: at === 0 && blocks === 0 ? 1 : blocks }, () =>
    matchBlock(world, place),
  );
  const base = {
    ...(random.chance(0.5) && { name: `r${at}` }),
    ...(match.length > 0 && { match }),
  };
  if (place.delegates.length > 0 && random.chance(0.3)) {
    const to = random.pick(place.delegates).metadata;
    return {
      ...base,
      delegate: { name: to.name, namespace: to.namespace },
      ...(random.chance(0.3) && { headers: headers(random) }),
      ...(random.chance(0.2) && { rewrite: { uri: '/root' } }),
    };
  }
  const kind = random.below(10);
  if (kind === 0) {
    return {
      ...base,
      redirect: redirect(random),
      ...(random.chance(0.4) && { headers: headers(random) }),
    };
  }
  if (kind === 1) {
    const status = random.pick([200, 204, 403, 404, 503]);
    // Envoy sends a body with 204 if it is told to, which no client can read.
    const body = random.pick<object>([{ string: 'said' }, { bytes: 'c2FpZA==' }]);
    return {
      ...base,
      directResponse: { status, ...(status !== 204 && random.chance(0.7) && { body }) },
      ...(random.chance(0.4) && { headers: headers(random) }),
    };
  }
  const rewritten = random.chance(0.3) && rewrite(random);
  return {
    ...base,
    route: destinations(world),
    ...(rewritten && { rewrite: rewritten }),
    // The authority may be set in one place only.
    ...(random.chance(0.3) && { headers: headers(random, { host: !rewritten }) }),
    ...(random.chance(0.15) && { fault: fault(random) }),
    ...(random.chance(0.2) && { timeout: random.pick(['5s', '30s']) }),
    ...(random.chance(0.15) && { retries: retries(random) }),
    ...(random.chance(0.15) && { corsPolicy: cors(random) }),
  };
}

function matchBlock({ random, names }: World, { gateways }: Place): Record<string, unknown> {
  const block: Record<string, unknown> = {};
  if (random.chance(0.7)) {
    block['uri'] = random.pick([
      { exact: random.pick(PATHS) },
      { prefix: random.pick(PATHS) },
      { prefix: random.pick(PATHS) },
      { regex: random.pick(URI_REGEXES) },
    ]);
    if (random.chance(0.2)) block['ignoreUriCase'] = true;
  }
  if (random.chance(0.15))
    block['method'] = random.pick([{ exact: 'GET' }, { exact: 'POST' }, { regex: 'P.*' }]);
  if (random.chance(0.06)) block['scheme'] = { exact: random.pick(['http', 'https']) };
  if (random.chance(0.08))
    block['authority'] = random.pick([
      { prefix: names[0]! },
      { regex: '.*test.*' },
      { prefix: 'x.' },
    ]);
  if (random.chance(0.25)) block['headers'] = { [random.pick(HEADER_NAMES)]: text(random) };
  if (random.chance(0.12)) block['withoutHeaders'] = { [random.pick(HEADER_NAMES)]: text(random) };
  if (random.chance(0.15)) block['queryParams'] = { [random.pick(['q', 'r'])]: queryText(random) };
  if (random.chance(0.08)) block['port'] = random.pick([...PORTS, GATEWAY_PORT]);
  if (random.chance(0.06) && gateways) block['gateways'] = [random.pick(gateways)];
  if (random.chance(0.06))
    block['sourceLabels'] = random.pick([{ app: 'sleep' }, { app: 'other' }, { version: 'v1' }]);
  if (random.chance(0.05)) block['sourceNamespace'] = random.pick(NAMESPACES);
  if (Object.keys(block).length === 0) block['uri'] = { prefix: '/' };
  return block;
}

function text(random: Random): Record<string, string> {
  const value = random.pick(HEADER_VALUES) || '1';
  return random.pick<Record<string, string>>([
    { exact: value },
    { prefix: value.slice(0, 2) },
    { regex: random.pick(HEADER_REGEXES) },
    {},
  ]);
}

function queryText(random: Random): Record<string, string> {
  return random.pick<Record<string, string>>([
    { exact: random.pick(['1', '', 'x']) },
    { prefix: '1' },
    { regex: random.pick(['\\d+$', '.*', '1|2']) },
    {},
  ]);
}

function destinations({ random, names, fqdns }: World): unknown[] {
  const count = random.pick([1, 1, 1, 2, 3]);
  const list = Array.from({ length: count }, (_, index) => ({
    destination: {
      host: random.pick([...fqdns, names[0], names[1], ...(random.chance(0.1) ? ['nowhere'] : [])]),
      ...(random.chance(0.6) && { subset: random.chance(0.95) ? random.pick(SUBSETS) : 'v9' }),
      ...(random.chance(0.3) && { port: { number: random.pick(PORTS) } }),
    },
    // At least one has a weight, and a lone one may have any.
    ...((count > 1 || random.chance(0.3)) && {
      weight: index === 0 ? random.pick([1, 50, 100]) : random.pick([0, 0, 1, 50]),
    }),
    ...(random.chance(0.2) && { headers: headers(random) }),
  }));
  return list;
}

function headers(random: Random, may: { host: boolean } = { host: true }): Record<string, unknown> {
  const side = () => ({
    ...(random.chance(0.5) && {
      set: { [random.pick(['x-a', 'X-New', 'x-b'])]: random.pick(['set', 'set too', '100%%']) },
    }),
    ...(random.chance(0.4) && { add: { [random.pick(['x-a', 'x-add'])]: 'added' } }),
    ...(random.chance(0.3) && { remove: [random.pick(['x-a', 'X-B', 'x-up'])] }),
  });
  const request: Record<string, unknown> = side();
  if (random.chance(0.1) && may.host) request['set'] = { host: 'set.test' };
  return {
    ...(random.chance(0.7) && { request }),
    ...(random.chance(0.6) && { response: side() }),
  };
}

function rewrite(random: Random): Record<string, unknown> {
  return random.pick<Record<string, unknown>>([
    { uri: '/new' },
    { uri: '/' },
    { uri: '/new/' },
    { authority: 'new.test' },
    { uri: '/both', authority: 'both.test' },
    { uriRegexRewrite: { match: '^/([a-z]+)/(.*)$', rewrite: '/\\2/\\1' } },
    { uriRegexRewrite: { match: 'a', rewrite: 'o' } },
    { uriRegexRewrite: { match: '/v([0-9]+)', rewrite: '/version/\\1' } },
  ]);
}

function redirect(random: Random): Record<string, unknown> {
  const uri = random.chance(0.6);
  return {
    ...(uri && random.pick<object>([{ uri: '/moved' }, { uri: '/moved?x=1' }])),
    // What leads to the same place is refused.
    ...((!uri || random.chance(0.4)) && {
      authority: random.pick(['moved.test', 'moved.test:8080']),
    }),
    ...(random.chance(0.3) && { scheme: 'https' }),
    ...(random.chance(0.4) &&
      random.pick<object>([
        { port: 8443 },
        { port: 443 },
        { port: 80 },
        { derivePort: 'FROM_REQUEST_PORT' },
        { derivePort: 'FROM_PROTOCOL_DEFAULT' },
      ])),
    ...(random.chance(0.5) && { redirectCode: random.pick([301, 302, 303, 307, 308]) }),
  };
}

function retries(random: Random): Record<string, unknown> {
  const attempts = random.below(3);
  return { attempts, ...(attempts > 0 && { perTryTimeout: '4s' }) };
}

function fault(random: Random): Record<string, unknown> {
  const percentage = () =>
    random.pick<object>([{ percentage: { value: 100 } }, { percentage: { value: 0 } }, {}]);
  return {
    ...(random.chance(0.4) && { delay: { fixedDelay: '1ms', ...percentage() } }),
    abort: { httpStatus: random.pick([400, 418, 500, 503]), ...percentage() },
  };
}

function cors(random: Random): Record<string, unknown> {
  return {
    allowOrigins: random.pick<object[]>([
      [{ exact: ORIGINS[0] }],
      [{ prefix: 'https://' }],
      [{ regex: 'https://[ab].test' }, { exact: ORIGINS[2] }],
    ]),
    ...(random.chance(0.7) && { allowMethods: ['GET', 'PUT'] }),
    ...(random.chance(0.5) && { allowHeaders: ['x-a', 'x-b'] }),
    ...(random.chance(0.4) && { exposeHeaders: ['x-up'] }),
    ...(random.chance(0.4) && { maxAge: '90s' }),
    ...(random.chance(0.4) && { allowCredentials: random.chance(0.5) }),
    ...(random.chance(0.5) && { unmatchedPreflights: random.pick(['FORWARD', 'IGNORE']) }),
  };
}
