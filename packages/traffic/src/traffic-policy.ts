// A DestinationRule's trafficPolicy as it stands in the file; reading has checked its form.

export interface ConnectionPoolSpec {
  readonly tcp?: {
    readonly maxConnections?: number;
    readonly connectTimeout?: string;
    readonly idleTimeout?: string;
    readonly maxConnectionDuration?: string;
    readonly tcpKeepalive?: {
      readonly probes?: number;
      readonly time?: string;
      readonly interval?: string;
    };
  };
  readonly http?: {
    readonly http1MaxPendingRequests?: number;
    readonly http2MaxRequests?: number;
    readonly maxRequestsPerConnection?: number;
    readonly maxRetries?: number;
    readonly idleTimeout?: string;
    readonly h2UpgradePolicy?: 'DEFAULT' | 'DO_NOT_UPGRADE' | 'UPGRADE';
    readonly useClientProtocol?: boolean;
    readonly maxConcurrentStreams?: number;
    readonly http2KeepAlive?: unknown;
  };
}

export interface ConsistentHashSpec {
  readonly httpHeaderName?: string;
  readonly httpCookie?: {
    readonly name: string;
    readonly path?: string;
    readonly ttl?: string;
    readonly attributes?: readonly { readonly name: string; readonly value?: string }[];
  };
  readonly useSourceIp?: boolean;
  readonly httpQueryParameterName?: string;
  readonly ringHash?: { readonly minimumRingSize?: number };
  readonly maglev?: { readonly tableSize?: number };
  readonly minimumRingSize?: number;
}

export interface LoadBalancerSpec {
  readonly simple?:
    | 'UNSPECIFIED'
    | 'LEAST_CONN'
    | 'RANDOM'
    | 'PASSTHROUGH'
    | 'ROUND_ROBIN'
    | 'LEAST_REQUEST';
  readonly consistentHash?: ConsistentHashSpec;
  readonly warmupDurationSecs?: string;
  readonly warmup?: {
    readonly duration: string;
    readonly aggression?: number | null;
    readonly minimumPercent?: number | null;
  };
  readonly localityLbSetting?: unknown;
  readonly zoneAwareLbSetting?: unknown;
}

export interface OutlierDetectionSpec {
  readonly consecutive5xxErrors?: number | null;
  readonly consecutiveGatewayErrors?: number | null;
  readonly consecutiveLocalOriginFailures?: number | null;
  readonly splitExternalLocalOriginErrors?: boolean;
  readonly interval?: string;
  readonly baseEjectionTime?: string;
  readonly maxEjectionPercent?: number;
  readonly minHealthPercent?: number;
  readonly outlierDetectionHttpErrorCodes?: readonly number[];
  readonly consecutiveErrors?: number;
}

export interface ClientTlsSpec {
  readonly mode?: 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL';
  readonly clientCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
  readonly caCrl?: string;
  readonly credentialName?: string;
  readonly subjectAltNames?: readonly string[];
  readonly sni?: string;
  readonly insecureSkipVerify?: boolean | null;
}

export interface RetryBudgetSpec {
  readonly percent?: number | null;
  readonly minRetryConcurrency?: number;
  readonly budgetInterval?: string;
}

interface PolicyBlocks {
  readonly connectionPool?: ConnectionPoolSpec;
  readonly loadBalancer?: LoadBalancerSpec;
  readonly outlierDetection?: OutlierDetectionSpec;
  readonly tls?: ClientTlsSpec;
}

/** What no port has of its own. */
interface WholeBlocks extends PolicyBlocks {
  readonly retryBudget?: RetryBudgetSpec;
}

export interface TrafficPolicySpec extends WholeBlocks {
  readonly portLevelSettings?: readonly (PolicyBlocks & {
    readonly port?: { readonly number?: number };
  })[];
}

/**
 * The blocks that hold for a port: settings of a port replace all four blocks, a subset's replace one
 * by one, and a subset's settings of a port all four again (Istio's `MergeSubsetTrafficPolicy`). A retry budget,
 * which no port has, goes with the first and stays with the last.
 */
export function resolvePolicy(
  top: TrafficPolicySpec | undefined,
  subset: TrafficPolicySpec | undefined,
  port: number,
): WholeBlocks {
  const base = portLevel(top, port) ?? top ?? {};
  if (!subset) return blocksOf(base);
  const merged = { ...blocksOf(base), ...blocksOf(subset) };
  const ofPort = portLevel(subset, port);
  if (!ofPort) return merged;
  const { retryBudget } = merged;
  return { ...blocksOf(ofPort), ...(retryBudget && { retryBudget }) };
}

function portLevel(policy: TrafficPolicySpec | undefined, port: number): PolicyBlocks | undefined {
  return policy?.portLevelSettings?.find((one) => one.port?.number === port);
}

function blocksOf({
  connectionPool,
  loadBalancer,
  outlierDetection,
  tls,
  retryBudget,
}: WholeBlocks): WholeBlocks {
  return {
    ...(connectionPool && { connectionPool }),
    ...(loadBalancer && { loadBalancer }),
    ...(outlierDetection && { outlierDetection }),
    ...(tls && { tls }),
    ...(retryBudget && { retryBudget }),
  };
}
