// The upstream half of an exchange: attempts, their timeouts and retries, until one gives the answer.

import type { ResponseHead } from '../codec/head.ts';
import type { HeaderList } from '../codec/header-list.ts';
import { poolOf } from '../pool/pools.ts';
import type { Ticket } from '../pool/endpoint-pool.ts';
import type { RequestRecord } from '../request-record.ts';
import { LOCAL_ORIGIN, type Endpoint } from '../upstream/cluster.ts';
import { retryLimit } from '../upstream/retry-limit.ts';
import { httpFromGrpc } from './grpc-status.ts';
import type { AnswerSink, ForwardingPlan } from './forwarding-plan.ts';
import { later } from './later.ts';
import * as answers from './local-answer.ts';
import { localOrigin } from './local-origin.ts';
import { failureFlag, FLAG } from './response-flags.ts';
import { backoffMs, IDEMPOTENT, retriesAnswer, retriesFailure } from './retry-policy.ts';
import type { ExchangeOptions } from './scope.ts';
import { sendBody, sendRequest } from './send-request.ts';
import type {
  DownstreamStream,
  UpstreamFailure,
  UpstreamHandler,
  UpstreamStream,
} from './streams.ts';

/** Held back for an upstream that is not there yet, or has not switched yet, before the client is asked to wait. */
const HELD_BYTES = 65_536;

/**
 * What becomes of the client's bytes. Those after a wish for an upgrade are held until the upstream switches, and
 * dropped when it does not: it would take them for the next request on its connection.
 */
const BODY = { sent: 0, held: 1, dropped: 2 } as const;

export class Forwarding implements UpstreamHandler {
  attempts = 0;
  endpoint: Endpoint | undefined = undefined;
  local = '';
  /** From the request's departure to the first byte of the answer; -1 without. */
  serviceTimeMs = -1;
  /** Flags that retries left behind. */
  retryFlag = '';
  overflow: RequestRecord['overflow'] = '';
  readonly #sink: AnswerSink;
  readonly #plan: ForwardingPlan;
  readonly #downstream: DownstreamStream;
  readonly #options: ExchangeOptions;
  #stream: UpstreamStream | undefined = undefined;
  #ticket: Ticket | undefined = undefined;
  #counted = false;
  #retrying = false;
  #tried: Endpoint[] | undefined = undefined;
  #bodyIs: number = BODY.sent;
  #answered = false;
  #over = false;
  #staleRetried = false;
  #sentAtMs = 0;
  #timer: NodeJS.Timeout | undefined = undefined;
  #tryTimer: NodeJS.Timeout | undefined = undefined;
  #backoffTimer: NodeJS.Timeout | undefined = undefined;

  readonly #onBug = (error: unknown): void => this.#sink.onBug(error);

  constructor(
    sink: AnswerSink,
    plan: ForwardingPlan,
    downstream: DownstreamStream,
    options: ExchangeOptions,
  ) {
    this.#sink = sink;
    this.#plan = plan;
    this.#downstream = downstream;
    this.#options = options;
    if (plan.head.upgrade !== '') this.#bodyIs = BODY.held;
  }

