// The resources of networking.istio.io that decide about traffic, as they stand in a file. All
// fields are optional where Istio lets them be; validation says what is missing or misspelt.

import type { SecretSpec } from './secret/secret-spec.ts';
import type { ServiceSpec } from './service-spec.ts';
import type { AuthorizationPolicySpec } from './authorization/authorization-policy.ts';
import type {
  GrpcRouteSpec,
  HttpRouteSpec,
  KubernetesGatewaySpec,
  ReferenceGrantSpec,
} from './gateway-api/gateway-api-resource.ts';

export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** RFC 3339; decides which of two VirtualServices is older. */
  readonly creationTimestamp?: string;
}

interface ResourceOf<Kind extends string, Spec> {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: Metadata;
  readonly spec: Spec;
}

export interface StringMatch {
  readonly exact?: string;
  readonly prefix?: string;
  readonly regex?: string;
}

export interface HttpMatch {
  readonly name?: string;
  readonly uri?: StringMatch;
  readonly ignoreUriCase?: boolean;
  readonly scheme?: StringMatch;
  readonly method?: StringMatch;
  readonly authority?: StringMatch;
  /** An empty object asks for presence. */
  readonly headers?: Readonly<Record<string, StringMatch | null>>;
  readonly withoutHeaders?: Readonly<Record<string, StringMatch | null>>;
  readonly queryParams?: Readonly<Record<string, StringMatch | null>>;
  readonly port?: number;
  readonly gateways?: readonly string[];
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly sourceNamespace?: string;
  readonly statPrefix?: string;
  /** The prefix goes by whole segments. Not a field of Istio's: rules made from Gateway API resources have it. */
  readonly segments?: boolean;
}

export interface HeaderOperations {
  readonly set?: Readonly<Record<string, string>>;
  readonly add?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}
export interface Headers {
  readonly request?: HeaderOperations;
  readonly response?: HeaderOperations;
}

export interface Destination {
  readonly host: string;
  readonly subset?: string;
  readonly port?: { readonly number: number };
  /** Refused or of an unknown kind, so that nobody can be reached. Not a field of Istio's. */
  readonly unusable?: boolean;
}
export interface HttpRouteDestination {
  readonly destination: Destination;
  readonly weight?: number;
  readonly headers?: Headers;
}
export interface Percent {
  readonly value?: number;
}
export interface HttpRedirect {
  readonly uri?: string;
  /** Takes the place of the prefix that matched. */
  readonly prefixRewrite?: string;
  readonly authority?: string;
  readonly port?: number;
  readonly derivePort?: 'FROM_PROTOCOL_DEFAULT' | 'FROM_REQUEST_PORT';
  readonly scheme?: string;
  readonly redirectCode?: number;
}
export interface HttpDirectResponse {
  readonly status: number;
  readonly body?: { readonly string?: string; readonly bytes?: string };
}
export interface HttpRewrite {
  readonly uri?: string;
  readonly authority?: string;
  readonly uriRegexRewrite?: { readonly match: string; readonly rewrite: string };
}
export interface HttpRetry {
  readonly attempts?: number;
  readonly perTryTimeout?: string;
  readonly retryOn?: string;
  readonly retryRemoteLocalities?: boolean;
  readonly retryIgnorePreviousHosts?: boolean;
  readonly backoff?: string;
}
export interface HttpFault {
  readonly delay?: {
    readonly fixedDelay?: string;
    readonly percentage?: Percent;
    /** Deprecated: whole percent. */
    readonly percent?: number;
  };
  readonly abort?: {
    readonly httpStatus?: number;
    readonly grpcStatus?: string;
    readonly percentage?: Percent;
  };
}
export interface CorsPolicy {
  readonly allowOrigins?: readonly StringMatch[];
  /** Deprecated: exact origins. */
  readonly allowOrigin?: readonly string[];
  readonly allowMethods?: readonly string[];
  readonly allowHeaders?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  readonly maxAge?: string;
  readonly allowCredentials?: boolean;
  readonly unmatchedPreflights?: 'UNSPECIFIED' | 'FORWARD' | 'IGNORE';
}
export interface HttpMirror {
  readonly destination: Destination;
  readonly percentage?: Percent;
}

