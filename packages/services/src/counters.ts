// A service's own request counters: what it itself says it answered, independent of any span, so that
// a test can hold Clover's numbers against them.

/** What one answered request is counted under. */
export interface RequestLabels {
  readonly method: string;
  /** Path with ids replaced: `/products/{id}`. */
  readonly path: string;
  readonly status: number;
  readonly userAgent: string;
}

export interface Counters {
  /** Counts an answered request; durations are seconds. */
  request(labels: RequestLabels, durationSeconds: number): void;
  /** Counts a call to another service by its outcome: an HTTP status, `refused`, `timeout` or `reset`. */
  upstream(peer: string, outcome: string): void;
  /** Requests now being answered, and connections now used towards a peer. */
  active(change: 1 | -1): void;
  upstreamActive(peer: string, change: 1 | -1): void;
  /** True when nothing is being answered and no call is under way. */
  readonly idle: boolean;
  /** Any other counter of this service by its full metric name. */
  add(name: string, help: string, value: number): void;
  /** Prometheus text, format 0.0.4. */
  text(): string;
}

const BOUNDS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5,
] as const;

export interface CountersOptions {
  /** Counters that others keep. */
  readonly extra?: () => readonly { name: string; help: string; value: number }[];
  /** Also under Envoy's names; false where an Envoy, or what stands for one, has them. Default true. */
  readonly envoyNames?: boolean;
}

/** Counters labelled with the service's identity. */
export function createCounters(
  identity: { service: string; version: string; instance: string },
  { extra = () => [], envoyNames = true }: CountersOptions = {},
): Counters {
  const requests = new Map<string, { labels: RequestLabels; count: number }>();
  const upstreams = new Map<string, { peer: string; outcome: string; count: number }>();
  const upstreamActive = new Map<string, number>();
  const others = new Map<string, { help: string; value: number }>();
  const buckets = BOUNDS_SECONDS.map(() => 0);
  const totals = { count: 0, seconds: 0, active: 0 };
  const who = labelText({
    service: identity.service,
    version: identity.version,
    instance: identity.instance,
  });

  return {
    request(labels, durationSeconds) {
      const key = `${labels.method} ${labels.path} ${labels.status} ${labels.userAgent}`;
      const entry = requests.get(key);
      if (entry) entry.count++;
      else requests.set(key, { labels, count: 1 });
      totals.count++;
      totals.seconds += durationSeconds;
      const bucket = BOUNDS_SECONDS.findIndex((bound) => durationSeconds <= bound);
      if (bucket >= 0) buckets[bucket]!++;
    },
    upstream(peer, outcome) {
      const key = `${peer} ${outcome}`;
      const entry = upstreams.get(key);
      if (entry) entry.count++;
      else upstreams.set(key, { peer, outcome, count: 1 });
    },
    active(change) {
      totals.active += change;
    },
    upstreamActive(peer, change) {
      upstreamActive.set(peer, (upstreamActive.get(peer) ?? 0) + change);
    },
    get idle() {
      return totals.active === 0 && [...upstreamActive.values()].every((count) => count === 0);
    },
    add(name, help, value) {
      others.set(name, { help, value: (others.get(name)?.value ?? 0) + value });
    },
    text() {
      const out: string[] = [];
      const family = (name: string, type: string, help: string) =>
        out.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
      family('clover_demo_requests_total', 'counter', 'Requests this service answered.');
      for (const { labels, count } of requests.values()) {
        const text = labelText({
          method: labels.method,
          path: labels.path,
          status: String(labels.status),
          user_agent: labels.userAgent,
        });
        out.push(`clover_demo_requests_total{${who},${text}} ${count}`);
      }
      const duration = 'clover_demo_request_duration_seconds';
      family(duration, 'histogram', 'Time to answer a request.');
      let below = 0;
      BOUNDS_SECONDS.forEach((bound, index) => {
        below += buckets[index]!;
        out.push(`${duration}_bucket{${who},le="${bound}"} ${below}`);
      });
      out.push(
        `${duration}_bucket{${who},le="+Inf"} ${totals.count}`,
        `${duration}_sum{${who}} ${totals.seconds}`,
        `${duration}_count{${who}} ${totals.count}`,
      );
      family('clover_demo_active_requests', 'gauge', 'Requests being answered now.');
      out.push(`clover_demo_active_requests{${who}} ${totals.active}`);
      family('clover_demo_upstream_requests_total', 'counter', 'Calls made, by their outcome.');
      for (const { peer, outcome, count } of upstreams.values()) {
        const text = labelText({ peer, outcome });
        out.push(`clover_demo_upstream_requests_total{${who},${text}} ${count}`);
      }
      for (const [name, { help, value }] of others) {
        family(name, 'counter', help);
        out.push(`${name}{${who}} ${value}`);
      }
      for (const { name, help, value } of extra()) {
        family(name, 'counter', help);
        out.push(`${name}{${who}} ${value}`);
      }
      if (envoyNames)
        out.push(
          ...envoyLines(identity.service, who, requests, totals.active, upstreams, upstreamActive),
        );
      return `${out.join('\n')}\n`;
    },
  };
}

/**
 * The same figures under Envoy's cluster names, prefix + service + suffix, as the original's
 * `metrics.yaml` tracks them.
 */
function envoyLines(
  service: string,
  who: string,
  requests: ReadonlyMap<string, { labels: RequestLabels; count: number }>,
  active: number,
  upstreams: ReadonlyMap<string, { peer: string; outcome: string; count: number }>,
  upstreamActive: ReadonlyMap<string, number>,
): string[] {
  const values = new Map<string, { type: string; value: number }>();
  const add = (name: string, type: string, value: number) =>
    values.set(name, { type, value: (values.get(name)?.value ?? 0) + value });
  const inbound = envoyCluster('inbound', service);
  add(`${inbound}_upstream_cx_active`, 'gauge', active);
  for (const { labels, count } of requests.values()) {
    add(`${inbound}_upstream_rq_${Math.floor(labels.status / 100)}xx`, 'counter', count);
    add(`${inbound}_upstream_rq_total`, 'counter', count);
  }
  for (const { peer, outcome, count } of upstreams.values()) {
    const outbound = envoyCluster('outbound', peer);
    // Envoy answers 503 or 504 itself when there was no answer, and counts that as 5xx.
    const kind = /^\d{3}$/.test(outcome) ? outcome[0] : '5';
    add(`${outbound}_upstream_rq_${kind}xx`, 'counter', count);
    add(`${outbound}_upstream_rq_total`, 'counter', count);
  }
  for (const [peer, count] of upstreamActive) {
    add(`${envoyCluster('outbound', peer)}_upstream_cx_active`, 'gauge', count);
  }
  return [...values].flatMap(([name, { type, value }]) => [
    `# TYPE ${name} ${type}`,
    `${name}{${who}} ${value}`,
  ]);
}

function envoyCluster(direction: 'inbound' | 'outbound', service: string): string {
  return `envoy_cluster_${direction}_9180__${service.replaceAll('-', '_')}_default_svc_cluster_local`;
}

function labelText(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`)
    .join(',');
}
