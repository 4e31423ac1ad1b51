// The URL is the page's state: its path says which page, its query everything else.

import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let href = window.location.href;

function changed(): void {
  href = window.location.href;
  for (const listener of listeners) listener();
}
window.addEventListener('popstate', changed);

export interface PageLocation {
  readonly path: string;
  readonly search: URLSearchParams;
}

let cached: { href: string; location: PageLocation } | undefined;

function current(): PageLocation {
  if (cached?.href !== href) {
    const url = new URL(href);
    cached = { href, location: { path: url.pathname, search: url.searchParams } };
  }
  return cached!.location;
}

/** Renders again whenever the URL changes. */
export function useLocation(): PageLocation {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
}

/** A step that the back button undoes; `replace` for what is no step of its own (typing, dragging). */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  const url = new URL(to, window.location.href);
  if (url.href === href) return;
  const samePage = url.pathname === window.location.pathname;
  if (options.replace) window.history.replaceState(null, '', url);
  else window.history.pushState(null, '', url);
  changed();
  if (!samePage) window.scrollTo(0, 0);
}

export type SearchChanges = Readonly<Record<string, string | readonly string[] | null | undefined>>;

/** The query with some keys changed: null removes, undefined leaves. Keys keep their order. */
export function changedSearch(search: URLSearchParams, changes: SearchChanges): string {
  const next = new URLSearchParams(search);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) continue;
    next.delete(key);
    if (value === null) continue;
    for (const one of typeof value === 'string' ? [value] : value) next.append(key, one);
  }
  const text = next.toString();
  return text === '' ? '' : `?${text}`;
}

/** This page with some keys changed, as a link. */
export function searchHref(changes: SearchChanges): string {
  const { path, search } = current();
  return path + changedSearch(search, changes);
}

export function setSearch(changes: SearchChanges, options: { replace?: boolean } = {}): void {
  navigate(searchHref(changes), options);
}

/** What all pages share and a link to another page keeps: time range and filters. */
export const SHARED_KEYS = ['since', 'start', 'end', 'live', 'filter'] as const;

/** A link to a page with the shared state of this one. */
export function pageHref(path: string, changes: SearchChanges = {}): string {
  const kept = new URLSearchParams();
  for (const [key, value] of current().search)
    if ((SHARED_KEYS as readonly string[]).includes(key)) kept.append(key, value);
  return path + changedSearch(kept, changes);
}
