/** Kubernetes' own Service, read for host names and ports only. */
export interface ServiceSpec {
  readonly type?: string;
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly ports?: readonly {
    readonly port: number;
    readonly name?: string;
    readonly appProtocol?: string;
    readonly targetPort?: number | string;
  }[];
  readonly selector?: Readonly<Record<string, string>>;
}
