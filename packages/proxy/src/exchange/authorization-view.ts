// A request as policies and an external authorizer see it.

import type { AuthorizationRequest } from '../authorization/authorization.ts';
import { writeTraceHeaders } from '../telemetry/trace-context.ts';
import type { ExchangeState } from './exchange-state.ts';

export class AuthorizationView implements AuthorizationRequest {
  readonly #exchange: ExchangeState;
  /** As it is sent on: a rule must not be got round by another spelling of the same path. */
  readonly target: string;

  constructor(exchange: ExchangeState) {
    this.#exchange = exchange;
    this.target = exchange.target.path;
  }

  get method(): string {
    return this.#exchange.head.method;
  }
  get path(): string {
    const { target } = this;
    const mark = target.indexOf('?');
    return mark === -1 ? target : target.slice(0, mark);
  }
  get authority(): string {
    return this.#exchange.target.authority;
  }
  get port(): number {
    return this.#exchange.scope.port;
  }
  header(name: string): string | undefined {
    return this.#exchange.header(name);
  }
  *headers(): Iterable<readonly [name: string, value: string]> {
    const { names, values } = this.#exchange.head.headers;
    for (let i = 0; i < names.length; i++) yield [names[i]!, values[i]!];
  }
  get scheme(): string {
    return this.#exchange.stream.scheme;
  }
  get protocol(): string {
    return this.#exchange.stream.protocol;
  }
  get remote(): string {
    return this.#exchange.stream.remote;
  }
  get local(): string {
    return this.#exchange.stream.local;
  }
  get startUnixMs(): number {
    return performance.timeOrigin + this.#exchange.startMs;
  }
  get sourceIp(): string {
    return this.#exchange.stream.remoteAddress;
  }
  /** At the edge the connection's own address; behind a gateway what that one has seen. */
  get remoteIp(): string {
    const { scope, head, stream } = this.#exchange;
    if (scope.direction === 'gateway') return stream.remoteAddress;
    return (
      head.headers.getAll('x-forwarded-for')?.split(',').at(-1)?.trim() ?? stream.remoteAddress
    );
  }
  get principal(): string {
    return this.#exchange.stream.peer?.principal ?? '';
  }
  get serverName(): string {
    return this.#exchange.stream.serverName;
  }
  get body(): Buffer | undefined {
    const { body } = this.#exchange;
    if (body === undefined || this.#exchange.head.upgrade !== '') return undefined;
    return body.chunks.length === 1 ? body.chunks[0] : Buffer.concat(body.chunks);
  }
  get bodyComplete(): boolean {
    return this.#exchange.body?.complete ?? true;
  }
  *traceHeaders(): Iterable<readonly [name: string, value: string]> {
    const { prepared } = this.#exchange;
    if (prepared === undefined) return;
    const pairs: [string, string][] = [];
    writeTraceHeaders(prepared.trace, (name, value) => void pairs.push([name, value]));
    yield* pairs;
  }
}
