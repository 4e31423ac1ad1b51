import type { EndpointTable, ServiceConfig } from './config.ts';

const ROLES: Readonly<Record<string, ServiceConfig['role']>> = {
  'proxy-access-control': 'proxy',
  'http-lb': 'lb',
  'clover-server': 'server',
  'snort-ids': 'observer',
  clients: 'clients',
};

/**
 * One service from environment variables, for running it alone: CLOVER_SERVICE is its name
 * (`http-lb`, `clover-server3`, …), the rest has defaults; see the package's README.
 * Throws an Error that names the variable at fault.
 */
export function configFromEnv(env: NodeJS.ProcessEnv): ServiceConfig {
  const name = env['CLOVER_SERVICE'] ?? '';
  const role = ROLES[name] ?? ROLES[name.replace(/\d+$/, '')];
  if (role === undefined)
    throw new Error(`CLOVER_SERVICE="${name}" is none of ${Object.keys(ROLES).join(', ')}`);
  const version = env['SERVICE_VERSION'] ?? 'v1';
  const base = {
    name,
    version,
    instance: env['HOSTNAME'] ?? `${name}-${version}-0`,
    namespace: env['SERVICE_NAMESPACE'] ?? 'default',
    host: env['HOST'] ?? '0.0.0.0',
    port: number(env, 'PORT', role === 'observer' ? 80 : 9180),
    adminPort: number(env, 'ADMIN_PORT', 15090),
    controlPort: number(env, 'CONTROL_PORT', role === 'observer' ? 50052 : 50054),
    // Whoever reaches it may change the service: it is opened on purpose.
    controlHost: env['CONTROL_HOST'] ?? '127.0.0.1',
    inMesh: env['IN_MESH'] === 'true',
    otlpHttpUrl: env['OTEL_EXPORTER_OTLP_ENDPOINT'],
  };
  const endpoints: EndpointTable = {};
  const named = { serverName: env['SERVER_NAME'] ?? name, serverPort: base.port };
  const timeoutMs = number(env, 'TIMEOUT_MS', 1000);
  switch (role) {
    case 'proxy':
      return {
        ...base,
        ...named,
        role,
        locationPath: env['LOCATION_PATH'] ?? '/',
        proxyPath: env['PROXY_PATH'] ?? 'http://http-lb:9180',
        // In a mesh the copies are the mesh's, unless they are asked for.
        mirrorPath: env['MIRROR_PATH'] ?? (base.inMesh ? undefined : 'http://snort-ids:80'),
        denyPaths: list(env['DENY_PATHS'] ?? '/admin'),
        timeoutMs,
        endpoints,
      };
    case 'lb':
      return {
        ...base,
        ...named,
        role,
        lbPath: env['LB_PATH'] ?? '/',
        slbList: list(env['SLB_LIST'] ?? 'http://clover-server1:9180'),
        slbGroup: env['SLB_GROUP'] ?? 'cloverlb',
        timeoutMs,
        retries: number(env, 'RETRIES', 0),
        endpoints,
      };
    case 'server':
      return {
        ...base,
        ...named,
        role,
        siteRoot: env['SITE_ROOT'],
        siteIndex: env['SITE_INDEX'] ?? 'index.html',
        locations: [],
        uploadPathConfig: env['UPLOAD_PATH_CONFIG'] ?? '/uploads/',
        uploadPathTest: env['UPLOAD_PATH_TEST'] ?? '/upload-test',
        behaviour: {
          medianMs: number(env, 'MEDIAN_MS', 4),
          sigma: 0.5,
          errorRatio: number(env, 'ERROR_RATIO', 0.003),
          stallRatio: 0,
          stallMs: 0,
          restartEveryMs: 0,
          restartForMs: 0,
        },
      };
    case 'observer':
      return {
        ...base,
        role,
        rules: DEFAULT_RULES,
        variables: env['HOME_NET'] === undefined ? {} : { HOME_NET: env['HOME_NET'] },
        destinationPort: number(env, 'DESTINATION_PORT', 80),
        alertsTo: env['ALERTS_TO'] ?? 'proxy-access-control:50054',
      };
    case 'clients':
      return {
        ...base,
        role,
        target: env['TARGET'] ?? 'http://proxy-access-control:9180',
        hostHeader: env['TARGET_HOST'],
        ratePerSecond: number(env, 'RATE', 40),
        maxInFlight: 64,
      };
  }
}

/** The original's demo rule: a visit of the scanner asafaweb.com. */
export const DEFAULT_RULES =
  'alert tcp any any -> $HOME_NET any (msg:"MALWARE-CNC User-Agent ASafaWeb Scan"; content:"asafaweb.com"; sid:10000003; rev:1;)\n';

function number(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const value = env[name] === undefined ? fallback : Number(env[name]);
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name}="${env[name]}" is no number`);
  return value;
}

function list(text: string): string[] {
  return text.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()]));
}
