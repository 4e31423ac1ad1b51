// Earliest deadline first: each pick moves an endpoint's deadline on by 1/weight, so that each comes
// round in proportion to its weight, evenly spread. Weights are asked again at each pick.

import type { UpstreamEndpoint } from '../upstream-endpoint.ts';

export class WeightedSchedule {
  readonly #weight: (endpoint: UpstreamEndpoint) => number;
  // A binary heap; of equal deadlines the one that was added first comes first.
  readonly #hosts: UpstreamEndpoint[];
  readonly #deadlines: Float64Array;
  readonly #orders: Float64Array;
  #added = 0;

  /** @param skip picks to make at once, so that not all clients start at the same endpoint */
  constructor(
    endpoints: readonly UpstreamEndpoint[],
    weight: (endpoint: UpstreamEndpoint) => number,
    skip: number,
  ) {
    this.#weight = weight;
    this.#hosts = [...endpoints];
    this.#deadlines = Float64Array.from(endpoints, (one) => 1 / weight(one));
    this.#orders = Float64Array.from(endpoints, () => this.#added++);
    for (let at = (endpoints.length >> 1) - 1; at >= 0; at--) this.#sink(at);
    for (let count = 0; count < skip; count++) this.pick();
  }

  pick(): UpstreamEndpoint | undefined {
    const [first] = this.#hosts;
    if (!first) return undefined;
    this.#deadlines[0]! += 1 / this.#weight(first);
    this.#orders[0] = this.#added++;
    this.#sink(0);
    return first;
  }

  #sink(start: number): void {
    const hosts = this.#hosts;
    const deadlines = this.#deadlines;
    const orders = this.#orders;
    const host = hosts[start]!;
    const deadline = deadlines[start]!;
    const order = orders[start]!;
    let at = start;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= hosts.length) break;
      if (child + 1 < hosts.length && this.#before(child + 1, deadlines[child]!, orders[child]!))
        child++;
      if (!this.#before(child, deadline, order)) break;
      hosts[at] = hosts[child]!;
      deadlines[at] = deadlines[child]!;
      orders[at] = orders[child]!;
      at = child;
    }
    hosts[at] = host;
    deadlines[at] = deadline;
    orders[at] = order;
  }

  #before(at: number, deadline: number, order: number): boolean {
    const own = this.#deadlines[at]!;
    return own < deadline || (own === deadline && this.#orders[at]! < order);
  }
}
