// Settings that are accepted and then do something else than people expect.

import { parseDurationMs } from '@clover/model';
import { hostCovers, resolveHost } from '../host.ts';
import type { FieldPath } from '../read/check-fields.ts';
import type { DestinationRule, HttpRoute, Resource, VirtualService } from '../resource.ts';
import type { Report } from './analyze.ts';

type Policy = Readonly<Record<string, unknown>>;

export function checkRunTime(resources: readonly Resource[], report: Report): void {
  for (const resource of resources) {
    if (resource.kind === 'VirtualService') {
      for (const [index, rule] of (resource.spec.http ?? []).entries())
        checkRule(resource, rule, ['spec', 'http', index], report);
    } else if (resource.kind === 'DestinationRule') {
      checkPolicy(
        resource,
        resource.spec.trafficPolicy,
        ['spec', 'trafficPolicy'],
        endpointsOf(resource, resources),
        report,
      );
      for (const [index, subset] of (resource.spec.subsets ?? []).entries()) {
        const endpoints = endpointsOf(resource, resources, subset.labels ?? {});
        checkPolicy(
          resource,
          subset.trafficPolicy,
          ['spec', 'subsets', index, 'trafficPolicy'],
          endpoints,
          report,
        );
      }
    }
  }
}

function checkRule(
  resource: VirtualService,
  rule: HttpRoute,
  path: FieldPath,
  report: Report,
): void {
  for (const part of ['delay', 'abort'] as const) {
    const fault = rule.fault?.[part];
    if (fault && !fault.percentage?.value && !('percent' in fault && fault.percent)) {
      report(resource, [...path, 'fault', part], {
        code: 'CLV407',
        severity: 'warning',
        message: `this ${part} never happens: its percentage is ${fault.percentage?.value ?? 'missing, which means 0'}`,
        hint: 'add percentage: {value: 100}',
      });
    }
  }
  if (rule.fault && rule.retries && (rule.retries.attempts ?? 0) > 0) {
    report(resource, [...path, 'retries'], {
      code: 'CLV402',
      severity: 'warning',
      message: 'an injected fault is never retried: it happens before the router',
      hint: 'to test retries let the service itself fail',
    });
  }
  if (rule.fault?.delay && rule.timeout) {
    report(resource, [...path, 'timeout'], {
      code: 'CLV408',
      severity: 'info',
      message: 'the timeout does not count the injected delay: that happens before the router',
    });
  }
  const tries = 1 + (rule.retries?.attempts ?? 0);
  if (rule.timeout && rule.retries?.perTryTimeout) {
    const whole = parseDurationMs(rule.timeout);
    const each = parseDurationMs(rule.retries.perTryTimeout);
    if (each >= whole) {
      report(resource, [...path, 'retries', 'perTryTimeout'], {
        code: 'CLV404',
        severity: 'warning',
        message: `a try may take ${rule.retries.perTryTimeout}, the whole request only ${rule.timeout}: there is no time for a second try`,
      });
    } else if (each * tries > whole) {
      report(resource, [...path, 'timeout'], {
        code: 'CLV409',
        severity: 'info',
        message: `${tries} tries of ${rule.retries.perTryTimeout} do not fit into the timeout of ${rule.timeout}`,
      });
    }
  }
  if (rule.mirrorPercentage && !rule.mirrorPercentage.value) {
    report(resource, [...path, 'mirrorPercentage'], {
      code: 'CLV405',
      severity: 'warning',
      message: 'nothing is mirrored: the percentage is 0',
    });
  }
}

