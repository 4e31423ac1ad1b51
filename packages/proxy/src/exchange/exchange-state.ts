// What is known of an exchange, and how rules, hashing, format strings and records look at it.

import {
  ruleEvidence,
  type Decision,
  type RequestHead as DecidedHead,
  type RouteView,
  type RuleEvidence,
} from '@clover/traffic';
import type { HeaderChange } from '../authorization/header-change.ts';
import type { RequestHead } from '../codec/head.ts';
import type { HeaderList } from '../codec/header-list.ts';
import type { Cluster, HashInput } from '../upstream/cluster.ts';
import type { FormatContext } from './format-string.ts';
import type { Forwarding } from './forwarding.ts';
import { portOf, type Prepared, type Target } from './prepare-request.ts';
import { RequestBody } from './request-body.ts';
import type { Scope } from './scope.ts';
import type { DownstreamStream } from './streams.ts';

/** As Envoy has it: of a delegate's rule with the root's name before it. */
export const routeNameOf = (decision: Decision | undefined): string =>
  decision?.rule?.routeName ?? decision?.rule?.ruleName ?? '';

export class ExchangeState implements DecidedHead, HashInput {
  readonly stream: DownstreamStream;
  readonly scope: Scope;
  readonly head: RequestHead;
  readonly target: Target;
  readonly startMs: number;
  readonly body: RequestBody | undefined;
  prepared: Prepared | undefined = undefined;
  decision: Decision | undefined = undefined;
  evidence: RuleEvidence | undefined = undefined;
  /** The service's, or the gateway server's. */
  port: number;
  forwarding: Forwarding | undefined = undefined;
  cluster: Cluster | undefined = undefined;
  upstreamPath: string;
  status = 0;
  grpcStatus = -1;
  bytesSent = 0;
  flags = '';
  details = 'via_upstream';
  /** Host and port when they are not the authority's. */
  dialled: string | undefined = undefined;
  /** A cookie that the answer must set; '' for none. */
  newCookie = '';
  /** As the client gets them. */
  answerHeaders: HeaderList | undefined = undefined;
  answerTrailers: HeaderList | undefined = undefined;
  /** What an authorizer adds to the answer. */
  authorizedHeaders: readonly HeaderChange[] = [];

  constructor(stream: DownstreamStream, scope: Scope, head: RequestHead, target: Target) {
    this.stream = stream;
    this.scope = scope;
    this.head = head;
    this.target = target;
    this.startMs = scope.options.now();
    this.port = scope.port;
    this.body =
      head.bodyLength === 0 && head.upgrade === ''
        ? undefined
        : new RequestBody(scope.options.load);
    this.upstreamPath = target.path;
  }

  /** The listener's view; an HTTP proxy has one for each port that requests name. */
  viewOfPort(): RouteView {
    const { scope, target } = this;
    if (!scope.isForwardProxy) return scope.view;
    this.port = portOf(target.authority, 80);
    return scope.table.view(scope.caller, this.port);
  }

  /** To be called before anything changes the headers. */
  keepEvidence(view: RouteView): void {
    const host = view.hosts.lookup(this.authority);
    if (host !== undefined) this.evidence = ruleEvidence(host, (name) => this.header(name));
  }

  // Rules and consistent hashing look at the request through these.
  get method(): string {
    return this.head.method;
  }
  get path(): string {
    return this.target.path;
  }
  get authority(): string {
    return this.target.authority;
  }
  get scheme(): 'http' | 'https' {
    return this.stream.scheme;
  }
  header(name: string): string | undefined {
    if (name === 'host') return this.dialled ?? this.target.authority;
    return this.head.headers.getAll(name);
  }
  get sourceIp(): string {
    return this.stream.remoteAddress;
  }
  get connection(): string {
    return this.stream.remote + this.stream.local;
  }
  setCookie(value: string): void {
    this.newCookie = value;
  }

  formatContext(responseHeaders: HeaderList | undefined): FormatContext {
    const { head, target, stream, scope } = this;
    return {
      requestHeaders: head.headers,
      responseHeaders,
      method: head.method,
      path: target.path,
      authority: target.authority,
      scheme: stream.scheme,
      protocol: stream.protocol,
      status: this.status,
      responseFlags: this.flags,
      routeName: routeNameOf(this.decision),
      upstreamHost: this.forwarding?.endpoint?.key ?? '',
      upstreamCluster: this.cluster?.name ?? '',
      remote: stream.remote,
      local: stream.local,
      startUnixMs: performance.timeOrigin + scope.options.now(),
      peerPrincipal: stream.peer?.principal ?? '',
    };
  }
}
