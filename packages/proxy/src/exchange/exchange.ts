// One request and its answer: decided, delayed or refused by faults, sent on, answered, recorded.

import {
  decideHead,
  hostnameOf,
  type Decision,
  type Fault,
  type HeaderOperations,
} from '@clover/traffic';
import type { ResponseHead } from '../codec/head.ts';
import { headerList, HeaderList } from '../codec/header-list.ts';
import { wirePath, wireText } from '../codec/wire-text.ts';
import { decorate } from './decorate.ts';
import { requestTimeouts } from './envoy-headers.ts';
import { ExchangeState } from './exchange-state.ts';
import { Forwarding } from './forwarding.ts';
import type { AnswerSink } from './forwarding-plan.ts';
import { isGrpc } from './grpc-status.ts';
import { applyHeaderProgram } from './header-program.ts';
import {
  faultAnswer,
  grpcHead,
  NO_HEALTHY_UPSTREAM,
  NO_MEMORY,
  plainHead,
  type LocalAnswer,
} from './local-answer.ts';
import { sendMirrors } from './mirror.ts';
import { injectTrace, portOf, prepareRequest } from './prepare-request.ts';
import { fillRecord } from './record.ts';
import { FLAG, withFlag } from './response-flags.ts';
import {
  chooseDestination,
  plainPlan,
  type DestinationPlan,
  type RoutePlan,
} from './route-plan.ts';
import type { DownstreamHandler } from './streams.ts';

export class Exchange extends ExchangeState implements DownstreamHandler, AnswerSink {
  #plan: RoutePlan | undefined = undefined;
  #destination: DestinationPlan | undefined = undefined;
  #delayTimer: NodeJS.Timeout | undefined = undefined;
  #over = false;

  /** To be called once; the answer may come before it returns. */
  start(): void {
    const { head, scope, stream, target } = this;
    this.prepared = prepareRequest(head.headers, stream, scope);
    if (head.expectsContinue) stream.sendContinue();
    if (scope.inbound !== undefined) {
      this.upstreamPath = target.path;
      this.#choose(plainPlan(scope.inbound));
      this.#forward(0);
      return;
    }
    const view = scope.isForwardProxy
      ? scope.table.view(scope.caller, portOf(target.authority, 80))
      : scope.view;
    const decision = decideHead(view, this);
    this.decision = decision;
    const { outcome } = decision;
    if (outcome.kind === 'forward') this.#choose(scope.plans.forward(outcome.action));
    if (decision.fault === undefined) this.#follow(decision);
    else this.#fault(decision.fault);
  }