function checkPolicy(
  resource: DestinationRule,
  policy: Policy | undefined,
  path: FieldPath,
  endpoints: number,
  report: Report,
): void {
  if (!policy) return;
  const outlier = policy['outlierDetection'] as { maxEjectionPercent?: number } | undefined;
  const percent = outlier?.maxEjectionPercent ?? 10;
  if (outlier && endpoints > 0 && 100 / endpoints > percent) {
    report(resource, [...path, 'outlierDetection'], {
      code: 'CLV401',
      severity: 'error',
      message: `this can never eject anything: one of ${endpoints} endpoints is ${(100 / endpoints).toFixed(0)} %, more than maxEjectionPercent ${percent}`,
      hint: `set maxEjectionPercent to at least ${Math.ceil(100 / endpoints)}`,
    });
  }
  checkTls(resource, policy, path, report);
  checkRetryBudget(resource, policy, path, report);
  // A subset's ports keep what no port has.
  const kept = path.includes('subsets') ? NOT_OF_PORTS : [];
  const rest = Object.keys(policy).filter(
    (name) => name !== 'portLevelSettings' && !kept.includes(name),
  );
  const ports = (policy['portLevelSettings'] ?? []) as readonly Policy[];
  for (const [index, port] of ports.entries()) {
    checkTls(resource, port, [...path, 'portLevelSettings', index], report);
    const dropped = rest.filter((name) => !(name in port));
    if (dropped.length === 0) continue;
    report(resource, [...path, 'portLevelSettings', index], {
      code: 'CLV403',
      severity: 'warning',
      message: `${dropped.join(', ')} of the policy above do not hold for this port: port settings replace all of it`,
      hint: dropHint(dropped),
    });
  }
}

/** Fields of a policy that its ports have no place for. */
const NOT_OF_PORTS = ['retryBudget', 'tunnel', 'proxyProtocol'];

function dropHint(dropped: readonly string[]): string {
  const [here, elsewhere] = [false, true].map((without) =>
    dropped.filter((name) => NOT_OF_PORTS.includes(name) === without).join(', '),
  );
  const texts = [
    ...(here ? [`repeat ${here} here if they should hold`] : []),
    ...(elsewhere ? [`${elsewhere} can hold for a port only in the policy of a subset`] : []),
  ];
  return texts.join('; ');
}

/** Envoy looks at one limit of retries only. */
function checkRetryBudget(
  resource: DestinationRule,
  policy: Policy,
  path: FieldPath,
  report: Report,
): void {
  const pool = policy['connectionPool'] as { http?: { maxRetries?: number } } | undefined;
  if (!policy['retryBudget'] || !pool?.http?.maxRetries) return;
  report(resource, [...path, 'connectionPool', 'http', 'maxRetries'], {
    code: 'CLV411',
    severity: 'warning',
    message: 'maxRetries does not count beside retryBudget',
    hint: 'keep one of them',
  });
}

/** TLS that checks nobody: no certificates to check the server with. */
function checkTls(
  resource: DestinationRule,
  policy: Policy,
  path: FieldPath,
  report: Report,
): void {
  const tls = policy['tls'] as
    | {
        mode?: string;
        caCertificates?: string;
        credentialName?: string;
        insecureSkipVerify?: boolean;
      }
    | undefined;
  if (tls?.mode !== 'SIMPLE' && tls?.mode !== 'MUTUAL') return;
  // Sidecars look into a credential only where the rule is for chosen workloads.
  const credential = tls.credentialName && resource.spec.workloadSelector;
  if (tls.caCertificates || credential || tls.insecureSkipVerify) return;
  report(resource, [...path, 'tls'], {
    code: 'CLV410',
    severity: 'warning',
    message: `TLS mode ${tls.mode} has no caCertificates: whom it talks to is not checked against any of yours`,
    hint: 'add caCertificates, or a credentialName and a workloadSelector',
  });
}

/** Endpoints that the files declare for the rule's host; 0 when they do not say. */
function endpointsOf(
  rule: DestinationRule,
  resources: readonly Resource[],
  labels: Readonly<Record<string, string>> = {},
): number {
  const host = resolveHost(rule.spec.host, rule.metadata.namespace);
  const wanted = Object.entries(labels);
  return resources
    .filter((one) => one.kind === 'ServiceEntry')
    .filter((one) => one.spec.hosts?.some((name) => hostCovers(host, name.toLowerCase())))
    .flatMap((one) => one.spec.endpoints ?? [])
    .filter((one) => wanted.every(([key, value]) => one.labels?.[key] === value)).length;
}