export interface HttpRoute {
  readonly name?: string;
  readonly match?: readonly HttpMatch[];
  readonly route?: readonly HttpRouteDestination[];
  readonly redirect?: HttpRedirect;
  readonly directResponse?: HttpDirectResponse;
  readonly delegate?: { readonly name: string; readonly namespace?: string };
  readonly rewrite?: HttpRewrite;
  readonly timeout?: string;
  readonly retries?: HttpRetry;
  readonly fault?: HttpFault;
  readonly mirror?: Destination;
  readonly mirrorPercentage?: Percent;
  /** Deprecated, as the next: whole percent. */
  readonly mirrorPercent?: number;
  readonly mirror_percent?: number;
  readonly mirrors?: readonly HttpMirror[];
  readonly corsPolicy?: CorsPolicy;
  readonly headers?: Headers;
  /** Where a rule comes from that was made from another resource. Not a field of Istio's. */
  readonly origin?: RuleOrigin;
}

/** A rule of a VirtualService. */
export interface RuleOf {
  /** `namespace/name` */
  readonly virtualService: string;
  readonly ruleIndex: number;
  readonly ruleName: string;
}

export interface RuleOrigin {
  readonly kind: 'VirtualService' | 'HTTPRoute' | 'GRPCRoute';
  /** `namespace/name` */
  readonly name: string;
  readonly ruleIndex: number;
  /** Of the rule as it stands there; undefined when it is that of this rule. */
  readonly ruleName?: string | undefined;
  /** For each block of this rule that of the file; one of -1 for a rule without any. */
  readonly matchIndexes: readonly number[];
  /** The rule that handed over to it. */
  readonly root?: RuleOf;
  /** Answer when a destination cannot be found; 503 where this says nothing. */
  readonly missingStatus?: number;
}

/** What a route of connections asks of the caller and of where the connection goes. */
export interface L4Match {
  readonly destinationSubnets?: readonly string[];
  readonly port?: number;
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly sourceNamespace?: string;
  readonly gateways?: readonly string[];
}
export interface TlsMatch extends L4Match {
  readonly sniHosts: readonly string[];
}
export interface L4RouteDestination {
  readonly destination: Destination;
  readonly weight?: number;
}
export interface TcpRoute {
  readonly match?: readonly L4Match[];
  readonly route?: readonly L4RouteDestination[];
}
export interface TlsRoute {
  readonly match: readonly TlsMatch[];
  readonly route?: readonly L4RouteDestination[];
}

export interface VirtualServiceSpec {
  readonly hosts?: readonly string[];
  readonly gateways?: readonly string[];
  readonly http?: readonly HttpRoute[];
  readonly tcp?: readonly TcpRoute[];
  readonly tls?: readonly TlsRoute[];
  /** Made from a route of Gateway API, whose rules of visibility hold. Not a field of Istio's. */
  readonly fromGatewayApi?: boolean;
  readonly exportTo?: readonly string[];
}
export type ServerTlsMode =
  | 'PASSTHROUGH'
  | 'SIMPLE'
  | 'MUTUAL'
  | 'AUTO_PASSTHROUGH'
  | 'ISTIO_MUTUAL'
  | 'OPTIONAL_MUTUAL';
