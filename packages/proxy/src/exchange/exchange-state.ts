// What is known of an exchange, and how rules, hashing, format strings and records look at it.

import type { Decision, RequestHead as DecidedHead } from '@clover/traffic';
import type { RequestHead } from '../codec/head.ts';
import type { HeaderList } from '../codec/header-list.ts';
import type { Cluster, HashInput } from '../upstream/cluster.ts';
import type { FormatContext } from './format-string.ts';
import type { Forwarding } from './forwarding.ts';
import type { Prepared, Target } from './prepare-request.ts';
import { RequestBody } from './request-body.ts';
import type { Scope } from './scope.ts';
import type { DownstreamStream } from './streams.ts';

export class ExchangeState implements DecidedHead, HashInput {
  readonly stream: DownstreamStream;
  readonly scope: Scope;
  readonly head: RequestHead;
  readonly target: Target;
  readonly startMs: number;
  readonly body: RequestBody | undefined;
  prepared: Prepared | undefined = undefined;
  decision: Decision | undefined = undefined;
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

  constructor(stream: DownstreamStream, scope: Scope, head: RequestHead, target: Target) {
    this.stream = stream;
    this.scope = scope;
    this.head = head;
    this.target = target;
    this.startMs = scope.options.now();
    this.body =
      head.bodyLength === 0 && head.upgrade === ''
        ? undefined
        : new RequestBody(scope.options.load);
    this.upstreamPath = target.path;
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
      routeName: this.decision?.rule?.ruleName ?? '',
      upstreamHost: this.forwarding?.endpoint?.key ?? '',
      upstreamCluster: this.cluster?.name ?? '',
      remote: stream.remote,
      local: stream.local,
      startUnixMs: performance.timeOrigin + scope.options.now(),
      peerPrincipal: stream.peer?.principal ?? '',
    };
  }
}