  start(): void {
    if (this.#plan.body?.complete ?? true) this.#startTimer();
    this.#attempt();
  }

  /** More of the body; it stands in the plan's `body` already. */
  onRequestChunk(chunk: Buffer): void {
    if (this.#over) return;
    const body = this.#plan.body!;
    if (this.#stream === undefined || this.#bodyIs === BODY.held) {
      if (this.#options.load.refuses()) {
        this.abandon();
        this.#sink.onNoAnswer(answers.NO_MEMORY);
      } else if (body.keptBytes > HELD_BYTES) this.#downstream.pause();
      return;
    }
    if (!this.#keepsBody()) body.forget();
    if (this.#bodyIs === BODY.sent && !this.#stream.sendChunk(chunk)) this.#downstream.pause();
  }

  onRequestEnd(): void {
    if (this.#over) return;
    this.#startTimer();
    if (this.#stream === undefined) return;
    if (this.#bodyIs === BODY.sent) this.#stream.sendEnd(this.#plan.body?.trailers);
    this.#startTryTimer();
  }

  onDownstreamDrain(): void {
    this.#stream?.resume();
  }

  /** The client reads too slowly: no more of the answer until it drains. */
  pauseAnswer(): void {
    this.#stream?.pause();
  }

  /** Gives up: nobody waits for the answer any more. */
  abandon(): void {
    this.#dropStream();
    this.#end();
  }

  onUpstreamReady(stream: UpstreamStream): void {
    const { head, body } = this.#plan;
    const holdsBody = this.#bodyIs === BODY.held;
    this.#ticket = undefined;
    this.#stream = stream;
    this.local = stream.local;
    this.#sentAtMs = this.#options.now();
    head.headers.set('x-envoy-attempt-count', String(this.attempts));
    const more = sendRequest(stream, this.#plan, this.#downstream.scheme, holdsBody);
    if (body?.complete !== false) this.#startTryTimer();
    if (body === undefined) return;
    if (!holdsBody && !this.#keepsBody()) body.forget();
    this.#letClientSend(holdsBody ? body.keptBytes <= HELD_BYTES : more);
  }

  onResponseHead(head: ResponseHead, body: Buffer | undefined, end: boolean): void {
    const { cluster, retries } = this.#plan;
    this.serviceTimeMs = this.#options.now() - this.#sentAtMs;
    const grpc = head.headers.get('grpc-status');
    cluster.report(this.endpoint!, grpc === undefined ? head.status : httpFromGrpc(Number(grpc)));
    if (
      retries.attempts > 0 &&
      retriesAnswer(retries, head.status, head.headers) &&
      this.#mayRetry()
    ) {
      if (end) this.#stream = undefined;
      this.#dropStream();
      this.#retry();
      return;
    }
    this.#answered = true;
    clearTimeout(this.#tryTimer);
    if (this.#bodyIs === BODY.held) this.#settleUpgrade(head.upgrade !== '');
    this.#plan.body?.forget();
    if (end) this.#end();
    this.#sink.onAnswerHead(head, body, end);
  }

  onResponseChunk(chunk: Buffer): void {
    if (!this.#sink.onAnswerChunk(chunk)) this.#stream?.pause();
  }

  onResponseEnd(trailers: HeaderList | undefined): void {
    this.#end();
    this.#sink.onAnswerEnd(trailers);
  }

  onUpstreamDrain(): void {
    if (this.#bodyIs === BODY.held && this.#plan.body!.keptBytes > HELD_BYTES) return;
    this.#downstream.resume();
  }

  onUpstreamFailure(failure: UpstreamFailure): void {
    const { cluster, retries, head } = this.#plan;
    const stream = this.#stream;
    this.#stream = undefined;
    this.#ticket = undefined;
    const origin = localOrigin(failure);
    if (origin !== undefined) cluster.report(this.endpoint!, origin);
    if (this.#answered) {
      this.#end();
      this.#sink.onAnswerBroken(
        failureFlag(failure),
        `upstream_reset_after_response_started{${answers.failureDetails(failure)}}`,
      );
      return;
    }
    if (
      failure.reason === 'reset' &&
      stream?.reused === true &&
      !this.#staleRetried &&
      this.#plan.body === undefined &&
      IDEMPOTENT.has(head.method)
    ) {
      // The server closed a kept connection while the request was on its way (RFC 9110 §9.2.2).
      this.#staleRetried = true;
      this.attempts--;
      this.#release();
      this.#attempt();
      return;
    }
    if (
      retries.attempts > 0 &&
      retriesFailure(retries, failure, stream !== undefined) &&
      this.#mayRetry()
    ) {
      this.#retry();
      return;
    }
    if (failure.reason === 'overflow') this.overflow = 'request';
    this.#end();
    this.#sink.onNoAnswer(answers.failureAnswer(failure, this.attempts > 1));
  }

  /** The answer says whether the upstream switches: what was held is its own then, the client's end too. */
  #settleUpgrade(switches: boolean): void {
    this.#bodyIs = switches ? BODY.sent : BODY.dropped;
    this.#letClientSend(!switches || sendBody(this.#stream!, this.#plan.body!));
  }

  #letClientSend(more: boolean): void {
    if (more) this.#downstream.resume();
    else this.#downstream.pause();
  }

  #attempt(): void {
    const { cluster, hash } = this.#plan;
    if (cluster.requests >= cluster.limits.maxRequests) {
      this.overflow = 'request';
      this.#end();
      this.#sink.onNoAnswer(
        answers.failureAnswer({ reason: 'overflow', detail: '' }, this.attempts > 0),
      );
      return;
    }
    const endpoint = cluster.pick(cluster.hashes ? hash : undefined, this.#tried);
    if (endpoint === undefined) {
      this.#end();
      this.#sink.onNoAnswer(answers.NO_HEALTHY_UPSTREAM);
      return;
    }
    this.endpoint = endpoint;
    this.attempts++;
    this.#counted = true;
    cluster.requests++;
    endpoint.active++;
    // The ticket must not overwrite what a connection that is there at once has brought about.
    const ticket = poolOf(cluster, endpoint, this.#options.pool).acquire(this);
    if (ticket !== undefined) this.#ticket = ticket;
  }

  #mayRetry(): boolean {
    const { retries, body, cluster } = this.#plan;
    if (this.#over || (body !== undefined && !body.whole)) return false;
    if (this.attempts > retries.attempts) {
      this.retryFlag = FLAG.retryLimit;
      return false;
    }
    // Its own last retry is over by now.
    if (cluster.retries - Number(this.#retrying) < retryLimit(cluster)) return true;
    this.retryFlag = FLAG.overflow;
    this.overflow = 'retry';
    return false;
  }

  #retry(): void {
    const { cluster, retries } = this.#plan;
    (this.#tried ??= []).push(this.endpoint!);
    this.#release();
    clearTimeout(this.#tryTimer);
    if (!this.#retrying) cluster.retries++;
    this.#retrying = true;
    const wait = backoffMs(retries, this.attempts, this.#options.random);
    this.#backoffTimer = later(() => this.#attempt(), wait, this.#onBug);
  }

  #keepsBody(): boolean {
    const { body, retries, keepBody } = this.#plan;
    const { maxKeptBytes, load } = this.#options;
    const wanted =
      !this.#answered && (retries.attempts > 0 || keepBody) && body!.keptBytes <= maxKeptBytes;
    if (!wanted || !load.isFull) return wanted;
    if (body!.whole) load.bodiesNotKept++;
    return false;
  }

  #startTimer(): void {
    const { timeoutMs } = this.#plan;
    if (timeoutMs > 0) this.#timer = later(() => this.#onTimeout(), timeoutMs, this.#onBug);
  }

  #startTryTimer(): void {
    const { perTryTimeoutMs, timeoutMs } = this.#plan;
    if (perTryTimeoutMs <= 0 || (timeoutMs > 0 && perTryTimeoutMs >= timeoutMs)) return;
    this.#tryTimer = later(() => this.#onTryTimeout(), perTryTimeoutMs, this.#onBug);
  }

  #onTimeout(): void {
    if (this.#counted) this.#plan.cluster.report(this.endpoint!, LOCAL_ORIGIN.timeout);
    this.#dropStream();
    this.#end();
    if (this.#answered) this.#sink.onAnswerBroken(FLAG.timeout, 'response_timeout');
    else this.#sink.onNoAnswer(answers.TIMEOUT);
  }

  #onTryTimeout(): void {
    if (this.#answered) return;
    this.#plan.cluster.report(this.endpoint!, LOCAL_ORIGIN.timeout);
    this.#dropStream();
    const failure: UpstreamFailure = { reason: 'reset', detail: '' };
    if (retriesFailure(this.#plan.retries, failure, true) && this.#mayRetry()) {
      this.#retry();
      return;
    }
    this.#end();
    this.#sink.onNoAnswer({ ...answers.TIMEOUT, details: 'upstream_per_try_timeout' });
  }

  #dropStream(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.cancel();
    this.#ticket?.cancel();
    this.#ticket = undefined;
  }

  #release(): void {
    if (!this.#counted) return;
    this.#counted = false;
    this.#plan.cluster.requests--;
    this.endpoint!.active--;
  }

  #end(): void {
    this.#over = true;
    this.#stream = undefined;
    this.#release();
    if (this.#retrying) this.#plan.cluster.retries--;
    this.#retrying = false;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.#tryTimer !== undefined) clearTimeout(this.#tryTimer);
    if (this.#backoffTimer !== undefined) clearTimeout(this.#backoffTimer);
  }
}
