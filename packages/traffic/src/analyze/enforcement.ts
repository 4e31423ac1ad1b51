// Every field of Istio's resources: whether the built-in data plane enforces it. A field stands for all
// that lies in it, unless a longer path says something else; a test sees to it that none is left out.

import { parseDurationMs } from '@clover/model';
import type { Severity } from '../finding.ts';

export interface NotEnforced {
  /** What happens instead. */
  readonly instead: string;
  readonly severity: Severity;
  /** Of values of which only some are not enforced. */
  readonly of?: (value: unknown) => boolean;
}
export type Enforcement = 'enforced' | NotEnforced;

/** Paths such as `http[].match[].headers{}.exact`: `[]` for any item, `{}` for any name. */
type Table = Readonly<Record<string, Enforcement>>;

const not = (instead: string, severity: Severity = 'warning'): NotEnforced => ({
  instead,
  severity,
});
const notWhen = (of: (value: unknown) => boolean, instead: string): NotEnforced => ({
  instead,
  severity: 'warning',
  of,
});
const all = (...paths: readonly string[]): Table =>
  Object.fromEntries(paths.map((path) => [path, 'enforced'] as const));
const under = (prefix: string, table: Table): Table =>
  Object.fromEntries(Object.entries(table).map(([path, one]) => [`${prefix}.${path}`, one]));

/** False for what is none, which validation refuses and `analyze` looks at all the same. */
function isPositiveDuration(value: unknown): boolean {
  try {
    return parseDurationMs(String(value)) > 0;
  } catch {
    return false;
  }
}

const POOL: Table = {
  ...all(
    'tcp.maxConnections',
    'tcp.connectTimeout',
    'tcp.idleTimeout',
    'http.http1MaxPendingRequests',
    'http.http2MaxRequests',
    'http.maxRequestsPerConnection',
    'http.maxRetries',
    'http.idleTimeout',
    'http.h2UpgradePolicy',
  ),
  'tcp.maxConnectionDuration': not('it holds for connections of tcp and tls routes only', 'info'),
  'tcp.tcpKeepalive': not('connections have the system’s own keep-alive'),
  'http.http2KeepAlive': not('no HTTP/2 pings are sent'),
  'http.maxConcurrentStreams': not('the endpoint’s own limit of streams holds'),
  'http.useClientProtocol': not(
    'the port’s protocol and h2UpgradePolicy choose between HTTP/1.1 and HTTP/2',
  ),
};

const PORT_POLICY: Table = {
  ...under('connectionPool', POOL),
  'loadBalancer.simple': notWhen(
    (value) => value === 'PASSTHROUGH',
    'it does not know the address that the client asked for, and takes the endpoint with the least requests',
  ),
  ...all('loadBalancer.consistentHash', 'loadBalancer.warmup', 'loadBalancer.warmupDurationSecs'),
  'loadBalancer.localityLbSetting': not('endpoints of all localities are used alike'),
  'loadBalancer.zoneAwareLbSetting': not('endpoints of all zones are used alike'),
  ...all('outlierDetection', 'tls'),
  'outlierDetection.consecutiveErrors': not('Istio ignores it too: use consecutive5xxErrors'),
  'tls.caCrl': not('revoked certificates are not looked up'),
};

const POLICY: Table = {
  ...PORT_POLICY,
  ...under('portLevelSettings[]', { ...PORT_POLICY, port: 'enforced' }),
  proxyProtocol: not('no PROXY header is sent'),
  tunnel: not('connections are made directly'),
  retryBudget: 'enforced',
  'retryBudget.budgetInterval': notWhen(
    isPositiveDuration,
    'only requests that are under way or wait count',
  ),
};

const SERVER_TLS: Table = {
  ...all(
    'httpsRedirect',
    'serverCertificate',
    'privateKey',
    'caCertificates',
    'credentialName',
    'subjectAltNames',
    'minProtocolVersion',
    'maxProtocolVersion',
    'cipherSuites',
  ),
  mode: notWhen(
    (value) => value === 'AUTO_PASSTHROUGH',
    'connections go where tls routes send them, as with PASSTHROUGH',
  ),
  caCertCredentialName: not('clients are checked with the authority in credentialName'),
  caCrl: not('revoked certificates are not looked up'),
  credentialNames: not('only credentialName is looked at, so this server has no certificate'),
  tlsCertificates: not(
    'only serverCertificate and privateKey are looked at, so this server has no certificate',
  ),
  insecureSkipVerify: not('clients’ certificates are checked all the same'),
  verifyCertificateHash: not('certificates are not compared with it'),
  verifyCertificateSpki: not('keys are not compared with it'),
};

