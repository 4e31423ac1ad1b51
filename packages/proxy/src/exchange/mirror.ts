// A copy of a request for another destination: sent, and its answer thrown away.

import { hostnameOf } from '@clover/traffic';
import type { HeaderList } from '../codec/header-list.ts';
import type { ResponseHead } from '../codec/head.ts';
import { forkTrace } from '../telemetry/trace-context.ts';
import { poolOf } from '../pool/pools.ts';
import type { PoolOptions } from '../pool/endpoint-pool.ts';
import type { Cluster, Endpoint } from '../upstream/cluster.ts';
import { LOCAL_ORIGIN } from '../upstream/cluster.ts';
import type { ExchangeState } from './exchange-state.ts';
import { injectTrace } from './prepare-request.ts';
import { mirrorRecord } from './record.ts';
import type { MirrorPlan } from './route-plan.ts';
import type {
  UpstreamFailure,
  UpstreamHandler,
  UpstreamRequest,
  UpstreamStream,
} from './streams.ts';

/** Sends a copy to each mirror that its percentage chooses. A body that was too long to keep is not mirrored. */
export function sendMirrors(
  exchange: ExchangeState,
  mirrors: readonly MirrorPlan[],
  authority: string,
): void {
  const { scope, head, body } = exchange;
  const { now, random, shadowHostSuffix, pool, sink } = scope.options;
  if (body !== undefined && !body.whole) return;
  for (const { cluster, probability } of mirrors) {
    if (cluster === undefined || random() >= probability) continue;
    const headers = head.headers.copy();
    headers.remove('x-envoy-attempt-count');
    const trace = exchange.prepared && forkTrace(exchange.prepared.trace);
    if (trace !== undefined) injectTrace(trace, headers);
    const startMs = now();
    const request: UpstreamRequest = {
      method: head.method,
      path: exchange.upstreamPath,
      scheme: exchange.stream.scheme,
      authority: shadowHostSuffix ? shadowHost(authority) : authority,
      headers,
      bodyLength: body === undefined ? 0 : body.bytes,
      upgrade: '',
      takesTrailers: false,
    };
    const onDone: MirrorOptions['onDone'] = (status, endpoint) =>
      sink.record(
        mirrorRecord(exchange, { cluster, endpoint, status, trace, startMs, path: request.path }),
      );
    sendMirror(cluster, request, [...(body?.chunks ?? [])], { pool, onDone });
  }
}

/** `host-shadow:port` */
function shadowHost(authority: string): string {
  const host = hostnameOf(authority);
  return `${authority.slice(0, host.length)}-shadow${authority.slice(host.length)}`;
}

/** Nobody waits for a mirror; one that never ends must not stay. */
const MAX_MIRROR_MS = 60_000;

interface MirrorOptions {
  readonly pool: PoolOptions;
  /** Told once: the status, 0 for none. */
  readonly onDone: (status: number, endpoint: Endpoint | undefined) => void;
}

/** Sends the copy. `chunks` is its whole body. */
function sendMirror(
  cluster: Cluster,
  request: UpstreamRequest,
  chunks: readonly Buffer[],
  { pool, onDone }: MirrorOptions,
): void {
  const endpoint =
    cluster.requests < cluster.limits.maxRequests ? cluster.pick(undefined, undefined) : undefined;
  if (endpoint === undefined) {
    onDone(0, undefined);
    return;
  }
  cluster.requests++;
  endpoint.active++;
  new Mirror(cluster, endpoint, request, chunks, onDone).start(pool);
}

class Mirror implements UpstreamHandler {
  readonly #cluster: Cluster;
  readonly #endpoint: Endpoint;
  readonly #request: UpstreamRequest;
  readonly #chunks: readonly Buffer[];
  readonly #onDone: MirrorOptions['onDone'];
  #stream: UpstreamStream | undefined = undefined;
  #status = 0;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(
    cluster: Cluster,
    endpoint: Endpoint,
    request: UpstreamRequest,
    chunks: readonly Buffer[],
    onDone: MirrorOptions['onDone'],
  ) {
    this.#cluster = cluster;
    this.#endpoint = endpoint;
    this.#request = request;
    this.#chunks = chunks;
    this.#onDone = onDone;
  }

  start(pool: PoolOptions): void {
    const ticket = poolOf(this.#cluster, this.#endpoint, pool).acquire(this);
    this.#timer = setTimeout(() => {
      if (this.#stream) this.#stream.cancel();
      else ticket?.cancel();
      this.#end(LOCAL_ORIGIN.timeout);
    }, MAX_MIRROR_MS).unref();
  }

  onUpstreamReady(stream: UpstreamStream): void {
    this.#stream = stream;
    const [first, ...others] = this.#chunks;
    const alone = others.length === 0;
    stream.send(this.#request, first, alone);
    if (alone) return;
    for (const chunk of others) stream.sendChunk(chunk);
    stream.sendEnd(undefined);
  }

  onResponseHead(head: ResponseHead, _body: Buffer | undefined, end: boolean): void {
    this.#status = head.status;
    if (end) this.#end(head.status);
  }

  onResponseChunk(): void {}

  onResponseEnd(_trailers: HeaderList | undefined): void {
    this.#end(this.#status);
  }

  onUpstreamDrain(): void {}

  onUpstreamFailure(failure: UpstreamFailure): void {
    this.#end(failure.reason === 'connect' ? LOCAL_ORIGIN.connect : LOCAL_ORIGIN.reset);
  }

  #end(result: number): void {
    clearTimeout(this.#timer);
    this.#cluster.requests--;
    this.#endpoint.active--;
    this.#cluster.report(this.#endpoint, result);
    this.#onDone(Math.max(result, 0), this.#endpoint);
  }
}
