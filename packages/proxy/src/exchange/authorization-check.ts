// The question to an external authorizer that one request waits for.

import type { Authorization, Verdict } from '../authorization/authorization.ts';
import { AuthorizationView } from './authorization-view.ts';
import type { ExchangeState } from './exchange-state.ts';

/** Held back for an authorizer that does not want to see it before the client is asked to wait. */
const HELD_BYTES = 65_536;

/** Whether a policy is about the request. The authorizer itself is not asked about requests to it. */
export function isToBeAsked(exchange: ExchangeState): boolean {
  const { authorization, inbound } = exchange.scope;
  if (authorization === undefined || !authorization.asks(new AuthorizationView(exchange)))
    return false;
  return !inbound?.endpoints.some(({ key }) => authorization.isEndpoint(key));
}

/** Envoy's name for what came of it. */
export function countOf(verdict: Verdict) {
  if (verdict.kind === 'allow')
    return verdict.unchecked ? 'ext_authz_failure_mode_allowed' : 'ext_authz_ok';
  return verdict.details === 'ext_authz_error' ? 'ext_authz_error' : 'ext_authz_denied';
}

export class AuthorizationCheck {
  /** More of the body must come before it can be asked. */
  waits = true;
  readonly #exchange: ExchangeState;
  readonly #authorization: Authorization;
  readonly #done: (verdict: Verdict) => void;
  #cancel: (() => void) | undefined = undefined;

  /** @param done told once, never at once */
  constructor(exchange: ExchangeState, done: (verdict: Verdict) => void) {
    this.#exchange = exchange;
    this.#authorization = exchange.scope.authorization!;
    this.#done = done;
  }

  /** Asks when as much of the body has come as the authorizer wants to see, or all. */
  onRequestBody(): void {
    if (!this.waits) return;
    const { body, head, stream } = this.#exchange;
    const { bodyBytes } = this.#authorization;
    if (body !== undefined && !body.complete && head.upgrade === '') {
      if (bodyBytes > 0 && body.bytes <= bodyBytes) return;
      if (body.keptBytes > HELD_BYTES) stream.pause();
    }
    this.waits = false;
    this.#cancel = this.#authorization.authorize(new AuthorizationView(this.#exchange), this.#done);
  }

  cancel(): void {
    this.#cancel?.();
  }
}
