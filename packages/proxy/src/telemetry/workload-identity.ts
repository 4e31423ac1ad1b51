// What a workload or gateway is called in spans, logs and metrics, as Istio names its own.

import type { GatewayWorkload, Workload } from '../workload.ts';

export interface WorkloadIdentity {
  /** The pod's name in Istio; here the workload's. */
  readonly workload: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly canonicalService: string;
  readonly canonicalRevision: string;
  /** Labels `app` and `version` as Istio's metrics show them, `unknown` when absent. */
  readonly app: string;
  readonly version: string;
  /** SPIFFE identity without its scheme. */
  readonly principal: string;
  /** `sidecar~127.0.0.1~http-lb-v1.default~default.svc.cluster.local` */
  readonly nodeId: string;
  /** `service.name` of its spans: `http-lb.default`. */
  readonly serviceName: string;
}

/** https://istio.io/latest/docs/ops/deployment/app-requirements/ for canonical service and revision. */
export function identityOf(
  workload: Workload | GatewayWorkload,
  trustDomain: string,
): WorkloadIdentity {
  const { name, namespace, labels } = workload;
  const isSidecar = 'service' in workload;
  const canonicalService = isSidecar
    ? workload.service
    : (labels['service.istio.io/canonical-name'] ??
      labels['app.kubernetes.io/name'] ??
      labels['app'] ??
      name);
  const canonicalRevision =
    labels['service.istio.io/canonical-revision'] ??
    labels['app.kubernetes.io/version'] ??
    labels['version'] ??
    'latest';
  const address = isSidecar ? workload.address : '127.0.0.1';
  const account = isSidecar ? workload.serviceAccount : `${name}-service-account`;
  return {
    workload: name,
    namespace,
    labels,
    canonicalService,
    canonicalRevision,
    app: labels['app'] ?? (isSidecar ? workload.service : 'unknown'),
    version: labels['version'] ?? 'unknown',
    principal: `${trustDomain}/ns/${namespace}/sa/${account}`,
    nodeId: `${isSidecar ? 'sidecar' : 'router'}~${address}~${name}.${namespace}~${namespace}.svc.cluster.local`,
    serviceName: `${canonicalService}.${namespace}`,
  };
}