  onRequestChunk(chunk: Buffer): void {
    if (this.#over) return;
    const body = this.body!;
    body.add(chunk);
    if (this.forwarding !== undefined) this.forwarding.onRequestChunk(chunk);
    else if (this.scope.options.load.refuses()) this.onNoAnswer(NO_MEMORY);
    else if (body.keptBytes > 65_536) this.stream.pause();
  }

  onRequestEnd(trailers: HeaderList | undefined): void {
    const { body } = this;
    if (body !== undefined) {
      body.complete = true;
      body.trailers = trailers;
    }
    if (this.#over) return;
    this.forwarding?.onRequestEnd();
    this.#mirror();
  }

  onDownstreamDrain(): void {
    this.forwarding?.onDownstreamDrain();
  }

  onDownstreamGone(detail: string): void {
    if (this.#over) return;
    this.flags = withFlag(this.flags, FLAG.clientGone);
    this.details = detail;
    this.forwarding?.abandon();
    this.#end();
  }

  onDownstreamProtocolError(detail: string): void {
    if (this.#over) return;
    this.forwarding?.abandon();
    if (this.status !== 0) {
      this.onAnswerBroken(FLAG.downstreamProtocol, detail);
      return;
    }
    this.onNoAnswer({ status: 400, body: '', flag: FLAG.downstreamProtocol, details: detail });
  }

  /** The stream was idle for too long. */
  onIdleTimeout(): void {
    if (this.#over) return;
    this.forwarding?.abandon();
    if (this.status !== 0) {
      this.onAnswerBroken(FLAG.streamIdle, 'stream_idle_timeout');
      return;
    }
    const complete = this.body === undefined || this.body.complete;
    this.onNoAnswer({
      status: complete ? 504 : 408,
      body: 'stream timeout',
      flag: FLAG.streamIdle,
      details: 'stream_idle_timeout',
    });
  }

  onAnswerHead(head: ResponseHead, body: Buffer | undefined, end: boolean): void {
    const { headers } = head;
    const forwarding = this.forwarding!;
    this.status = head.status;
    const grpc = headers.get('grpc-status');
    if (grpc !== undefined) this.grpcStatus = Number(grpc);
    if (forwarding.retryFlag !== '') this.flags = withFlag(this.flags, forwarding.retryFlag);
    headers.set('x-envoy-upstream-service-time', String(Math.round(forwarding.serviceTimeMs)));
    const program = this.#destination?.responseHeaders;
    if (program !== undefined) applyHeaderProgram(program, headers, this.formatContext(headers));
    decorate(this, headers);
    this.bytesSent += body?.length ?? 0;
    if (end) this.#end();
    const more = this.stream.sendHead(head, body, end);
    if (!more && !end) forwarding.pauseAnswer();
  }

  onAnswerChunk(chunk: Buffer): boolean {
    this.bytesSent += chunk.length;
    return this.stream.sendChunk(chunk);
  }

  onAnswerEnd(trailers: HeaderList | undefined): void {
    const grpc = trailers?.get('grpc-status');
    if (grpc !== undefined) this.grpcStatus = Number(grpc);
    this.#end(() => this.stream.sendEnd(trailers));
  }

  onNoAnswer(answer: LocalAnswer): void {
    this.flags = withFlag(this.flags, answer.flag);
    this.flags = withFlag(this.flags, this.forwarding?.retryFlag ?? '');
    const headers = new HeaderList();
    if (answer.overloaded === true) headers.add('x-envoy-overloaded', 'true');
    const program = this.#destination?.responseHeaders;
    if (program !== undefined) applyHeaderProgram(program, headers, this.formatContext(headers));
    this.#answer(answer.status, headers, answer.body, answer.details, answer.grpc);
  }

  onAnswerBroken(flag: string, details: string): void {
    this.flags = withFlag(this.flags, flag);
    this.details = details;
    this.#end(() => this.stream.reset());
  }

  #follow(decision: Decision): void {
    const { outcome } = decision;
    switch (outcome.kind) {
      case 'forward':
        this.upstreamPath =
          outcome.path === this.target.path ? outcome.path : wirePath(outcome.path);
        this.#forward(outcome.timeoutMs);
        break;
      case 'redirect':
        this.#answerByRule(
          outcome.status,
          headerList({ location: wireText(outcome.location) }),
          '',
          outcome.responseHeaders,
        );
        break;
      case 'directResponse':
        this.#answerByRule(outcome.status, new HeaderList(), outcome.body, outcome.responseHeaders);
        break;
      case 'preflight':
        this.#answer(200, new HeaderList(), '', 'cors_response');
        break;
      case 'passthrough':
        this.#passThrough();
        break;
      case 'blocked':
        this.#answer(502, new HeaderList(), '', 'direct_response');
        break;
      case 'notFound':
        this.flags = withFlag(this.flags, FLAG.noRoute);
        this.#answer(404, new HeaderList(), '', 'route_not_found');
    }
  }

  #fault({ delay, abort }: Fault): void {
    const { random } = this.scope.options;
    const delays = delay !== undefined && random() < delay.probability;
    const aborts = abort !== undefined && random() < abort.probability;
    const go = () => {
      if (!aborts) return this.#follow(this.decision!);
      this.onNoAnswer(faultAnswer(abort!.httpStatus, abort!.grpcStatus));
    };
    if (!delays) return go();
    this.flags = withFlag(this.flags, FLAG.delay);
    this.#delayTimer = setTimeout(go, delay.durationMs);
  }

  /** To where the host's name leads, but never back here: that would go round for ever. */
  #passThrough(): void {
    const { authority, path } = this.target;
    const { scope } = this;
    const host = hostnameOf(authority);
    const port = portOf(authority, scope.isForwardProxy ? 80 : scope.port);
    this.upstreamPath = path;
    this.dialled = `${host}:${port}`;
    if (scope.options.isOwnListener(host, port)) {
      this.onNoAnswer(NO_HEALTHY_UPSTREAM);
      return;
    }
    this.#choose(plainPlan(scope.clusters.passthrough));
    this.#forward(0);
  }

  /** The destination is chosen before faults strike: its header operations hold for their answers too. */
  #choose(plan: RoutePlan): void {
    this.#plan = plan;
    const draw = plan.destinations.length > 1 ? this.scope.options.random() : 0;
    this.#destination = chooseDestination(plan, draw);
  }

