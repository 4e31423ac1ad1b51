// One destination of one client: its endpoints, which of them may be picked, and its limits.

import type { ClusterPolicy } from '@clover/traffic';
import { createBalancer, type Balancer, type BalancerOptions } from './balance/balancer.ts';
import type { Cluster, ClusterHealth, ClusterTls, Endpoint, HashInput } from './cluster.ts';
import { selectable } from './host-selection.ts';
import { createOutlierDetector, ejectionMs, type OutlierDetector } from './outlier-detector.ts';
import { endpointKey, UpstreamEndpoint, type EndpointSpec } from './upstream-endpoint.ts';

/** Envoy's `host_selection_retry_max_attempts` in Istio's retries. */
const RETRY_PICKS = 5;
const NO_EJECTIONS = { active: 0, total: 0, overflow: 0 } as const;

export interface ClusterSettings {
  readonly policy: ClusterPolicy;
  readonly http2: boolean;
  readonly tls: ClusterTls | undefined;
}

export interface UpstreamClusterOptions extends BalancerOptions {
  readonly isHealthy: (spec: EndpointSpec) => boolean;
  /** Told of endpoints that are no longer the cluster's, so that their connections can be closed. */
  readonly released: (endpoint: Endpoint) => void;
}

export class UpstreamCluster implements Cluster, ClusterHealth {
  readonly name: string;
  readonly statsName: string;
  requests = 0;
  retries = 0;
  pending = 0;
  connections = 0;
  healthy = 0;

