// Envoy's cluster names as Istio builds them, taken apart.

export interface ClusterName {
  readonly direction: 'inbound' | 'outbound' | 'none';
  /** '' when the name holds none. */
  readonly port: string;
  readonly subset: string;
  /** `web.demo.svc.cluster.local`; for a name of another form the name itself. */
  readonly host: string;
  /** Short name and namespace of a Kubernetes host; of others the host and ''. */
  readonly service: string;
  readonly namespace: string;
}

/** Reads `outbound|80|v2|web.demo.svc.cluster.local` and `inbound|8080||`. */
export function parseClusterName(name: string): ClusterName {
  const parts = name.split('|');
  const [direction, port = '', subset = ''] = parts;
  if (parts.length < 4 || (direction !== 'inbound' && direction !== 'outbound'))
    return { direction: 'none', port: '', subset: '', host: name, service: name, namespace: '' };
  const host = parts.slice(3).join('|');
  const labels = host.split('.');
  const isKubernetes = labels.length > 2 && labels[2] === 'svc';
  return {
    direction,
    port,
    subset,
    host,
    service: isKubernetes ? labels[0]! : host,
    namespace: isKubernetes ? labels[1]! : '',
  };
}
