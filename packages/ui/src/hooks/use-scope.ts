// One time range and one set of filters for the whole page, in the URL.

import { useMemo } from 'react';
import { setSearch, useLocation } from '../router/location.ts';

export interface ScopeState {
  /** What the API takes. */
  readonly query: { since?: string; start?: string; end?: string; filter?: string[] };
  /** Relative range such as `15m`; undefined when the range is absolute. */
  readonly since: string | undefined;
  /** Absolute range, unix ms. */
  readonly range: { readonly startMs: number; readonly endMs: number } | undefined;
  readonly filters: readonly string[];
  /** Whether the range follows the clock. */
  readonly live: boolean;
}

export const DEFAULT_SINCE = '15m';

/** Reads it; `setScope…` below change it. */
export function useScope(): ScopeState {
  const { search } = useLocation();
  return useMemo(() => {
    const start = Number(search.get('start'));
    const end = Number(search.get('end'));
    const absolute = Number.isFinite(start) && Number.isFinite(end) && start > 0 && end > start;
    const filters = search.getAll('filter');
    const since = absolute ? undefined : (search.get('since') ?? DEFAULT_SINCE);
    return {
      since,
      filters,
      range: absolute ? { startMs: start, endMs: end } : undefined,
      live: !absolute && search.get('live') !== '0',
      query: {
        ...(since === undefined ? { start: String(start), end: String(end) } : { since }),
        ...(filters.length > 0 && { filter: filters }),
      },
    };
  }, [search]);
}

export function setSince(since: string): void {
  setSearch({ since: since === DEFAULT_SINCE ? null : since, start: null, end: null });
}

/** A fixed range; a chart's drag ends here. Ranges under a second are widened. */
export function setRange(startMs: number, endMs: number): void {
  const start = Math.floor(startMs);
  setSearch({
    since: null,
    start: String(start),
    end: String(Math.max(Math.ceil(endMs), start + 1000)),
  });
}

export function setLive(live: boolean): void {
  setSearch({ live: live ? null : '0' });
}

export function addFilter(filter: string): void {
  const filters = new URLSearchParams(window.location.search).getAll('filter');
  if (!filters.includes(filter)) setSearch({ filter: [...filters, filter] });
}

export function removeFilter(filter: string): void {
  const filters = new URLSearchParams(window.location.search)
    .getAll('filter')
    .filter((one) => one !== filter);
  setSearch({ filter: filters.length > 0 ? filters : null });
}
