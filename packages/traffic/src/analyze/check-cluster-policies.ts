// Fields about destinations that Istio takes and the built-in data plane does not enforce: said, never dropped in silence.

import type { FieldPath } from '../read/check-fields.ts';
import type { DestinationRule, Resource } from '../resource.ts';
import { PROBE_ANNOTATION, probeFault } from '../readiness-probe.ts';
import type { Report } from './analyze.ts';

/** Path within a trafficPolicy or one of its port settings, and what happens instead. */
const NOT_ENFORCED: readonly (readonly [path: readonly string[], instead: string])[] = [
  [['loadBalancer', 'localityLbSetting'], 'endpoints of all localities are used alike'],
  [['loadBalancer', 'zoneAwareLbSetting'], 'endpoints of all zones are used alike'],
  [['connectionPool', 'http', 'http2KeepAlive'], 'no HTTP/2 pings are sent'],
  [['connectionPool', 'http', 'maxConcurrentStreams'], 'the endpoint’s own limit of streams holds'],
  [['outlierDetection', 'consecutiveErrors'], 'Istio ignores it too: use consecutive5xxErrors'],
  [['tls', 'caCrl'], 'revoked certificates are not looked up'],
  [['proxyProtocol'], 'no PROXY header is sent'],
  [['tunnel'], 'connections are made directly'],
  [['retryBudget'], 'maxRetries is the only limit of retries'],
];

export function checkClusterPolicies(resources: readonly Resource[], report: Report): void {
  for (const resource of resources) {
    checkProbe(resource, report);
    if (resource.kind === 'DestinationRule') checkRule(resource, report);
    else if (resource.kind === 'ServiceEntry') {
      for (const [index, endpoint] of (resource.spec.endpoints ?? []).entries())
        checkEndpoint(resource, endpoint, ['spec', 'endpoints', index], report);
    } else if (resource.kind === 'WorkloadEntry')
      checkEndpoint(resource, resource.spec, ['spec'], report);
  }
}

function checkRule(rule: DestinationRule, report: Report): void {
  checkPolicy(rule, rule.spec.trafficPolicy, ['spec', 'trafficPolicy'], report);
  for (const [index, subset] of (rule.spec.subsets ?? []).entries())
    checkPolicy(rule, subset.trafficPolicy, ['spec', 'subsets', index, 'trafficPolicy'], report);
}

function checkPolicy(rule: DestinationRule, policy: unknown, path: FieldPath, report: Report) {
  if (policy === undefined) return;
  for (const [field, instead] of NOT_ENFORCED) {
    if (valueAt(policy, field) === undefined) continue;
    report(rule, [...path, ...field], {
      code: 'CLV420',
      severity: 'warning',
      message: `${field.at(-1)} is not enforced by the built-in data plane: ${instead}`,
    });
  }
  if (valueAt(policy, ['loadBalancer', 'simple']) === 'PASSTHROUGH') {
    report(rule, [...path, 'loadBalancer', 'simple'], {
      code: 'CLV420',
      severity: 'warning',
      message:
        'PASSTHROUGH is not enforced by the built-in data plane: it does not know the address that the client asked for, and takes the endpoint with the least requests',
    });
  }
  const ports = (policy as { portLevelSettings?: unknown[] }).portLevelSettings ?? [];
  for (const [index, one] of ports.entries())
    checkPolicy(rule, one, [...path, 'portLevelSettings', index], report);
}

function checkProbe(resource: Resource, report: Report): void {
  const fault = probeFault(resource.metadata);
  if (fault === undefined) return;
  report(resource, ['metadata', 'annotations', PROBE_ANNOTATION], {
    code: 'CLV118',
    severity: 'error',
    message: `${PROBE_ANNOTATION} asks for no health check: ${fault}`,
    hint: "write '{httpGet: {path: /healthz, port: 8080}, periodSeconds: 5}'",
  });
}

function checkEndpoint(resource: Resource, endpoint: object, path: FieldPath, report: Report) {
  if ('address' in endpoint && String(endpoint.address).startsWith('unix:')) {
    report(resource, [...path, 'address'], {
      code: 'CLV420',
      severity: 'warning',
      message: 'an endpoint behind a Unix socket is not used by the built-in data plane',
    });
  }
  for (const field of ['locality', 'network']) {
    if (!(field in endpoint)) continue;
    report(resource, [...path, field], {
      code: 'CLV420',
      severity: 'info',
      message: `${field} is not enforced by the built-in data plane: endpoints of all places are used alike`,
    });
  }
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const step of path) found = (found as Record<string, unknown> | undefined)?.[step];
  return found;
}
