// Envoy's names of clusters as Istio writes them: `outbound|80|v2|web.demo.svc.cluster.local`.

export interface EnvoyCluster {
  readonly direction: 'inbound' | 'outbound';
  readonly port: number;
  readonly subset: string;
  /** Empty for inbound ones. */
  readonly host: string;
}

/** Undefined for other names (PassthroughCluster, BlackHoleCluster, `-`). */
export function parseEnvoyCluster(name: string): EnvoyCluster | undefined {
  const [direction, port, subset, host] = name.replace(/;$/, '').split('|');
  if ((direction !== 'inbound' && direction !== 'outbound') || host === undefined) return undefined;
  return { direction, port: Number(port), subset: subset!, host: host.toLowerCase() };
}
