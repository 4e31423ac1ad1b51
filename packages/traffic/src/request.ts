// Who asks, and what for.

/** A gateway or a sidecar: which routes it has depends on its namespace and labels. */
export interface Caller {
  readonly via: 'gateway' | 'sidecar';
  readonly namespace: string;
  /** Of the gateway's pod or of the calling workload. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface TrafficRequest {
  readonly method: string;
  /** As sent: with the query, without scheme and host. */
  readonly path: string;
  /** Names in lower case; `host` holds the authority as sent, with its port if any. */
  readonly headers: Readonly<Record<string, string>>;
  /** http when absent. */
  readonly scheme?: 'http' | 'https';
  /** The port that it arrives at: the gateway server's, or the service port at a sidecar. */
  readonly port: number;
}

/** A request taken apart once, for all matchers. A class, because one is made for each decision. */
export class PreparedRequest {
  readonly method: string;
  readonly scheme: string;
  readonly authority: string;
  /** Lower case, without port. */
  readonly hostname: string;
  /** Normalised as Istio's default (BASE: dot segments resolved, backslashes turned), without query and fragment. */
  readonly path: string;
  /** With its question mark; empty without one. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  #params: Map<string, string> | undefined;

  constructor(request: TrafficRequest) {
    const { path } = request;
    const hash = path.indexOf('#');
    const end = hash === -1 ? path.length : hash;
    const mark = path.indexOf('?');
    const split = mark === -1 || mark > end ? end : mark;
    this.method = request.method;
    this.scheme = request.scheme ?? 'http';
    this.authority = request.headers['host'] ?? '';
    this.hostname = hostnameOf(this.authority);
    this.path = normalizePath(split === path.length ? path : path.slice(0, split));
    this.query = split === end ? '' : path.slice(split, end);
    this.headers = request.headers;
    this.#params = undefined;
  }

  /** First value of a query parameter as sent, undefined when absent, '' for `?key`. */
  queryParam(name: string): string | undefined {
    this.#params ??= parseQuery(this.query);
    return this.#params.get(name);
  }
}

/** Host without port, lower case; IPv6 keeps its brackets. */
export function hostnameOf(authority: string): string {
  const end = authority.startsWith('[') ? authority.indexOf(']') + 1 : authority.lastIndexOf(':');
  return (end > 0 ? authority.slice(0, end) : authority).toLowerCase();
}

/** Dot segments resolved as in RFC 3986 §5.2.4; double slashes stay. */
export function normalizePath(path: string): string {
  const slashed = path.includes('\\') ? path.replaceAll('\\', '/') : path;
  if (!slashed.includes('/.')) return slashed;
  const kept: string[] = [];
  const segments = slashed.split('/').slice(1);
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1;
    if (segment === '.') {
      if (last) kept.push('');
    } else if (segment === '..') {
      kept.pop();
      if (last) kept.push('');
    } else kept.push(segment);
  });
  return `/${kept.join('/')}`;
}

function parseQuery(query: string): Map<string, string> {
  const params = new Map<string, string>();
  for (const part of query.slice(1).split('&')) {
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    if (!params.has(name)) params.set(name, equals === -1 ? '' : part.slice(equals + 1));
  }
  return params;
}
