// Asks an authorizer over HTTP, within its time, over connections that are kept.

import { Agent, request as send, type ClientRequest, type IncomingMessage } from 'node:http';
import { customAuthorization, type Resource } from '@clover/traffic';
import { badProvider } from '../errors.ts';
import type { ClusterSet } from '../upstream/cluster.ts';
import type { Authorization, HeaderPair, Verdict } from './authorization.ts';
import {
  checkRequest,
  denied,
  failedVerdict,
  verdictOf,
  type CheckRequest,
} from './check-request.ts';
import {
  authorizerSettings,
  type AuthorizerSettings,
  type ExtensionProvider,
} from './extension-provider.ts';

export interface AuthorizationOptions {
  readonly resources: readonly Resource[];
  readonly providers: readonly ExtensionProvider[];
  /** The gateway or workload whose requests are asked about. */
  readonly workload: {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  /** Where the authorizer's endpoints are. */
  readonly clusters: () => ClusterSet;
}

/** Longer answers are a failure of the authorizer. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Undefined when nothing is to be asked. Throws CloverError `proxy.bad_provider` when a policy names a
 * provider that there is not: nobody would be asked, and Istio denies all then.
 */
export function createAuthorization(options: AuthorizationOptions): Authorization | undefined {
  const { resources, providers, workload, clusters } = options;
  const custom = customAuthorization(resources, workload);
  if (!custom) return undefined;
  if (custom.provider === undefined) return denyAll(custom.asks);
  const provider = providers.find((one) => one.name === custom.provider);
  if (!provider) {
    const known = providers.map((one) => one.name).join(', ') || 'none';
    throw badProvider(custom.provider, `there is no such provider; known: ${known}`);
  }
  const settings = authorizerSettings(provider);
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64, scheduling: 'lifo' });

  return {
    bodyBytes: settings.bodyBytes,
    asks: custom.asks,
    authorize(request, done) {
      const { body, bodyComplete } = request;
      const tooLong = !bodyComplete || (body?.length ?? 0) > settings.bodyBytes;
      if (settings.bodyBytes > 0 && body && tooLong && !settings.allowPartialBody)
        return later(denied(413, 'ext_authz_denied'), done);
      const cluster = clusters().get(settings.host, '', settings.port, workload.namespace);
      const endpoint = cluster?.pick(undefined, undefined);
      if (!cluster || !endpoint) return later(failedVerdict(settings), done);
      const asked = ask(
        { ...endpointOf(endpoint), agent, settings },
        checkRequest(request, settings),
        (verdict, status) => {
          endpoint.active--;
          cluster.report(endpoint, status);
          done(verdict);
        },
      );
      endpoint.active++;
      return () => {
        if (asked()) endpoint.active--;
      };
    },
    close: () => agent.destroy(),
  };
}

const endpointOf = ({ address, port }: { address: string; port: number }) => ({ address, port });

interface Target {
  readonly address: string;
  readonly port: number;
  readonly agent: Agent;
  readonly settings: AuthorizerSettings;
}

/** Calls back once with a verdict and the status to report. The function it gives cancels; true when it was in time. */
function ask(
  target: Target,
  check: CheckRequest,
  done: (verdict: Verdict, status: number) => void,
): () => boolean {
  const { settings } = target;
  let current: ClientRequest | undefined;
  let over = false;
  const timer = setTimeout(() => end(failedVerdict(settings), -3), settings.timeoutMs);

  function finish(): boolean {
    if (over) return false;
    over = true;
    clearTimeout(timer);
    return true;
  }
  function end(verdict: Verdict, status: number): void {
    if (!finish()) return;
    current?.destroy();
    done(verdict, status);
  }
  function attempt(again: boolean): void {
    try {
      current = send({
        host: target.address,
        port: target.port,
        agent: target.agent,
        method: check.method,
        path: check.path,
        headers: check.headers,
      });
    } catch {
      // A path or header that cannot be sent.
      queueMicrotask(() => end(failedVerdict(settings), -2));
      return;
    }
    const own = current;
    own.on('response', (answer) => read(answer));
    own.on('error', () => {
      // A kept connection may have been closed just now; a new one is worth a try.
      if (!over && again && own.reusedSocket) attempt(false);
      else end(failedVerdict(settings), -2);
    });
    own.end(check.body);
  }
  function read(answer: IncomingMessage): void {
    const chunks: Buffer[] = [];
    let size = 0;
    answer.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) end(failedVerdict(settings), -2);
      else chunks.push(chunk);
    });
    answer.on('aborted', () => end(failedVerdict(settings), -2));
    answer.on('end', () => {
      const status = answer.statusCode ?? 0;
      if (!finish()) return;
      const headers = pairs(answer.rawHeaders);
      done(verdictOf({ status, headers, body: Buffer.concat(chunks) }, settings), status);
    });
  }

  attempt(true);
  return () => {
    const inTime = finish();
    if (inTime) current?.destroy();
    return inTime;
  };
}

function pairs(raw: readonly string[]): HeaderPair[] {
  const found: HeaderPair[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) found.push([raw[at]!.toLowerCase(), raw[at + 1]!]);
  return found;
}

/** Policies that name several providers deny what they are about. */
function denyAll(asks: Authorization['asks']): Authorization {
  return {
    bodyBytes: 0,
    asks,
    authorize: (_request, done) => later(denied(403, 'ext_authz_denied'), done),
    close: () => {},
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
