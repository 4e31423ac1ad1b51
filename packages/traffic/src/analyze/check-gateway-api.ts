// Routes of Gateway API that do not reach, or are not reached: parents, listeners, backends, filters.

import { nearest } from '@clover/model';
import type { RoutingTable } from '../compile.ts';
import { backendHost, whyUnusable } from '../gateway-api/backends.ts';
import type {
  ParentReference,
  RouteBackend,
  RouteFilter,
} from '../gateway-api/gateway-api-resource.ts';
import { refusal } from '../gateway-api/parents.ts';
import type { FieldPath } from '../read/check-fields.ts';
import { EXPERIMENTAL_UNDONE } from '../read/experimental-schemas.ts';
import type { GrpcRoute, HttpRouteResource, KubernetesGateway, Resource } from '../resource.ts';
import type { Report } from './analyze.ts';

type Route = HttpRouteResource | GrpcRoute;

export function checkGatewayApi(
  resources: readonly Resource[],
  table: RoutingTable,
  report: Report,
): void {
  const gateways = resources.filter(
    (one): one is KubernetesGateway => one.kind === 'KubernetesGateway',
  );
  for (const one of resources) {
    if (one.kind === 'KubernetesGateway') checkListeners(one, report);
    if (one.kind !== 'HTTPRoute' && one.kind !== 'GRPCRoute') continue;
    for (const [index, parent] of (one.spec.parentRefs ?? []).entries())
      checkParent(one, parent, ['spec', 'parentRefs', index], { gateways, resources, report });
    for (const [index, rule] of (one.spec.rules ?? []).entries()) {
      const path: FieldPath = ['spec', 'rules', index];
      checkFilters(one, rule.filters ?? [], [...path, 'filters'], report);
      for (const [field, undone] of Object.entries(EXPERIMENTAL_UNDONE))
        if (field in rule)
          report(one, [...path, field], {
            code: 'CLV420',
            severity: 'warning',
            message: `${field} is not enforced by the built-in data plane: ${undone}`,
          });
      for (const [at, backend] of (rule.backendRefs ?? []).entries())
        checkBackend(one, backend, [...path, 'backendRefs', at], { resources, table, report });
    }
  }
}

const PROTOCOLS = ['HTTP', 'HTTPS', 'TLS', 'TCP'];

function checkListeners(gateway: KubernetesGateway, report: Report): void {
  for (const [index, { protocol, allowedRoutes }] of (gateway.spec.listeners ?? []).entries()) {
    const path: FieldPath = ['spec', 'listeners', index];
    if (!PROTOCOLS.includes(protocol))
      report(gateway, [...path, 'protocol'], {
        code: 'CLV420',
        severity: 'warning',
        message: `protocol ${protocol} is not enforced: this listener is left out`,
        hint: `use one of ${PROTOCOLS.join(', ')}`,
      });
    const labels = Object.keys(allowedRoutes?.namespaces?.selector?.matchLabels ?? {});
    if (labels.some((one) => one !== 'kubernetes.io/metadata.name'))
      report(gateway, [...path, 'allowedRoutes', 'namespaces', 'selector'], {
        code: 'CLV420',
        severity: 'warning',
        message: 'labels of namespaces are not known here, so no route is let in by this selector',
        hint: 'select by kubernetes.io/metadata.name',
      });
  }
}

function checkParent(
  route: Route,
  parent: ParentReference,
  path: FieldPath,
  {
    gateways,
    resources,
    report,
  }: { gateways: readonly KubernetesGateway[]; resources: readonly Resource[]; report: Report },
): void {
  const namespace = parent.namespace ?? route.metadata.namespace;
  const kind = parent.kind ?? 'Gateway';
  const known: readonly Resource[] =
    kind === 'Gateway' ? gateways : resources.filter((one) => one.kind === kind);
  const found = known.find(
    (one) => one.metadata.name === parent.name && one.metadata.namespace === namespace,
  );
  if (!found) {
    const names = known.map((one) => `${one.metadata.namespace}/${one.metadata.name}`);
    const close = nearest(`${namespace}/${parent.name}`, names);
    report(route, path, {
      code: 'CLV221',
      severity: 'error',
      message: `there is no ${kind} ${namespace}/${parent.name}`,
      hint: close ? `did you mean ${close}?` : `add it, or check its namespace`,
    });
    return;
  }
  if (found.kind !== 'KubernetesGateway') return;
  const refusals = (found.spec.listeners ?? []).map(
    (one) => [one.name, refusal(route, parent, found, one)] as const,
  );
  if (refusals.some(([, why]) => why === undefined)) return;
  report(route, path, {
    code: 'CLV222',
    severity: 'error',
    message: `no listener of Gateway ${namespace}/${parent.name} takes this route`,
    hint: refusals.map(([name, why]) => `${name}: ${why}`).join('; '),
  });
}

function checkBackend(
  route: Route,
  backend: RouteBackend,
  path: FieldPath,
  {
    resources,
    table,
    report,
  }: { resources: readonly Resource[]; table: RoutingTable; report: Report },
): void {
  checkFilters(route, backend.filters ?? [], [...path, 'filters'], report);
  const unusable = whyUnusable(route, backend, resources, true);
  if (unusable) {
    report(route, path, {
      code: 'CLV223',
      severity: 'error',
      message: `${unusable}: its share of requests gets 500`,
      hint: backend.namespace ? `add a ReferenceGrant in namespace ${backend.namespace}` : '',
    });
    return;
  }
  const host = backendHost(route, backend);
  const service = table.services.get(host);
  if (!service) {
    const close = nearest(host, table.services.keys());
    report(route, [...path, 'name'], {
      code: 'CLV202',
      severity: 'error',
      message: `no service ${host} is declared: its share of requests gets 500`,
      hint: close ? `did you mean ${close}?` : 'add a Service for it',
    });
  } else if (backend.port === undefined) {
    report(route, path, {
      code: 'CLV224',
      severity: 'error',
      message: 'a backend without port makes the whole route unusable',
      hint: `add port: ${service.ports[0]?.number ?? 80}`,
    });
  } else if (!service.ports.some((one) => one.number === backend.port)) {
    report(route, [...path, 'port'], {
      code: 'CLV205',
      severity: 'error',
      message: `${host} has no port ${backend.port}`,
      hint: `it has ${service.ports.map((one) => one.number).join(', ')}`,
    });
  }
}

const FILTERS = [
  'RequestHeaderModifier',
  'ResponseHeaderModifier',
  'RequestMirror',
  'RequestRedirect',
  'URLRewrite',
  'CORS',
];

function checkFilters(
  route: Route,
  filters: readonly RouteFilter[],
  path: FieldPath,
  report: Report,
): void {
  for (const [index, { type }] of filters.entries()) {
    if (FILTERS.includes(type)) continue;
    report(route, [...path, index], {
      code: 'CLV225',
      severity: 'error',
      message: `filter ${type} is not supported and makes the whole route unusable`,
      hint: `known: ${FILTERS.join(', ')}`,
    });
  }
}
