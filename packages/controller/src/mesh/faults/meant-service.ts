// Which service a fault switch means: a fault on a name that nobody has would do nothing, in silence.

import { CloverError, nearest } from '@clover/model';
import { resolveHost, type Resource } from '@clover/traffic';

export interface ServiceName {
  readonly service: string;
  readonly namespace: string;
}

/**
 * The service as switches are kept for it: `http-lb.default`, as metrics and spans name it, is `http-lb` of
 * `default`. Throws CloverError `traffic.no_such_service` when no service and no rule has the name.
 */
export function meantService(
  { service, namespace }: ServiceName,
  resources: readonly Resource[],
): ServiceName {
  const hosts = hostsOf(resources);
  const qualified = splitName(service);
  if (qualified && hosts.has(resolveHost(qualified.service, qualified.namespace))) return qualified;
  if (isAmong(resolveHost(service, namespace), hosts)) return { service, namespace };
  const close = nearest(
    service,
    [...hosts].flatMap((host) => [host.split('.')[0]!, host]),
  );
  throw new CloverError(
    'traffic.no_such_service',
    `no service and no rule has the name ${service}`,
    {
      status: 404,
      hint:
        close === undefined
          ? '`get resources -A` lists what is applied; other namespaces are named with --namespace'
          : `did you mean ${close}?`,
    },
  );
}

/** `http-lb.default` and `http-lb.default.svc.cluster.local`; undefined for any other form. */
export function splitName(name: string): ServiceName | undefined {
  const found = /^([^.]+)\.([^.]+)(?:\.svc(?:\.cluster\.local)?)?$/.exec(name);
  return found ? { service: found[1]!, namespace: found[2]! } : undefined;
}

function hostsOf(resources: readonly Resource[]): Set<string> {
  const hosts = new Set<string>();
  for (const one of resources) {
    const { namespace, name } = one.metadata;
    const add = (host: string) => hosts.add(resolveHost(host, namespace));
    if (one.kind === 'Service') add(name);
    else if (one.kind === 'ServiceEntry') one.spec.hosts?.forEach(add);
    else if (one.kind === 'VirtualService') {
      one.spec.hosts?.forEach(add);
      for (const { route } of one.spec.http ?? [])
        for (const { destination } of route ?? []) add(destination.host);
    }
  }
  // A gateway's rules for any host name none.
  hosts.delete('*');
  return hosts;
}

const isAmong = (host: string, hosts: ReadonlySet<string>): boolean =>
  hosts.has(host) || [...hosts].some((one) => one.startsWith('*.') && host.endsWith(one.slice(1)));
