// What the data plane speaks for: programs in the mesh, and gateways at its edge.

/** A program on this machine with an inbound and an outbound listener of its own. */
export interface Workload {
  /** Such as `http-lb-v1`; unique within its namespace. */
  readonly name: string;
  readonly namespace: string;
  /** Short name of the service, `istio.canonical_service`. */
  readonly service: string;
  /** `version` is `istio.canonical_revision`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  /** Where the program listens, usually 127.0.0.1. */
  readonly address: string;
  /** Service port to the program's own port. */
  readonly ports: Readonly<Record<number, number>>;
}

/** An ingress or egress gateway: which Gateway resources it serves is a matter of its labels. */
export interface GatewayWorkload {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where it listens; 127.0.0.1 by default. */
  readonly address?: string;
  /** Port of a Gateway's server to the port to listen on; 0 takes any free one. */
  readonly ports: Readonly<Record<number, number>>;
}