const ENDPOINT: Table = {
  ...all('labels', 'ports', 'serviceAccount', 'weight'),
  address: notWhen(
    (value) => String(value).startsWith('unix:'),
    'an endpoint behind a Unix socket is not used',
  ),
  locality: not('endpoints of all places are used alike', 'info'),
  network: not('endpoints of all places are used alike', 'info'),
};

const TCP_MATCH = ['destinationSubnets', 'gateways', 'port', 'sourceLabels', 'sourceNamespace'];

export const ENFORCEMENT: Readonly<Record<string, Table>> = {
  VirtualService: {
    ...all('exportTo', 'gateways', 'hosts', 'http[]'),
    'http[].match[].statPrefix': not('metrics have the route’s own names', 'info'),
    'http[].retries.retryIgnorePreviousHosts': notWhen(
      (value) => value === false,
      'a retry avoids endpoints that failed',
    ),
    'http[].retries.retryRemoteLocalities': not('endpoints of all localities are used alike'),
    ...all(...TCP_MATCH.map((one) => `tcp[].match[].${one}`), 'tcp[].route', 'tls[].route'),
    'tcp[].match[].sourceSubnet': not('Istio ignores it too'),
    ...all(...TCP_MATCH.map((one) => `tls[].match[].${one}`), 'tls[].match[].sniHosts'),
  },
  DestinationRule: {
    ...all('host', 'exportTo', 'workloadSelector', 'subsets[].name', 'subsets[].labels'),
    ...under('trafficPolicy', POLICY),
    ...under('subsets[].trafficPolicy', POLICY),
  },
  Gateway: {
    ...all('selector', 'servers[].hosts', 'servers[].name', 'servers[].port'),
    'servers[].bind': not('the listener has the gateway’s own address'),
    'servers[].defaultEndpoint': not('requests go where VirtualServices send them'),
    ...under('servers[].tls', SERVER_TLS),
  },
  ServiceEntry: {
    ...all(
      'addresses',
      'exportTo',
      'hosts',
      'location',
      'ports',
      'subjectAltNames',
      'workloadSelector',
    ),
    resolution: notWhen(
      (value) => value === 'DYNAMIC_DNS',
      'each name is looked up when it is asked for, without the settings of a cluster',
    ),
    ...under('endpoints[]', ENDPOINT),
  },
  WorkloadEntry: ENDPOINT,
  Sidecar: {
    ...all('workloadSelector', 'egress[].hosts', 'outboundTrafficPolicy.mode'),
    'egress[].port': not('a listener of its own is not made, and its hosts are left out'),
    'egress[].bind': not('listeners have the workload’s own address'),
    'egress[].captureMode': not('requests are taken at the workload’s listeners only'),
    ingress: not('requests are taken at the workload’s ports'),
    inboundConnectionPool: not('what comes in has no limits of its own'),
    'outboundTrafficPolicy.egressProxy': not('requests to unknown hosts go there directly'),
  },
  Service: {
    ...all('ports[]', 'selector', 'clusterIP', 'clusterIPs'),
    type: notWhen(
      (value) => value === 'ExternalName',
      'the name is not looked up, so it has no endpoints',
    ),
    externalName: not('the name is not looked up, so it has no endpoints'),
    sessionAffinity: notWhen(
      (value) => value === 'ClientIP',
      'a DestinationRule with consistentHash: {useSourceIp: true} does it',
    ),
    externalIPs: not('they lead nowhere here', 'info'),
    ...all(...FOR_KUBERNETES()),
  },
};

/** What a Service says to Kubernetes about the cluster's own ways in, and has no meaning to a mesh. */
function FOR_KUBERNETES(): string[] {
  return [
    'sessionAffinityConfig',
    'loadBalancerIP',
    'loadBalancerClass',
    'loadBalancerSourceRanges',
    'allocateLoadBalancerNodePorts',
    'externalTrafficPolicy',
    'internalTrafficPolicy',
    'trafficDistribution',
    'healthCheckNodePort',
    'publishNotReadyAddresses',
    'ipFamilies',
    'ipFamilyPolicy',
  ];
}
