// Calls from one service to another: a client span each, kept connections, a deadline, and an outcome
// that is counted.
import { type Context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Endpoint, EndpointTable } from './config.ts';
import type { Counters } from './counters.ts';
import type { Telemetry } from './telemetry.ts';

export interface UpstreamCall {
  /** Base URL with the logical name: `http://http-lb:9180`. */
  readonly base: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  readonly parent: Context;
  readonly timeoutMs: number;
  /** Instead of the base URL's host: a copy keeps the name that was asked for. */
  readonly hostHeader?: string | undefined;
  /** 1 for the first retry, and so on. */
  readonly resendCount?: number;
}

/** `refused`: nobody listens; `timeout`: no answer within the deadline; `reset`: the connection broke. */
export type UpstreamAnswer =
  | { readonly outcome: 'answered'; readonly response: IncomingMessage }
  | { readonly outcome: 'refused' | 'timeout' | 'reset'; readonly message: string };

export type UpgradeAnswer =
  | UpstreamAnswer
  | {
      readonly outcome: 'upgraded';
      readonly response: IncomingMessage;
      readonly socket: Duplex;
      readonly head: Buffer;
    };

export interface Upstream {
  /** Never rejects. The span ends when the answer's body has been read, or with the failure. */
  call(call: UpstreamCall): Promise<UpstreamAnswer>;
  /** The same for a request that changes protocols, on a connection of its own; the span is that of the handshake. */
  upgrade(call: Omit<UpstreamCall, 'body' | 'resendCount'>): Promise<UpgradeAnswer>;
  close(): void;
}

export function createUpstream(parts: {
  telemetry: Telemetry;
  counters: Counters;
  /** Asked at each call. */
  endpoints: () => EndpointTable;
}): Upstream {
  const agent = new Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 32 });
  const turns = new WeakMap<readonly Endpoint[], () => Endpoint>();

  const endpointOf = (url: URL): Endpoint => {
    const known = parts.endpoints()[url.host];
    if (known === undefined || known.length === 0)
      return { host: url.hostname, port: Number(url.port || 80), weight: 1 };
    let turn = turns.get(known);
    if (!turn) turns.set(known, (turn = createTurn(known)));
    return turn();
  };

  return {
    async call(call) {
      const url = new URL(call.target, call.base);
      const endpoint = endpointOf(url);
      const span = parts.telemetry.tracer.startSpan(
        call.method,
        { kind: SpanKind.CLIENT, attributes: clientAttributes(call, url, endpoint) },
        call.parent,
      );
      const headers: OutgoingHttpHeaders = { ...call.headers, host: call.hostHeader ?? url.host };
      parts.telemetry.inject(trace.setSpan(call.parent, span), headers);
      parts.counters.upstreamActive(url.hostname, 1);
      let answer = await send(agent, endpoint, call, headers);
      // A kept connection that the other side had just closed: nobody has seen this request.
      if (answer === 'stale') answer = await send(agent, endpoint, call, headers);
      if (answer === 'stale') answer = { outcome: 'reset', message: 'connection closed twice' };
      finish(answer, span, () => parts.counters.upstreamActive(url.hostname, -1));
      parts.counters.upstream(
        url.hostname,
        answer.outcome === 'answered' ? String(answer.response.statusCode) : answer.outcome,
      );
      return answer;
    },
    async upgrade(call) {
      const url = new URL(call.target, call.base);
      const endpoint = endpointOf(url);
      const span = parts.telemetry.tracer.startSpan(
        call.method,
        { kind: SpanKind.CLIENT, attributes: clientAttributes(call, url, endpoint) },
        call.parent,
      );
      const headers: OutgoingHttpHeaders = { ...call.headers, host: url.host };
      parts.telemetry.inject(trace.setSpan(call.parent, span), headers);
      const answer = await sendUpgrade(endpoint, call, headers);
      const answered = 'response' in answer;
      if (answered) span.setAttribute('http.response.status_code', answer.response.statusCode ?? 0);
      else {
        span.setAttribute('error.type', answer.outcome);
        span.setStatus({ code: SpanStatusCode.ERROR, message: answer.message });
      }
      span.end();
      parts.counters.upstream(
        url.hostname,
        answered ? String(answer.response.statusCode) : answer.outcome,
      );
      return answer;
    },
    close: () => agent.destroy(),
  };
}

