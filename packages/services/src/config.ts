// What each sample service can be told, under the names the Service Delivery Controller used in 2018
// (location_path, proxy_path, mirror_path, lb_path, slb_list, site_root, …), in camelCase.

/** Where a logical `host:port` really listens. Several endpoints are taken by weight, smoothly in turn. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Relative share; 1 when all are equal. */
  readonly weight: number;
}

/** Logical address such as `http-lb:9180` to its endpoints. An address that is not here is taken as it stands. */
export type EndpointTable = Readonly<Record<string, readonly Endpoint[]>>;

/** Where others are to be found, as far as it can change while a service runs. */
export interface Reach {
  readonly endpoints?: EndpointTable;
  /** Of the clients: base URL of the front door; null: there is none now. */
  readonly target?: string | null;
}

interface ServiceBase {
  readonly name: string;
  readonly version: string;
  /** service.instance.id: which instance answered. */
  readonly instance: string;
  readonly namespace: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Of the metrics and control listener; 0 takes any free port. */
  readonly adminPort: number;
  /** Of the gRPC control interface; 0 takes any free port, undefined has none. */
  readonly controlPort: number | undefined;
  readonly controlHost: string;
  /**
   * A proxy of a mesh stands before and behind it: that one has Envoy's metrics, and knows the client's
   * address.
   */
  readonly inMesh: boolean;
  /** OTLP/HTTP base such as http://127.0.0.1:4318; without it trace headers are passed on and nothing is reported. */
  readonly otlpHttpUrl: string | undefined;
  /** A second one that gets the same spans, such as a Jaeger beside Clover. */
  readonly alsoOtlpHttpUrl?: string | undefined;
}

/** What the control interface calls server_port and server_name. */
interface Named {
  /** The port that others know; a change of it moves the listener there. */
  readonly serverPort: number;
  readonly serverName: string;
}

export interface ProxyConfig extends ServiceBase, Named {
  readonly role: 'proxy';
  readonly locationPath: string;
  /** Base URL that requests go on to. */
  readonly proxyPath: string;
  /** Base URL that gets a copy of each request after the answer; none without it. */
  readonly mirrorPath: string | undefined;
  /** Paths answered with 403 here: the access control. */
  readonly denyPaths: readonly string[];
  readonly timeoutMs: number;
  readonly endpoints: EndpointTable;
}

export interface LoadBalancerConfig extends ServiceBase, Named {
  readonly role: 'lb';
  readonly lbPath: string;
  /** Base URLs, taken round robin. */
  readonly slbList: readonly string[];
  readonly slbGroup: string;
  readonly timeoutMs: number;
  /** How many other servers are tried when a connection is refused. */
  readonly retries: number;
  readonly endpoints: EndpointTable;
}

/** Requests under `uriMatch` are served from `path`, as nginx's `root` or `alias` would; `try_files` looks in the site. */
export interface ServerLocation {
  readonly uriMatch: string;
  readonly directive: 'root' | 'alias' | 'try_files';
  readonly path: string;
}

export interface ServerConfig extends ServiceBase, Named {
  readonly role: 'server';
  /** Folder of the static files; the package's own `site/` without it. */
  readonly siteRoot: string | undefined;
  readonly siteIndex: string;
  readonly locations: readonly ServerLocation[];
  /** Uploads below this path are kept for the life of the process. */
  readonly uploadPathConfig: string;
  /** Uploads to this path are thrown away with 204. */
  readonly uploadPathTest: string;
  readonly behaviour: ServerBehaviour;
}

/** How this server's work goes: its speed, its slow tail and its faults. */
export interface ServerBehaviour {
  readonly medianMs: number;
  /** Log-normal spread: 0.5 gives a p99 of about three times the median. */
  readonly sigma: number;
  /** Share of requests with a fault in the application. */
  readonly errorRatio: number;
  /** Share of searches that miss their index and take `stallMs`. */
  readonly stallRatio: number;
  readonly stallMs: number;
  /** Every so often the listener closes for `restartForMs`, as in a rolling restart; 0 never. */
  readonly restartEveryMs: number;
  readonly restartForMs: number;
}

export interface ObserverConfig extends ServiceBase {
  readonly role: 'observer';
  /** A rule file in Snort's language. */
  readonly rules: string;
  /** HOME_NET and others, over those of the rule file's own. */
  readonly variables: Readonly<Record<string, string>>;
  /** The port that rules see as the destination's. */
  readonly destinationPort: number;
  /** `host:port` of the control interface that alerts go to (ProcessAlerts). */
  readonly alertsTo: string | undefined;
}

export interface ClientsConfig extends ServiceBase {
  readonly role: 'clients';
  /** Base URL of the front door; undefined until they are told of it. */
  readonly target: string | undefined;
  /** The name that they ask for; the target's own without it. */
  readonly hostHeader: string | undefined;
  readonly ratePerSecond: number;
  readonly maxInFlight: number;
}

export type ServiceConfig =
  | ProxyConfig
  | LoadBalancerConfig
  | ServerConfig
  | ObserverConfig
  | ClientsConfig;
