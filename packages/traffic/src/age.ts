// Istio's order among resources of a kind.

import type { Resource } from './resource.ts';

/** Oldest first, then by name, then by namespace. */
export function byAge(a: Resource, b: Resource): number {
  const ageOf = (one: Resource) =>
    Math.floor(Date.parse(one.metadata.creationTimestamp ?? '1970-01-01') / 1000);
  return (
    ageOf(a) - ageOf(b) ||
    compareText(a.metadata.name, b.metadata.name) ||
    compareText(a.metadata.namespace, b.metadata.namespace)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
