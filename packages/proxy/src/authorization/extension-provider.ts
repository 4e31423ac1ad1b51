// An external authorizer as `extensionProviders` of Istio's MeshConfig name it, in plain values.

import { parseDurationMs } from '@clover/model';
import { badProvider } from '../errors.ts';

/** One of MeshConfig's `extensionProviders`; only authorizers are taken. */
export type ExtensionProvider =
  | { readonly name: string; readonly envoyExtAuthzHttp: ExtAuthzHttp }
  | { readonly name: string; readonly envoyExtAuthzGrpc: ExtAuthzGrpc };

export interface ExtAuthz {
  /** Host of the registry, `waf.sdc.svc.cluster.local` or `namespace/host`. */
  readonly service: string;
  readonly port: number;
  /** Default: 10 minutes, as in Istio. */
  readonly timeout?: string;
  /** Lets requests through when the authorizer fails. */
  readonly failOpen?: boolean;
  /** Status when the authorizer fails. Default: 403. */
  readonly statusOnError?: string;
  readonly includeRequestBodyInCheck?: {
    readonly maxRequestBytes: number;
    readonly allowPartialMessage?: boolean;
    /** Over gRPC: as bytes, not as a text. */
    readonly packAsBytes?: boolean;
  };
}

/** Its port is one of HTTP/2 (`GRPC` or `HTTP2`). */
export type ExtAuthzGrpc = ExtAuthz;

export interface ExtAuthzHttp extends ExtAuthz {
  readonly pathPrefix?: string;
  /** Names may be `prefix*` or `*suffix`. */
  readonly includeRequestHeadersInCheck?: readonly string[];
  readonly includeAdditionalHeadersInCheck?: Readonly<Record<string, string>>;
  readonly headersToUpstreamOnAllow?: readonly string[];
  readonly headersToDownstreamOnAllow?: readonly string[];
  readonly headersToDownstreamOnDeny?: readonly string[];
}

interface CommonSettings {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly failOpen: boolean;
  readonly statusOnError: number;
  readonly bodyBytes: number;
  readonly allowPartialBody: boolean;
}

export interface GrpcSettings extends CommonSettings {
  readonly kind: 'grpc';
  readonly packAsBytes: boolean;
}

export interface HttpSettings extends CommonSettings {
  readonly kind: 'http';
  readonly pathPrefix: string;
  readonly requestHeaders: readonly string[];
  readonly additionalHeaders: Readonly<Record<string, string>>;
  readonly upstreamHeaders: readonly string[];
  readonly downstreamHeadersOnAllow: readonly string[];
  /** Undefined: all of them. */
  readonly downstreamHeadersOnDeny: readonly string[] | undefined;
}

export type AuthorizerSettings = HttpSettings | GrpcSettings;

/** Throws CloverError `proxy.bad_provider`. */
export function authorizerSettings(provider: ExtensionProvider): AuthorizerSettings {
  const { name } = provider;
  if (!('envoyExtAuthzGrpc' in provider)) return httpSettings(name, provider.envoyExtAuthzHttp);
  const spec = provider.envoyExtAuthzGrpc;
  const packAsBytes = spec.includeRequestBodyInCheck?.packAsBytes ?? false;
  return { kind: 'grpc', ...commonSettings(name, spec), packAsBytes };
}

/** Throws CloverError `proxy.bad_provider`. */
export function httpSettings(name: string, spec: ExtAuthzHttp): HttpSettings {
  if (spec.pathPrefix && !spec.pathPrefix.startsWith('/'))
    throw badProvider(name, 'pathPrefix does not begin with /');
  const lower = (names: readonly string[] = []) => names.map((one) => one.toLowerCase());
  const onDeny = lower(spec.headersToDownstreamOnDeny);
  return {
    kind: 'http',
    ...commonSettings(name, spec),
    pathPrefix: spec.pathPrefix ?? '',
    requestHeaders: lower(spec.includeRequestHeadersInCheck),
    additionalHeaders: spec.includeAdditionalHeadersInCheck ?? {},
    upstreamHeaders: lower(spec.headersToUpstreamOnAllow),
    downstreamHeadersOnAllow: lower(spec.headersToDownstreamOnAllow),
    downstreamHeadersOnDeny: onDeny.length > 0 ? onDeny : undefined,
  };
}

function commonSettings(name: string, spec: ExtAuthz): CommonSettings {
  const status = Number(spec.statusOnError ?? 403);
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw badProvider(name, `statusOnError ${spec.statusOnError} is not a status`);
  if (!Number.isInteger(spec.port) || spec.port < 1 || spec.port > 65_535)
    throw badProvider(name, `port ${spec.port} is not a port`);
  return {
    host: spec.service.slice(spec.service.indexOf('/') + 1).toLowerCase(),
    port: spec.port,
    timeoutMs: parseDurationMs(spec.timeout ?? '10m'),
    failOpen: spec.failOpen ?? false,
    statusOnError: status,
    bodyBytes: spec.includeRequestBodyInCheck?.maxRequestBytes ?? 0,
    allowPartialBody: spec.includeRequestBodyInCheck?.allowPartialMessage ?? false,
  };
}
