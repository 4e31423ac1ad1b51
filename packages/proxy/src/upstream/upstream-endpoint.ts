// An endpoint with what balancing, ejection and health checks know of it.

import type { ReadinessProbe } from '@clover/traffic';
import type { Endpoint } from './cluster.ts';

/** What the registry says of an endpoint. */
export interface EndpointSpec {
  readonly address: string;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  /** At least 1. */
  readonly weight: number;
  /** SPIFFE id of the program behind it; '' when it is not known. */
  readonly principal: string;
  /** Its own proxy takes mTLS. */
  readonly meshTls: boolean;
  /** How its health is checked. */
  readonly probe: ReadinessProbe | undefined;
  /** The same for endpoints that one check tells about; '' when there is none. */
  readonly checkKey: string;
}

export class UpstreamEndpoint implements Endpoint {
  readonly key: string;
  spec: EndpointSpec;
  active = 0;
  slot: unknown = undefined;
  /** Milliseconds of the cluster's clock since which it is healthy: where its warm-up starts. */
  healthySinceMs: number;
  /** By an active health check. */
  failedCheck = false;

  // Outlier detection's.
  ejected = false;
  errors5xx = 0;
  errorsGateway = 0;
  errorsLocalOrigin = 0;
  ejectionMultiplier = 0;
  ejectedAtMs = 0;
  /** Undefined: never. */
  restoredAtMs: number | undefined = undefined;

  constructor(spec: EndpointSpec, nowMs: number) {
    this.spec = spec;
    this.key = endpointKey(spec);
    this.healthySinceMs = nowMs;
  }

  get address(): string {
    return this.spec.address;
  }
  get port(): number {
    return this.spec.port;
  }
  get labels(): Readonly<Record<string, string>> {
    return this.spec.labels;
  }
  get healthy(): boolean {
    return !this.ejected && !this.failedCheck;
  }
}

export function endpointKey({ address, port }: { address: string; port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Where the check of an endpoint is made. */
export function checkKey(
  { address, port }: Pick<EndpointSpec, 'address' | 'port'>,
  probe: ReadinessProbe,
): string {
  return `${endpointKey({ address, port: probe.port ?? port })} ${JSON.stringify(probe)}`;
}
