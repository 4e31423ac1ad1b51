// A destination whose endpoints nobody declared: `resolution: NONE` and hosts outside of the mesh. The
// request's host says where to; the endpoints that were asked for are kept, up to a limit.

import type { ClusterPolicy } from '@clover/traffic';
import type { Cluster, ClusterHealth, ClusterTls, Endpoint, HashInput } from './cluster.ts';
import {
  statsName,
  type ClusterSettings,
  type UpstreamClusterOptions,
} from './upstream-cluster.ts';
import { endpointKey, UpstreamEndpoint } from './upstream-endpoint.ts';

const MAX_ENDPOINTS = 1024;

export interface OnDemandOptions extends Pick<UpstreamClusterOptions, 'now' | 'released'> {
  /** Port of requests whose host names none; the port of all when `fixed`. */
  readonly port: number;
  readonly fixed: boolean;
  /** Where every request goes; undefined: where its host says. */
  readonly host: string | undefined;
}

export class OnDemandCluster implements Cluster, ClusterHealth {
  readonly name: string;
  readonly statsName: string;
  readonly hashes = true;
  readonly ejections = { active: 0, total: 0, overflow: 0 };
  requests = 0;
  retries = 0;
  pending = 0;
  connections = 0;

  #settings: ClusterSettings;
  readonly #options: OnDemandOptions;
  readonly #endpoints = new Map<string, UpstreamEndpoint>();

  constructor(name: string, settings: ClusterSettings, options: OnDemandOptions) {
    this.name = name;
    this.statsName = statsName(name);
    this.#settings = settings;
    this.#options = options;
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
  get endpoints(): readonly UpstreamEndpoint[] {
    return [...this.#endpoints.values()];
  }
  get healthy(): number {
    return this.#endpoints.size;
  }

  pick(hash: HashInput | undefined): Endpoint | undefined {
    const { host, port, fixed } = this.#options;
    const authority = host ?? hash?.header('host') ?? hash?.header(':authority');
    const asked = authority === undefined ? undefined : splitAuthority(authority);
    if (!asked) return undefined;
    return this.#endpointOf(asked.host, fixed ? port : (asked.port ?? port));
  }

  report(): void {
    // Nothing is ejected: there is no other endpoint to take its place.
  }

  isEjected(): boolean {
    return false;
  }

  ejectedUntilMs(): undefined {
    return undefined;
  }

  update(settings: ClusterSettings): void {
    this.#settings = settings;
  }

  close(): void {
    for (const one of this.#endpoints.values()) this.#options.released(one);
    this.#endpoints.clear();
  }

  #endpointOf(address: string, port: number): UpstreamEndpoint {
    const key = endpointKey({ address, port });
    const known = this.#endpoints.get(key);
    if (known) return known;
    if (this.#endpoints.size >= MAX_ENDPOINTS) this.#dropOldestIdle();
    const spec = {
      address,
      port,
      labels: {},
      weight: 1,
      principal: '',
      meshTls: false,
      probe: undefined,
      checkKey: '',
    };
    const made = new UpstreamEndpoint(spec, this.#options.now());
    this.#endpoints.set(key, made);
    return made;
  }

  #dropOldestIdle(): void {
    for (const [key, one] of this.#endpoints) {
      if (one.active > 0) continue;
      this.#endpoints.delete(key);
      this.#options.released(one);
      return;
    }
  }
}

/** `host`, `host:port`, `[::1]:port`; undefined when it is none of these. */
export function splitAuthority(
  authority: string,
): { host: string; port: number | undefined } | undefined {
  const bracket = authority.startsWith('[') ? authority.indexOf(']') : 0;
  if (bracket === -1) return undefined;
  const colon = authority.indexOf(':', bracket);
  const host = authority.startsWith('[')
    ? authority.slice(1, bracket)
    : authority.slice(0, colon === -1 ? undefined : colon);
  if (host === '' || (bracket > 0 && colon !== bracket + 1 && authority.length !== bracket + 1))
    return undefined;
  if (colon === -1) return { host, port: undefined };
  const port = Number(authority.slice(colon + 1));
  return Number.isInteger(port) && port > 0 && port < 65_536 ? { host, port } : undefined;
}