/** Smooth weighted round robin, as nginx does it: of 4:1 every fifth, never two apart by chance. */
export function createTurn(endpoints: readonly Endpoint[]): () => Endpoint {
  const total = endpoints.reduce((sum, endpoint) => sum + endpoint.weight, 0);
  const current = endpoints.map(() => 0);
  return () => {
    let best = 0;
    endpoints.forEach((endpoint, index) => {
      current[index]! += endpoint.weight;
      if (current[index]! > current[best]!) best = index;
    });
    current[best]! -= total;
    return endpoints[best]!;
  };
}

function send(
  agent: Agent,
  endpoint: Endpoint,
  call: UpstreamCall,
  headers: OutgoingHttpHeaders,
): Promise<UpstreamAnswer | 'stale'> {
  return new Promise((resolve) => {
    const outgoing = request({
      agent,
      host: endpoint.host,
      port: endpoint.port,
      method: call.method,
      path: call.target,
      headers,
    });
    const deadline = setTimeout(() => {
      resolve({ outcome: 'timeout', message: `no answer within ${call.timeoutMs} ms` });
      outgoing.destroy();
    }, call.timeoutMs);
    outgoing.once('response', (response) => {
      clearTimeout(deadline);
      resolve({ outcome: 'answered', response });
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(deadline);
      if (error.code === 'ECONNRESET' && outgoing.reusedSocket) resolve('stale');
      else if (error.code === 'ECONNREFUSED')
        resolve({
          outcome: 'refused',
          message: `connect ECONNREFUSED ${headers['host'] as string}`,
        });
      else resolve({ outcome: 'reset', message: error.message });
    });
    outgoing.end(call.body);
  });
}

function sendUpgrade(
  endpoint: Endpoint,
  call: Omit<UpstreamCall, 'body'>,
  headers: OutgoingHttpHeaders,
): Promise<UpgradeAnswer> {
  return new Promise((resolve) => {
    const outgoing = request({
      agent: false,
      host: endpoint.host,
      port: endpoint.port,
      method: call.method,
      path: call.target,
      headers,
    });
    const deadline = setTimeout(() => {
      resolve({ outcome: 'timeout', message: `no answer within ${call.timeoutMs} ms` });
      outgoing.destroy();
    }, call.timeoutMs);
    const settle = (answer: UpgradeAnswer) => {
      clearTimeout(deadline);
      resolve(answer);
    };
    outgoing.once('upgrade', (response, socket, head) =>
      settle({ outcome: 'upgraded', response, socket, head }),
    );
    outgoing.once('response', (response) => settle({ outcome: 'answered', response }));
    outgoing.on('error', ({ code, message }: NodeJS.ErrnoException) =>
      settle({ outcome: code === 'ECONNREFUSED' ? 'refused' : 'reset', message }),
    );
    outgoing.end();
  });
}

function finish(answer: UpstreamAnswer, span: Span, done: () => void): void {
  if (answer.outcome !== 'answered') {
    span.setAttribute('error.type', answer.outcome === 'refused' ? 'ECONNREFUSED' : answer.outcome);
    span.setStatus({ code: SpanStatusCode.ERROR, message: answer.message });
    span.end();
    done();
    return;
  }
  const status = answer.response.statusCode ?? 0;
  span.setAttribute('http.response.status_code', status);
  if (status >= 400) {
    span.setAttribute('error.type', String(status));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  answer.response.once('close', () => {
    span.end();
    done();
  });
}

function clientAttributes(call: Omit<UpstreamCall, 'body'>, url: URL, endpoint: Endpoint) {
  const userAgent = call.headers['user-agent'];
  return {
    'http.request.method': call.method,
    'url.full': url.href,
    'url.scheme': 'http',
    'server.address': url.hostname,
    'server.port': Number(url.port || 80),
    'network.peer.address': endpoint.host,
    'network.peer.port': endpoint.port,
    'network.protocol.name': 'http',
    'network.protocol.version': '1.1',
    ...(typeof userAgent === 'string' ? { 'user_agent.original': userAgent } : {}),
    ...(call.resendCount === undefined ? {} : { 'http.request.resend_count': call.resendCount }),
  };
}
