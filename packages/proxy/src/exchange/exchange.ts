/* oxlint-disable max-lines -- one exchange is one machine of states: apart they would say less */
// One request and its answer: decided, delayed or refused by faults, sent on, answered, recorded.

import {
  decideHead,
  hostnameOf,
  type Decision,
  type Fault,
  type HeaderOperations,
} from '@clover/traffic';
import { tellBug } from '../bug.ts';
import type { ResponseHead } from '../codec/head.ts';
import { headerList, HeaderList } from '../codec/header-list.ts';
import { wirePath, wireText } from '../codec/wire-text.ts';
import type { Verdict } from '../authorization/authorization.ts';
import { changeHeaders } from '../authorization/header-change.ts';
import { AuthorizationCheck, countOf, isToBeAsked } from './authorization-check.ts';
import { decorate } from './decorate.ts';
import { ExchangeState } from './exchange-state.ts';
import { Forwarding } from './forwarding.ts';
import type { AnswerSink } from './forwarding-plan.ts';
import { applyHeaderProgram } from './header-program.ts';
import { HeadersOf } from './headers-of.ts';
import { later } from './later.ts';
import {
  BUG,
  faultAnswer,
  idleAnswer,
  localHead,
  noClusterAnswer,
  NO_HEALTHY_UPSTREAM,
  NO_MEMORY,
  protocolAnswer,
  type LocalAnswer,
} from './local-answer.ts';
import { sendMirrors } from './mirror.ts';
import { planForwarding } from './plan-forwarding.ts';
import { portOf, prepareRequest } from './prepare-request.ts';
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
  #check: AuthorizationCheck | undefined = undefined;

  /** To be called once; the answer may come before it returns. */
  start(): void {
    const { head, scope, stream, target } = this;
    scope.meter?.requestsActive(1);
    this.prepared = prepareRequest(head.headers, stream, scope);
    if (head.expectsContinue) stream.sendContinue();
    if (scope.inbound !== undefined) {
      this.upstreamPath = target.path;
      this.#choose(plainPlan(scope.inbound));
      this.#authorize();
      return;
    }
    const view = this.viewOfPort();
    const decision = decideHead(view, this);
    this.decision = decision;
    if (this.prepared.trace.sampled) this.keepEvidence(view);
    const { outcome } = decision;
    if (outcome.kind === 'forward') this.#choose(scope.plans.forward(outcome.action));
    // As in Envoy, the route is chosen by the headers that came, and what has none is not asked about.
    if (outcome.kind === 'notFound') this.#follow(decision);
    else this.#authorize();
  }

  onRequestChunk(chunk: Buffer): void {
    if (this.#over) return;
    const body = this.body!;
    body.add(chunk);
    if (this.forwarding !== undefined) this.forwarding.onRequestChunk(chunk);
    else if (this.scope.options.load.refuses()) this.onNoAnswer(NO_MEMORY);
    else if (this.#check?.waits === true) this.#check.onRequestBody();
    else if (body.keptBytes > 65_536) this.stream.pause();
  }

  onRequestEnd(trailers: HeaderList | undefined): void {
    this.body?.end(trailers);
    if (this.#over) return;
    this.#check?.onRequestBody();
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
    this.onNoAnswer(protocolAnswer(detail));
  }

  /** The stream was idle for too long. */
  onIdleTimeout(): void {
    if (this.#over) return;
    this.forwarding?.abandon();
    if (this.status !== 0) {
      this.onAnswerBroken(FLAG.streamIdle, 'stream_idle_timeout');
      return;
    }
    this.onNoAnswer(idleAnswer(this.body === undefined || this.body.complete));
  }

  onAnswerHead(head: ResponseHead, body: Buffer | undefined, end: boolean): void {
    const { headers } = head;
    const forwarding = this.forwarding!;
    this.status = head.status;
    this.answerHeaders = headers;
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
    this.answerTrailers = trailers;
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

  onBug(error: unknown): void {
    tellBug(error);
    try {
      if (this.#over) return this.stream.reset();
      this.forwarding?.abandon();
      if (this.status === 0) this.onNoAnswer(BUG);
      else this.onAnswerBroken('', BUG.details);
    } catch (another) {
      tellBug(another);
      this.stream.reset();
    }
  }

  #onVerdict(verdict: Verdict): void {
    this.scope.meter?.count(countOf(verdict));
    if (verdict.kind === 'allow') {
      const { headers } = this.head;
      for (const name of verdict.removedHeaders ?? []) headers.remove(name);
      changeHeaders(headers, verdict.requestHeaders, 'set');
      this.authorizedHeaders = verdict.responseHeaders;
      this.#go();
      return;
    }
    this.flags = withFlag(this.flags, FLAG.unauthorized);
    // What comes after the authorizer in Envoy has no part in its answer.
    this.decision = this.decision && { ...this.decision, cors: undefined };
    const headers = new HeaderList();
    changeHeaders(headers, verdict.headers, 'add');
    this.#answer(verdict.status, headers, verdict.body, verdict.details);
  }

  /** Asks whom the policies name, or goes on at once. */
  #authorize(): void {
    if (!isToBeAsked(this)) return this.#go();
    this.#check = new AuthorizationCheck(this, (verdict) => {
      this.#check = undefined;
      try {
        this.#onVerdict(verdict);
      } catch (error) {
        this.onBug(error);
      }
    });
    return this.#check.onRequestBody();
  }

  #go(): void {
    const { decision } = this;
    if (decision === undefined) this.#forward(0);
    else if (decision.fault === undefined) this.#follow(decision);
    else this.#fault(decision.fault);
  }

  #follow(decision: Decision): void {
    const { outcome } = decision;
    switch (outcome.kind) {
      case 'forward':
        this.upstreamPath =
          outcome.path === this.target.path ? outcome.path : wirePath(outcome.path);
        this.#forward(outcome.timeoutMs);
        break;
      case 'redirect': {
        const headers = headerList({ location: wireText(outcome.location) });
        this.#answerByRule(outcome.status, headers, '', outcome.responseHeaders);
        break;
      }
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
      // Envoy's filter for faults stands before the one for CORS, which never sees the request.
      this.decision = { ...this.decision!, cors: undefined };
      this.onNoAnswer(faultAnswer(abort!.httpStatus, abort!.grpcStatus));
    };
    if (!delays) return go();
    this.flags = withFlag(this.flags, FLAG.delay);
    this.#delayTimer = later(go, delay.durationMs, (error) => this.onBug(error));
  }

  /** To where the host's name leads, but never back here: that would go round for ever. */
  #passThrough(): void {
    const { scope, target } = this;
    const host = hostnameOf(target.authority);
    const port = portOf(target.authority, scope.isForwardProxy ? 80 : scope.port);
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
    const plan = this.#plan!;
    const destination = this.#destination;
    const cluster = destination?.cluster;
    if (destination === undefined || cluster === undefined) {
      this.onNoAnswer(noClusterAnswer(plan.missingStatus));
      return;
    }
    this.cluster = cluster;
    const { stream, scope } = this;
    const planned = planForwarding(this, { plan, destination, cluster, routeTimeoutMs });
    this.forwarding = new Forwarding(this, planned, stream, scope.options);
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
  #answer(
    status: number,
    headers: HeaderList,
    text: string | Buffer,
    details: string,
    grpc?: number,
  ): void {
    this.details = details;
    const { head, body } = localHead(this, { status, headers, text, grpc });
    this.answerHeaders = headers;
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
    this.#check?.cancel();
    this.body?.forget();
    this.scope.meter?.requestsActive(-1);
    const { sink } = this.scope.options;
    sink.record(fillRecord(this), sink.needsHeaders === true ? new HeadersOf(this) : undefined);
    lastWords?.();
  }
}