  #forward(routeTimeoutMs: number): void {
    const { scope, head, target } = this;
    const { headers } = head;
    const plan = this.#plan!;
    const destination = this.#destination;
    const cluster = destination?.cluster;
    if (destination === undefined || cluster === undefined) {
      const status = this.#plan!.missingStatus;
      this.onNoAnswer({ status, body: '', flag: FLAG.noCluster, details: 'cluster_not_found' });
      return;
    }
    this.cluster = cluster;
    if (destination.requestHeaders !== undefined)
      applyHeaderProgram(destination.requestHeaders, headers, this.formatContext(undefined));
    if (this.upstreamPath !== target.path && this.decision !== undefined)
      headers.set('x-envoy-original-path', target.path);
    const asked = requestTimeouts(
      this.prepared!.controlled ? headers : undefined,
      plan.retries,
      routeTimeoutMs,
    );
    if (asked.timeoutMs > 0) headers.set('x-envoy-expected-rq-timeout-ms', String(asked.timeoutMs));
    injectTrace(this.prepared!.trace, headers);
    this.forwarding = new Forwarding(
      this,
      {
        cluster,
        head,
        path: this.upstreamPath,
        authority: destination.authority ?? target.authority,
        hash: this,
        body: this.body,
        keepBody: plan.mirrors.length > 0,
        ...asked,
      },
      this.stream,
      scope.options,
    );
    this.forwarding.start();
    if (this.body === undefined || this.body.complete) this.#mirror();
  }

  #mirror(): void {
    const mirrors = this.#plan?.mirrors;
    if (mirrors === undefined || mirrors.length === 0 || this.cluster === undefined) return;
    const { outcome } = this.decision!;
    sendMirrors(this, mirrors, {
      authority: this.#destination!.authority ?? this.authority,
      timeoutMs: outcome.kind === 'forward' ? outcome.timeoutMs : 0,
    });
  }

  #answerByRule(
    status: number,
    headers: HeaderList,
    body: string,
    operations: readonly HeaderOperations[],
  ): void {
    const program = this.scope.plans.answer(operations);
    if (program !== undefined) applyHeaderProgram(program, headers, this.formatContext(headers));
    this.#answer(status, headers, body, 'direct_response');
  }

  /** An answer of the proxy's own; gRPC clients get it as theirs want it. */
  #answer(status: number, headers: HeaderList, text: string, details: string, grpc?: number): void {
    this.details = details;
    const speaksGrpc = isGrpc(this.head.headers.get('content-type'));
    const body = Buffer.from(speaksGrpc ? '' : text);
    const head = speaksGrpc
      ? grpcHead(status, headers, text, grpc)
      : plainHead(status, headers, body.length);
    this.status = head.status;
    if (speaksGrpc) this.grpcStatus = Number(headers.get('grpc-status'));
    decorate(this, headers);
    const sent = body.length > 0 && this.method !== 'HEAD' ? body : undefined;
    this.bytesSent = sent?.length ?? 0;
    this.#end(() => this.stream.sendHead(head, sent, true));
  }

  /** Records the exchange before its last words leave, so that what reads them finds the record. */
  #end(lastWords?: () => void): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#delayTimer !== undefined) clearTimeout(this.#delayTimer);
    this.body?.forget();
    this.scope.options.sink.record(fillRecord(this));
    lastWords?.();
  }
}