  readonly #options: UpstreamClusterOptions;
  #settings: ClusterSettings;
  #endpoints: readonly UpstreamEndpoint[] = [];
  #balancer: Balancer;
  /** What the balancer was last given, with the weights of then. */
  #chosen: readonly { endpoint: UpstreamEndpoint; weight: number; healthySinceMs: number }[] = [];
  #detector: OutlierDetector | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(name: string, settings: ClusterSettings, options: UpstreamClusterOptions) {
    this.name = name;
    this.statsName = statsName(name);
    this.#options = options;
    this.#settings = settings;
    this.#balancer = createBalancer(settings.policy.loadBalancing, options);
    this.#detect();
  }

  get limits(): ClusterPolicy['limits'] {
    return this.#settings.policy.limits;
  }
  get tls(): ClusterTls | undefined {
    return this.#settings.tls;
  }
  get http2(): boolean {
    return this.#settings.http2;
  }
  get hashes(): boolean {
    return this.#balancer.hashes;
  }
  get endpoints(): readonly UpstreamEndpoint[] {
    return this.#endpoints;
  }
  get ejections(): ClusterHealth['ejections'] {
    return this.#detector?.ejections ?? NO_EJECTIONS;
  }

  pick(hash: HashInput | undefined, tried: readonly Endpoint[] | undefined): Endpoint | undefined {
    const picked = this.#balancer.pick(hash);
    if (tried === undefined || picked === undefined || !tried.includes(picked)) return picked;
    return this.#balancer.hashes ? picked : this.#pickOther(tried, picked);
  }

  report(endpoint: Endpoint, result: number): void {
    if (this.#detector === undefined || !(endpoint instanceof UpstreamEndpoint)) return;
    if (this.#detector.report(endpoint, result, this.#options.now())) this.#select();
  }

  isEjected(endpoint: Endpoint): boolean {
    return endpoint instanceof UpstreamEndpoint && endpoint.ejected;
  }

  ejectedUntilMs(endpoint: Endpoint): number | undefined {
    const policy = this.#settings.policy.outlier;
    if (!policy || !(endpoint instanceof UpstreamEndpoint) || !endpoint.ejected) return undefined;
    return endpoint.ejectedAtMs + ejectionMs(policy, endpoint);
  }

  /** Takes other settings and endpoints; what stays keeps its connections, counts and ejections. */
  update(settings: ClusterSettings, specs: readonly EndpointSpec[]): void {
    const before = this.#settings;
    this.#settings = settings;
    if (!same(before.policy.loadBalancing, settings.policy.loadBalancing)) {
      this.#chosen = [];
      this.#balancer = createBalancer(settings.policy.loadBalancing, this.#options);
    }
    this.#place(specs, before.http2 === settings.http2 && before.tls?.key === settings.tls?.key);
    if (!same(before.policy.outlier, settings.policy.outlier)) this.#detect();
    this.#select();
  }

  /** Takes other endpoints. */
  place(specs: readonly EndpointSpec[]): void {
    this.#place(specs, true);
    this.#select();
  }

  /** A health check of one of the endpoints was answered. */
  checked(endpoint: UpstreamEndpoint, passed: boolean): void {
    const failed = !this.#options.isHealthy(endpoint.spec);
    const restored = passed && !failed && endpoint.ejected;
    if (restored) this.#detector?.restore(endpoint, this.#options.now());
    if (endpoint.failedCheck === failed && !restored) return;
    if (endpoint.failedCheck && !failed) endpoint.healthySinceMs = this.#options.now();
    endpoint.failedCheck = failed;
    this.#select();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const one of this.#endpoints) this.#options.released(one);
    this.#endpoints = [];
    this.#select();
  }

  /** @param keep whether endpoints may be taken over; their connections would not fit otherwise */
  #place(specs: readonly EndpointSpec[], keep: boolean): void {
    const old = new Map(this.#endpoints.map((one) => [one.key, one]));
    const nowMs = this.#options.now();
    this.#endpoints = specs.map((spec) => {
      const key = endpointKey(spec);
      const known = old.get(key);
      const kept = keep && known?.spec.meshTls === spec.meshTls;
      if (kept) old.delete(key);
      const one = kept && known ? known : new UpstreamEndpoint(spec, nowMs);
      one.spec = spec;
      one.failedCheck = !this.#options.isHealthy(spec);
      return one;
    });
    for (const gone of old.values()) {
      this.#detector?.forget(gone);
      this.#options.released(gone);
    }
    if (this.#detector) this.#detector.size = this.#endpoints.length;
  }

  #detect(): void {
    clearInterval(this.#timer);
    const nowMs = this.#options.now();
    for (const one of this.#endpoints) this.#detector?.restore(one, nowMs);
    const policy = this.#settings.policy.outlier;
    this.#detector = policy && createOutlierDetector(policy, this.#endpoints.length);
    if (!policy) return;
    this.#timer = setInterval(() => {
      if (this.#detector?.tick(this.#endpoints, this.#options.now())) this.#select();
    }, policy.intervalMs);
    this.#timer.unref();
  }

  #select(): void {
    const chosen = selectable(this.#endpoints, this.#settings.policy.panicPercent);
    this.healthy = this.#endpoints.reduce((sum, one) => sum + Number(one.healthy), 0);
    const unchanged =
      chosen.length === this.#chosen.length &&
      this.#chosen.every(
        ({ endpoint, weight, healthySinceMs }, index) =>
          endpoint === chosen[index] &&
          weight === endpoint.spec.weight &&
          healthySinceMs === endpoint.healthySinceMs,
      );
    // Tables are dear to build, and a turn once begun goes on.
    if (unchanged) return;
    this.#chosen = chosen.map((endpoint) => ({
      endpoint,
      weight: endpoint.spec.weight,
      healthySinceMs: endpoint.healthySinceMs,
    }));
    this.#balancer.use(chosen);
  }

  /** A retry goes elsewhere if it can: some more picks, then whoever has not been tried. */
  #pickOther(tried: readonly Endpoint[], first: UpstreamEndpoint): UpstreamEndpoint {
    for (let count = 0; count < RETRY_PICKS; count++) {
      const picked = this.#balancer.pick(undefined);
      if (picked && !tried.includes(picked)) return picked;
    }
    return this.#endpoints.find((one) => one.healthy && !tried.includes(one)) ?? first;
  }
}

/** As Envoy's Prometheus names have it: everything but letters, digits and _ becomes _. */
export function statsName(name: string): string {
  return name.replaceAll(/\W/g, '_');
}

/** Of plain values. */
function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a, plain) === JSON.stringify(b, plain);
}
const plain = (_key: string, value: unknown) => (value instanceof Set ? [...value] : value);
