// An external authorizer as `extensionProviders` of Istio's MeshConfig name it, in plain values.

import { parseDurationMs } from '@clover/model';
import { badProvider } from '../errors.ts';

/** One of MeshConfig's `extensionProviders`; only HTTP authorizers are taken. */
export interface ExtensionProvider {
  readonly name: string;
  readonly envoyExtAuthzHttp: ExtAuthzHttp;
}

export interface ExtAuthzHttp {
  /** Host of the registry, `waf.sdc.svc.cluster.local` or `namespace/host`. */
  readonly service: string;
  readonly port: number;
  /** Default: 10 minutes, as in Istio. */
  readonly timeout?: string;
  readonly pathPrefix?: string;
  /** Lets requests through when the authorizer fails. */
  readonly failOpen?: boolean;
  /** Status when the authorizer fails. Default: 403. */
  readonly statusOnError?: string;
  /** Names may be `prefix*` or `*suffix`. */
  readonly includeRequestHeadersInCheck?: readonly string[];
  readonly includeAdditionalHeadersInCheck?: Readonly<Record<string, string>>;
  readonly includeRequestBodyInCheck?: {
    readonly maxRequestBytes: number;
    readonly allowPartialMessage?: boolean;
  };
  readonly headersToUpstreamOnAllow?: readonly string[];
  readonly headersToDownstreamOnAllow?: readonly string[];
  readonly headersToDownstreamOnDeny?: readonly string[];
}

export interface AuthorizerSettings {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly pathPrefix: string;
  readonly failOpen: boolean;
  readonly statusOnError: number;
  readonly requestHeaders: readonly string[];
  readonly additionalHeaders: Readonly<Record<string, string>>;
  readonly bodyBytes: number;
  readonly allowPartialBody: boolean;
  readonly upstreamHeaders: readonly string[];
  readonly downstreamHeadersOnAllow: readonly string[];
  /** Undefined: all of them. */
  readonly downstreamHeadersOnDeny: readonly string[] | undefined;
}

/** Throws CloverError `proxy.bad_provider`. */
export function authorizerSettings({
  name,
  envoyExtAuthzHttp: spec,
}: ExtensionProvider): AuthorizerSettings {
  const status = Number(spec.statusOnError ?? 403);
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw badProvider(name, `statusOnError ${spec.statusOnError} is not a status`);
  if (!Number.isInteger(spec.port) || spec.port < 1 || spec.port > 65_535)
    throw badProvider(name, `port ${spec.port} is not a port`);
  if (spec.pathPrefix && !spec.pathPrefix.startsWith('/'))
    throw badProvider(name, 'pathPrefix does not begin with /');
  const lower = (names: readonly string[] = []) => names.map((one) => one.toLowerCase());
  const onDeny = lower(spec.headersToDownstreamOnDeny);
  return {
    host: spec.service.slice(spec.service.indexOf('/') + 1).toLowerCase(),
    port: spec.port,
    timeoutMs: parseDurationMs(spec.timeout ?? '10m'),
    pathPrefix: spec.pathPrefix ?? '',
    failOpen: spec.failOpen ?? false,
    statusOnError: status,
    requestHeaders: lower(spec.includeRequestHeadersInCheck),
    additionalHeaders: spec.includeAdditionalHeadersInCheck ?? {},
    bodyBytes: spec.includeRequestBodyInCheck?.maxRequestBytes ?? 0,
    allowPartialBody: spec.includeRequestBodyInCheck?.allowPartialMessage ?? false,
    upstreamHeaders: lower(spec.headersToUpstreamOnAllow),
    downstreamHeadersOnAllow: lower(spec.headersToDownstreamOnAllow),
    downstreamHeadersOnDeny: onDeny.length > 0 ? onDeny : undefined,
  };
}
