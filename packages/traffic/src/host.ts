// Host names as Istio compares them.

import { hostnameOf } from './request.ts';

const CLUSTER_DOMAIN = 'svc.cluster.local';

/** A short name belongs to the namespace of the resource that uses it; anything with a dot or a star stands as it is. */
export function resolveHost(host: string, namespace: string): string {
  if (host === '' || host === '*' || host.includes('.') || host.includes('*'))
    return host.toLowerCase();
  return `${host}.${namespace}.${CLUSTER_DOMAIN}`.toLowerCase();
}

/** `*.foo.com` covers `a.foo.com` and `*.a.foo.com`, not `foo.com`; `*` covers all. */
export function hostCovers(pattern: string, host: string): boolean {
  if (pattern === '*' || pattern === host) return true;
  if (!pattern.startsWith('*')) return false;
  const suffix = pattern.slice(1);
  const rest = host.startsWith('*') ? host.slice(1) : host;
  return (
    rest.length >= suffix.length &&
    rest.endsWith(suffix) &&
    (host.startsWith('*') || host.length > suffix.length)
  );
}

/** Under which further names a sidecar in `clientNamespace` reaches a service. */
export function hostAliases(host: string, clientNamespace: string): string[] {
  const absolute = /^[\d.]+$|:/.test(host) ? [] : [`${host}.`];
  const match = /^([^.*]+)\.([^.]+)\.svc\.cluster\.local$/.exec(host);
  if (!match) return absolute;
  const [, name, namespace] = match as unknown as [string, string, string];
  const aliases = [...absolute, `${name}.${namespace}`, `${name}.${namespace}.svc`];
  if (namespace === clientNamespace) aliases.push(name);
  return aliases;
}

/** Whether `narrow` lies within `wide`, as Istio has it: `*.foo.com` holds `*.a.foo.com` and `a.foo.com`. */
export function isSubset(narrow: string, wide: string): boolean {
  if (!wide.startsWith('*')) return narrow === wide;
  if (narrow.startsWith('*'))
    return narrow.length >= wide.length && narrow.slice(1).endsWith(wide.slice(1));
  return narrow.endsWith(wide.slice(1));
}

/** Whether one of two names lies within the other. */
export const matchEither = (a: string, b: string) => isSubset(a, b) || isSubset(b, a);

/** All hosts that both lists cover, the narrower name of each pair. */
export function intersection(a: readonly string[], b: readonly string[]): string[] {
  const found = new Set<string>();
  for (const one of a) {
    for (const other of b) {
      if (isSubset(one, other)) found.add(one);
      else if (isSubset(other, one)) found.add(other);
    }
  }
  return [...found];
}

/** Authorities that a HostIndex remembers; clients may send any number of different ones. */
const REMEMBERED = 4096;

/** Exact, then the longest `*.suffix`, then the longest `prefix*`, then `*`: Envoy's order of virtual hosts. */
export class HostIndex<T> {
  readonly #exact = new Map<string, T>();
  readonly #suffixes: [string, T][] = [];
  readonly #prefixes: [string, T][] = [];
  #all: T | undefined;
  readonly #remembered = new Map<string, T>();

  /** The first value of a host stays. Returns whether it was new. */
  add(host: string, value: T): boolean {
    if (host === '*') {
      if (this.#all !== undefined) return false;
      this.#all = value;
      return true;
    }
    if (host.startsWith('*')) return insertByLength(this.#suffixes, host.slice(1), value);
    if (host.endsWith('*')) return insertByLength(this.#prefixes, host.slice(0, -1), value);
    if (this.#exact.has(host)) return false;
    this.#exact.set(host, value);
    return true;
  }

  /** All hosts that were added, wildcards as they stand in files. */
  names(): string[] {
    return [
      ...this.#exact.keys(),
      ...this.#suffixes.map(([suffix]) => `*${suffix}`),
      ...this.#prefixes.map(([prefix]) => `${prefix}*`),
      ...(this.#all === undefined ? [] : ['*']),
    ];
  }

  /** By the Host of a request: in any case, with its port or without. The index must be complete by now. */
  lookup(authority: string): T | undefined {
    const known = this.#remembered.get(authority);
    if (known !== undefined) return known;
    const found = this.find(hostnameOf(authority));
    if (found !== undefined) {
      if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
      this.#remembered.set(authority, found);
    }
    return found;
  }

  /** The value that was added for just this name or wildcard. */
  at(host: string): T | undefined {
    if (host === '*') return this.#all;
    if (host.startsWith('*'))
      return this.#suffixes.find(([suffix]) => suffix === host.slice(1))?.[1];
    if (host.endsWith('*'))
      return this.#prefixes.find(([prefix]) => prefix === host.slice(0, -1))?.[1];
    return this.#exact.get(host);
  }

  find(host: string): T | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    for (const [suffix, value] of this.#suffixes) {
      if (host.length > suffix.length && host.endsWith(suffix)) return value;
    }
    for (const [prefix, value] of this.#prefixes) {
      if (host.length > prefix.length && host.startsWith(prefix)) return value;
    }
    return this.#all;
  }
}

function insertByLength<T>(list: [string, T][], part: string, value: T): boolean {
  if (list.some(([other]) => other === part)) return false;
  const at = list.findIndex(([other]) => other.length < part.length);
  list.splice(at === -1 ? list.length : at, 0, [part, value]);
  return true;
}
