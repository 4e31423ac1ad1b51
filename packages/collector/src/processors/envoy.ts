// What Envoy and Istio write into their spans' tags.

export interface UpstreamCluster {
  readonly direction: 'none' | 'inbound' | 'outbound';
  /** DestinationRule subset, empty for none. */
  readonly subset: string;
  /** The called service as its own spans name it (`web.demo`), empty when the cluster names none. */
  readonly peer: string;
}

/**
 * Reads Istio's cluster names: `outbound|80|v2|web.demo.svc.cluster.local`, `inbound|8080||`, the older
 * `inbound|9180|http|…`, the SNI form `outbound_.80_.v2_.host`, and passthrough clusters. Any other name
 * is a plain Envoy cluster: no direction, the peer is the name.
 */
export function parseUpstreamCluster(text: string): UpstreamCluster {
  const name = text.replace(/;+$/, '');
  const match = /^(inbound|outbound)(\||_\.)(\d*)\2(.*?)\2(.*)$/s.exec(name);
  if (match) {
    const outbound = match[1] === 'outbound';
    return {
      direction: outbound ? 'outbound' : 'inbound',
      // On the inbound side the third part is a port's name.
      subset: outbound && match[4] !== '_' ? match[4]! : '',
      peer: outbound ? serviceOfHost(match[5]!) : '',
    };
  }
  if (name.startsWith('InboundPassthroughCluster'))
    return { direction: 'inbound', subset: '', peer: '' };
  if (/^(PassthroughCluster|BlackHoleCluster)$/.test(name))
    return { direction: 'outbound', subset: '', peer: '' };
  return { direction: 'none', subset: '', peer: name === '-' ? '' : name };
}

/** `web.demo.svc.cluster.local` -> `web.demo`, as Istio names its services; other hosts as they are. */
export function serviceOfHost(host: string): string {
  return /^([^.]+\.[^.]+)\.svc(?:\.|$)/.exec(host)?.[1] ?? host;
}

/** The pod in `sidecar~10.0.0.1~pod.namespace~domain`; a plain Envoy's node id as it is. */
export function nodeOfNodeId(nodeId: string): string {
  const parts = nodeId.split('~');
  if (parts.length < 3) return nodeId;
  const pod = parts[2]!;
  const dot = pod.lastIndexOf('.');
  return dot > 0 ? pod.slice(0, dot) : pod;
}
