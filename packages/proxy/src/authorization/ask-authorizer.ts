// One question to an authorizer, over the connections that the client has to its cluster: with the same TLS
// and limits as every request there.

import { headerList, type HeaderList } from '../codec/header-list.ts';
import type { ResponseHead } from '../codec/head.ts';
import { httpFromGrpc } from '../exchange/grpc-status.ts';
import { localOrigin } from '../exchange/local-origin.ts';
import type {
  UpstreamFailure,
  UpstreamHandler,
  UpstreamRequest,
  UpstreamStream,
} from '../exchange/streams.ts';
import type { PoolOptions, Ticket } from '../pool/endpoint-pool.ts';
import { poolOf } from '../pool/pools.ts';
import { LOCAL_ORIGIN, type Cluster, type Endpoint } from '../upstream/cluster.ts';
import type { Verdict } from './authorization.ts';
import type { CheckAnswer, CheckRequest } from './check-request.ts';

export interface AskOptions {
  readonly cluster: Cluster;
  readonly timeoutMs: number;
  readonly pool: PoolOptions;
  readonly check: CheckRequest;
  readonly verdictOf: (answer: CheckAnswer) => Verdict;
  /** When there is no answer. */
  readonly failed: Verdict;
  /** Told once, never before `askAuthorizer` returns. */
  readonly done: (verdict: Verdict) => void;
}

/** Longer answers are a failure of the authorizer. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Gives a function that cancels: nothing is told then. */
export function askAuthorizer(options: AskOptions): () => void {
  const question = new Question(options);
  question.start();
  return () => question.cancel();
}

class Question implements UpstreamHandler {
  readonly #options: AskOptions;
  readonly #timer: NodeJS.Timeout;
  #endpoint: Endpoint | undefined = undefined;
  #ticket: Ticket | undefined = undefined;
  #stream: UpstreamStream | undefined = undefined;
  #status = 0;
  #headers: HeaderList | undefined = undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #again = true;
  #over = false;

  constructor(options: AskOptions) {
    this.#options = options;
    const { timeoutMs } = options;
    this.#timer = setTimeout(() => this.#fail(LOCAL_ORIGIN.timeout), timeoutMs);
  }

  start(): void {
    const { cluster, pool, check } = this.#options;
    const endpoint =
      canBeSent(check) && hasRoom(cluster) ? cluster.pick(undefined, undefined) : undefined;
    if (endpoint === undefined) {
      queueMicrotask(() => this.#fail(undefined));
      return;
    }
    this.#endpoint = endpoint;
    cluster.requests++;
    endpoint.active++;
    const ticket = poolOf(cluster, endpoint, pool).acquire(this);
    if (ticket !== undefined) this.#ticket = ticket;
  }

  cancel(): void {
    if (!this.#finish()) return;
    this.#stream?.cancel();
    this.#ticket?.cancel();
  }

  onUpstreamReady(stream: UpstreamStream): void {
    this.#ticket = undefined;
    this.#stream = stream;
    const { method, path, headers, body, takesTrailers = false } = this.#options.check;
    const { host, 'content-length': length, ...rest } = headers;
    const list = headerList(rest);
    if (length === '0' && !SAYS_LENGTH.has(method)) list.add('content-length', '0');
    const request: UpstreamRequest = {
      method,
      path,
      scheme: 'http',
      authority: host ?? '',
      headers: list,
      bodyLength: body?.length ?? 0,
      upgrade: '',
      takesTrailers,
    };
    stream.send(request, body, true);
  }

  onResponseHead(head: ResponseHead, body: Buffer | undefined, end: boolean): void {
    this.#status = head.status;
    this.#headers = head.headers;
    if (body !== undefined) this.onResponseChunk(body);
    if (end) this.onResponseEnd(undefined);
  }

  onResponseChunk(chunk: Buffer): void {
    if (this.#over) return;
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_ANSWER_BYTES) this.#fail(LOCAL_ORIGIN.reset);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(trailers: HeaderList | undefined): void {
    this.#stream = undefined;
    const answer = {
      status: this.#status,
      headers: pairsOf(this.#headers!),
      ...(trailers && { trailers: pairsOf(trailers) }),
      body: Buffer.concat(this.#chunks),
    };
    const grpc = trailers?.get('grpc-status') ?? this.#headers!.get('grpc-status');
    const result = grpc === undefined ? this.#status : httpFromGrpc(Number(grpc));
    this.#tell(this.#options.verdictOf(answer), result);
  }

  onUpstreamDrain(): void {}

  onUpstreamFailure(failure: UpstreamFailure): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#ticket = undefined;
    if (this.#over) return;
    if (
      failure.reason === 'reset' &&
      stream?.reused === true &&
      this.#status === 0 &&
      this.#again
    ) {
      // A kept connection may have been closed just now; a new one is worth a try.
      this.#again = false;
      this.#release();
      this.start();
      return;
    }
    // The pool tells of a limit at once.
    queueMicrotask(() => this.#fail(localOrigin(failure)));
  }

  #fail(result: number | undefined): void {
    if (this.#over) return;
    const stream = this.#stream;
    const ticket = this.#ticket;
    this.#tell(this.#options.failed, result);
    stream?.cancel();
    ticket?.cancel();
  }

  #tell(verdict: Verdict, result: number | undefined): void {
    const endpoint = this.#endpoint;
    if (!this.#finish()) return;
    const { cluster, done } = this.#options;
    if (endpoint !== undefined && result !== undefined) cluster.report(endpoint, result);
    done(verdict);
  }

  #finish(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#release();
    return true;
  }

  #release(): void {
    if (this.#endpoint === undefined) return;
    this.#options.cluster.requests--;
    this.#endpoint.active--;
    this.#endpoint = undefined;
  }
}

const pairsOf = ({ names, values }: HeaderList) =>
  names.map((name, i) => [name, values[i]!] as const);

/** Those of which the connection says it by itself. */
const SAYS_LENGTH = new Set(['POST', 'PUT', 'PATCH']);

const hasRoom = (cluster: Cluster) => cluster.requests < cluster.limits.maxRequests;

/** Nothing that would end a line, or the request line's path. */
function canBeSent({ path, headers }: CheckRequest): boolean {
  return (
    !/[\0-\x20\x7f]/.test(path) && Object.values(headers).every((value) => !/[\r\n\0]/.test(value))
  );
}