export interface ServerTls {
  readonly mode?: ServerTlsMode;
  readonly httpsRedirect?: boolean;
  readonly credentialName?: string;
  readonly serverCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
  readonly minProtocolVersion?: string;
  readonly maxProtocolVersion?: string;
  readonly cipherSuites?: readonly string[];
  readonly subjectAltNames?: readonly string[];
}
export interface GatewayServer {
  readonly name?: string;
  readonly bind?: string;
  readonly port: { readonly number: number; readonly name: string; readonly protocol: string };
  readonly hosts: readonly string[];
  readonly tls?: ServerTls;
}
export interface GatewaySpec {
  readonly selector?: Readonly<Record<string, string>>;
  readonly servers?: readonly GatewayServer[];
}
export interface Subset {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly trafficPolicy?: Readonly<Record<string, unknown>>;
}
export interface DestinationRuleSpec {
  readonly host: string;
  readonly subsets?: readonly Subset[];
  readonly trafficPolicy?: Readonly<Record<string, unknown>>;
  readonly exportTo?: readonly string[];
  readonly workloadSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
}
export interface ServicePort {
  readonly number: number;
  readonly name: string;
  readonly protocol?: string;
  readonly targetPort?: number;
}
export interface WorkloadEntrySpec {
  readonly address?: string;
  readonly ports?: Readonly<Record<string, number>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  readonly network?: string;
  readonly locality?: string;
  readonly weight?: number;
}
export interface ServiceEntrySpec {
  readonly hosts?: readonly string[];
  readonly ports?: readonly ServicePort[];
  readonly location?: 'MESH_EXTERNAL' | 'MESH_INTERNAL';
  /** IP addresses or, for NONE and STATIC, CIDR ranges. */
  readonly addresses?: readonly string[];
  readonly resolution?: 'NONE' | 'STATIC' | 'DNS' | 'DNS_ROUND_ROBIN' | 'DYNAMIC_DNS';
  readonly endpoints?: readonly WorkloadEntrySpec[];
  readonly workloadSelector?: { readonly labels?: Readonly<Record<string, string>> };
  readonly exportTo?: readonly string[];
  readonly subjectAltNames?: readonly string[];
}
export interface SidecarEgressListener {
  readonly hosts: readonly string[];
  readonly port?: { readonly number: number };
}
export interface SidecarSpec {
  readonly workloadSelector?: { readonly labels?: Readonly<Record<string, string>> };
  readonly egress?: readonly SidecarEgressListener[];
  readonly outboundTrafficPolicy?: {
    readonly mode?: 'REGISTRY_ONLY' | 'ALLOW_ANY' | 'ALLOW_ANY_DYNAMIC_DNS';
  };
}
export interface PeerAuthenticationSpec {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly mtls?: { readonly mode?: string };
  /** By the program's own port. */
  readonly portLevelMtls?: Readonly<Record<string, { readonly mode?: string }>>;
}

export type VirtualService = ResourceOf<'VirtualService', VirtualServiceSpec>;
export type Gateway = ResourceOf<'Gateway', GatewaySpec>;
export type DestinationRule = ResourceOf<'DestinationRule', DestinationRuleSpec>;
export type ServiceEntry = ResourceOf<'ServiceEntry', ServiceEntrySpec>;
export type WorkloadEntry = ResourceOf<'WorkloadEntry', WorkloadEntrySpec>;
export type Sidecar = ResourceOf<'Sidecar', SidecarSpec>;
export type PeerAuthentication = ResourceOf<'PeerAuthentication', PeerAuthenticationSpec>;
export type AuthorizationPolicy = ResourceOf<'AuthorizationPolicy', AuthorizationPolicySpec>;
export type Service = ResourceOf<'Service', ServiceSpec>;
/** Its fields stand beside `metadata` in a file. */
export type Secret = ResourceOf<'Secret', SecretSpec>;
export type KubernetesGateway = ResourceOf<'KubernetesGateway', KubernetesGatewaySpec>;
export type HttpRouteResource = ResourceOf<'HTTPRoute', HttpRouteSpec>;
export type GrpcRoute = ResourceOf<'GRPCRoute', GrpcRouteSpec>;
export type ReferenceGrant = ResourceOf<'ReferenceGrant', ReferenceGrantSpec>;
export type Resource =
  | VirtualService
  | Gateway
  | DestinationRule
  | ServiceEntry
  | WorkloadEntry
  | Sidecar
  | PeerAuthentication
  | AuthorizationPolicy
  | Service
  | Secret
  | KubernetesGateway
  | HttpRouteResource
  | GrpcRoute
  | ReferenceGrant;
