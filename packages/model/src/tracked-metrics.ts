// Metrics as the original Clover named them: prefix + service (with underscores) + suffix, and
// custom names beside them. The pull and the page must agree on them.

export interface TrackedSettings {
  readonly services: readonly string[];
  readonly prefixes: readonly string[];
  readonly suffixes: readonly string[];
  readonly customMetrics: readonly string[];
}

export interface TrackedName {
  readonly name: string;
  /** Empty for a custom metric. */
  readonly service: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly custom: boolean;
}

/**
 * Every combination of prefix, service and suffix, then the custom names; each name once, in this
 * order. Empty when nothing is tracked.
 */
export function trackedMetricNames(settings: TrackedSettings): TrackedName[] {
  const found = new Map<string, TrackedName>();
  const add = (entry: TrackedName) => {
    if (!found.has(entry.name)) found.set(entry.name, entry);
  };
  for (const service of settings.services) {
    for (const prefix of settings.prefixes) {
      for (const suffix of settings.suffixes) {
        const name =
          prefix + metricSpelling(withoutNamespace(withoutDefault(service), suffix)) + suffix;
        add({ name, service, prefix, suffix, custom: false });
      }
    }
  }
  for (const name of settings.customMetrics) {
    add({ name, service: '', prefix: '', suffix: '', custom: true });
  }
  return [...found.values()];
}

/** `http-lb.default` before `_default_svc_cluster_local_…`: the namespace stands in the suffix already. */
function withoutNamespace(service: string, suffix: string): string {
  const dot = service.indexOf('.');
  if (dot === -1) return service;
  return suffix.startsWith(`_${metricSpelling(service.slice(dot + 1))}_`)
    ? service.slice(0, dot)
    : service;
}

/** A service's name inside a metric's name: everything but letters and digits becomes an underscore. */
export function metricSpelling(service: string): string {
  return service.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}

/** A mesh names a service with its namespace; the usual one is left out of names that people write. */
function withoutDefault(service: string): string {
  return service.replace(/\.default(\.svc(\..*)?)?$/, '');
}

/**
 * Whether `service`, as a tracing system names it, is one of those tracked: the original's files
 * write proxy_access_control for proxy-access-control and for proxy-access-control.default, and who
 * tracks http-lb.default means http-lb too. No names tracked means all are.
 */
export function isTracked(service: string, tracked: readonly string[]): boolean {
  if (tracked.length === 0) return true;
  const whole = metricSpelling(withoutDefault(service));
  const short = metricSpelling(service.split('.')[0]!);
  return tracked.some((name) => {
    const spelling = metricSpelling(withoutDefault(name));
    return spelling === whole || (spelling === short && !name.includes('.'));
  });
}
