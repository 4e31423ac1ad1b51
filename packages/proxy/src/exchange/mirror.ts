// A copy of a request for another destination: sent, and its answer thrown away.

import { hostnameOf } from '@clover/traffic';
import { tellBug } from '../bug.ts';
import type { HeaderList } from '../codec/header-list.ts';
import { LENGTH, type ResponseHead } from '../codec/head.ts';
import { forkTrace } from '../telemetry/trace-context.ts';
import { poolOf } from '../pool/pools.ts';
import type { PoolOptions } from '../pool/endpoint-pool.ts';
import type { Cluster, Endpoint } from '../upstream/cluster.ts';
import { LOCAL_ORIGIN } from '../upstream/cluster.ts';
import type { ExchangeState } from './exchange-state.ts';
import { later } from './later.ts';
import { localOrigin } from './local-origin.ts';
import { injectTrace } from './prepare-request.ts';
import { mirrorRecord } from './record.ts';
import type { Load } from './load.ts';
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
  { authority, timeoutMs }: { readonly authority: string; readonly timeoutMs: number },
): void {
  const { scope, head, body } = exchange;
  const { now, random, shadowHostSuffix, pool, sink, load } = scope.options;
  if (body !== undefined && !body.whole) return;
  const limitMs = timeoutMs > 0 ? timeoutMs : MAX_MIRROR_MS;
  for (const { cluster, probability } of mirrors) {
    if (cluster === undefined || random() >= probability) continue;
    if ((underWay.get(cluster) ?? 0) >= MAX_MIRRORS || (body !== undefined && load.isFull)) {
      load.mirrorsDropped++;
      continue;
    }
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
      bodyLength: body === undefined ? 0 : body.trailers ? LENGTH.chunked : body.bytes,
      upgrade: '',
      takesTrailers: head.takesTrailers,
    };
    const onDone: MirrorOptions['onDone'] = (status, endpoint) =>
      sink.record(
        mirrorRecord(exchange, { cluster, endpoint, status, trace, startMs, path: request.path }),
      );
    const copy = { chunks: [...(body?.chunks ?? [])], trailers: body?.trailers };
    sendMirror(cluster, request, copy, { pool, load, limitMs, onDone });
  }
}

/** `host-shadow:port` */
function shadowHost(authority: string): string {
  const host = hostnameOf(authority);
  return `${authority.slice(0, host.length)}-shadow${authority.slice(host.length)}`;
}

/** Nobody waits for a mirror: without a timeout of its rule it has this. */
const MAX_MIRROR_MS = 15_000;
/** At a time to one cluster; each may hold a connection and a body. */
const MAX_MIRRORS = 256;
const underWay = new WeakMap<Cluster, number>();

/** The whole body of a copy. */
interface MirroredBody {
  readonly chunks: readonly Buffer[];
  readonly trailers: HeaderList | undefined;
}

interface MirrorOptions {
  readonly pool: PoolOptions;
  readonly load: Load;
  readonly limitMs: number;
  /** Told once: the status, 0 for none. */
  readonly onDone: (status: number, endpoint: Endpoint | undefined) => void;
}

/** Sends the copy. */
function sendMirror(
  cluster: Cluster,
  request: UpstreamRequest,
  body: MirroredBody,
  options: MirrorOptions,
): void {
  const endpoint =
    cluster.requests < cluster.limits.maxRequests ? cluster.pick(undefined, undefined) : undefined;
  if (endpoint === undefined) {
    options.onDone(0, undefined);
    return;
  }
  cluster.requests++;
  endpoint.active++;
  underWay.set(cluster, (underWay.get(cluster) ?? 0) + 1);
  new Mirror(cluster, endpoint, request, body, options).start();
}

class Mirror implements UpstreamHandler {
  readonly #cluster: Cluster;
  readonly #endpoint: Endpoint;
  readonly #request: UpstreamRequest;
  readonly #body: MirroredBody;
  readonly #bytes: number;
  readonly #options: MirrorOptions;
  #stream: UpstreamStream | undefined = undefined;
  #status = 0;
  #over = false;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(
    cluster: Cluster,
    endpoint: Endpoint,
    request: UpstreamRequest,
    body: MirroredBody,
    options: MirrorOptions,
  ) {
    this.#cluster = cluster;
    this.#endpoint = endpoint;
    this.#request = request;
    this.#body = body;
    this.#options = options;
    this.#bytes = body.chunks.reduce((sum, one) => sum + one.length, 0);
    options.load.bufferedBytes += this.#bytes;
  }

  start(): void {
    const { pool, limitMs } = this.#options;
    const ticket = poolOf(this.#cluster, this.#endpoint, pool).acquire(this);
    const giveUp = () => {
      try {
        if (this.#stream) this.#stream.cancel();
        else ticket?.cancel();
      } finally {
        this.#end(LOCAL_ORIGIN.timeout);
      }
    };
    this.#timer = later(giveUp, limitMs, tellBug).unref();
  }

  onUpstreamReady(stream: UpstreamStream): void {
    this.#stream = stream;
    const { chunks, trailers } = this.#body;
    const [first, ...others] = chunks;
    const alone = others.length === 0 && trailers === undefined;
    stream.send(this.#request, first, alone);
    if (alone) return;
    for (const chunk of others) stream.sendChunk(chunk);
    stream.sendEnd(trailers);
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
    this.#end(localOrigin(failure));
  }

  #end(result: number | undefined): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#options.load.bufferedBytes -= this.#bytes;
    underWay.set(this.#cluster, underWay.get(this.#cluster)! - 1);
    this.#cluster.requests--;
    this.#endpoint.active--;
    if (result !== undefined) this.#cluster.report(this.#endpoint, result);
    this.#options.onDone(Math.max(result ?? 0, 0), this.#endpoint);
  }
}
