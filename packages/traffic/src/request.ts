// Who asks, and what for.

import { normalizePath } from './normalize-path.ts';

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
  /** The server name of the client's TLS; a gateway keeps the routes of its TLS servers apart by it. */
  readonly sni?: string;
}

/** The head of a request as a data plane has it: headers by name, whatever they are stored in. */
export interface RequestHead {
  readonly method: string;
  /** As sent: with the query, without scheme and host. */
  readonly path: string;
  /** The Host or `:authority` as sent, with its port if any. */
  readonly authority: string;
  readonly scheme: 'http' | 'https';
  /** By its name in lower case; several values joined by a comma; undefined when absent. */
  header(name: string): string | undefined;
}

/** A TrafficRequest as a head. Reused by `decide`, so a class with one shape. */
export class RecordHead implements RequestHead {
  method = '';
  path = '';
  authority = '';
  scheme: 'http' | 'https' = 'http';
  #headers: Readonly<Record<string, string>> = {};

  of(request: TrafficRequest): this {
    this.method = request.method;
    this.path = request.path;
    this.#headers = request.headers;
    this.authority = request.headers['host'] ?? '';
    this.scheme = request.scheme ?? 'http';
    return this;
  }

  header(name: string): string | undefined {
    return this.#headers[name];
  }
}

/** A head taken apart once, for all conditions. May be used again for the next one. */
export class PreparedRequest {
  method = '';
  scheme: 'http' | 'https' = 'http';
  authority = '';
  /** Normalised as Istio's default (BASE), without query and fragment: see `normalizePath`. */
  path = '';
  /** With its question mark; empty without one. */
  query = '';
  #head: RequestHead | undefined;
  #params: Map<string, string> | undefined;

  of(head: RequestHead): this {
    const { path } = head;
    const mark = path.indexOf('?');
    // Without a fragment nothing but the question mark splits a path.
    const hash = path.indexOf('#');
    const end = hash === -1 ? path.length : hash;
    const split = mark === -1 || mark > end ? end : mark;
    this.method = head.method;
    this.scheme = head.scheme;
    this.authority = head.authority;
    this.path = normalizePath(split === path.length ? path : path.slice(0, split));
    this.query = split === end ? '' : path.slice(split, end);
    this.#head = head;
    this.#params = undefined;
    return this;
  }

  header(name: string): string | undefined {
    return this.#head!.header(name);
  }

  /** First value of a query parameter as sent, undefined when absent, '' for `?key`. */
  queryParam(name: string): string | undefined {
    if (this.query === '') return undefined;
    this.#params ??= parseQuery(this.query);
    return this.#params.get(name);
  }
}

export const prepare = (request: TrafficRequest): PreparedRequest =>
  new PreparedRequest().of(new RecordHead().of(request));

/** Host without port, lower case; IPv6 keeps its brackets. */
export function hostnameOf(authority: string): string {
  const end = authority.startsWith('[') ? authority.indexOf(']') + 1 : authority.lastIndexOf(':');
  return (end > 0 ? authority.slice(0, end) : authority).toLowerCase();
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
