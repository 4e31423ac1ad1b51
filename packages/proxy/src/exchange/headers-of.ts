// Headers of an exchange, for formats of access logs that name one which the record does not hold.

import type { HeaderLookup } from '../telemetry/format/operators.ts';
import type { ExchangeState } from './exchange-state.ts';

export class HeadersOf implements HeaderLookup {
  readonly #exchange: ExchangeState;

  constructor(exchange: ExchangeState) {
    this.#exchange = exchange;
  }

  /** As the upstream got them. */
  request(name: string): string | undefined {
    return this.#exchange.head.headers.getAll(name);
  }
  response(name: string): string | undefined {
    return this.#exchange.answerHeaders?.getAll(name);
  }
  trailer(name: string): string | undefined {
    return this.#exchange.answerTrailers?.getAll(name);
  }
}
