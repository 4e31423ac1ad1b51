// Whom requests to a workload are asked about, and how: AuthorizationPolicies of action CUSTOM with the
// extension provider that they name.

import { customAuthorization, type Resource } from '@clover/traffic';
import type { PoolOptions } from '../pool/endpoint-pool.ts';
import type { ClusterSet } from '../upstream/cluster.ts';
import { askAuthorizer, type AskOptions } from './ask-authorizer.ts';
import type { Authorization, AuthorizationRequest, Verdict } from './authorization.ts';
import { checkRequest, denied, failedVerdict, verdictOf } from './check-request.ts';
import {
  authorizerSettings,
  type AuthorizerSettings,
  type ExtensionProvider,
} from './extension-provider.ts';
import { grpcCheckRequest, grpcVerdictOf } from './grpc-check.ts';

export interface AuthorizationOptions {
  readonly resources: readonly Resource[];
  readonly providers: readonly ExtensionProvider[];
  /** The gateway or workload whose requests are asked about. */
  readonly workload: {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly rootNamespace?: string;
  /** Where the authorizer's endpoints are. */
  readonly clusters: () => ClusterSet;
  /** Connections to them; straight to each endpoint by default. */
  readonly pool?: PoolOptions;
}

/**
 * Undefined when nothing is to be asked. As in Istio, a policy whose provider is not known denies all
 * requests to the workload, and policies that name several deny what they are about.
 * Throws CloverError `proxy.bad_provider` when the provider's settings cannot be.
 */
export function createAuthorization(options: AuthorizationOptions): Authorization | undefined {
  const { resources, providers, workload, clusters, rootNamespace } = options;
  const { pool = { now: () => performance.now(), resolve: (endpoint) => endpoint } } = options;
  const custom = customAuthorization(resources, workload, rootNamespace);
  if (!custom) return undefined;
  if (custom.provider === undefined) return denyAll(custom.asks);
  const provider = providers.find((one) => one.name === custom.provider);
  if (!provider) return denyAll(() => true);
  const settings = authorizerSettings(provider);
  const cluster = () => clusters().get(settings.host, '', settings.port, workload.namespace);

  return {
    bodyBytes: settings.bodyBytes,
    asks: custom.asks,
    isEndpoint: (key) => cluster()?.endpoints.some((one) => one.key === key) ?? false,
    authorize(request, done) {
      const { body, bodyComplete } = request;
      const tooLong = !bodyComplete || (body?.length ?? 0) > settings.bodyBytes;
      if (settings.bodyBytes > 0 && body && tooLong && !settings.allowPartialBody)
        return later(denied(413, 'ext_authz_denied'), done);
      const asked = cluster();
      // gRPC goes over HTTP/2 only.
      if (!asked || (settings.kind === 'grpc' && !asked.http2))
        return later(failedVerdict(settings), done);
      return askAuthorizer({
        cluster: asked,
        timeoutMs: settings.timeoutMs,
        pool,
        ...questionOf(request, settings),
        failed: failedVerdict(settings),
        done,
      });
    },
  };
}

function questionOf(
  request: AuthorizationRequest,
  settings: AuthorizerSettings,
): Pick<AskOptions, 'check' | 'verdictOf'> {
  if (settings.kind === 'http')
    return {
      check: checkRequest(request, settings),
      verdictOf: (answer) => verdictOf(answer, settings),
    };
  return {
    check: grpcCheckRequest(request, settings),
    verdictOf: (answer) => grpcVerdictOf(answer, settings),
  };
}

function denyAll(asks: Authorization['asks']): Authorization {
  return {
    bodyBytes: 0,
    asks,
    isEndpoint: () => false,
    authorize: (_request, done) => later(denied(403, 'ext_authz_denied'), done),
  };
}

function later(verdict: Verdict, done: (verdict: Verdict) => void): () => void {
  let cancelled = false;
  queueMicrotask(() => {
    if (!cancelled) done(verdict);
  });
  return () => {
    cancelled = true;
  };
}
