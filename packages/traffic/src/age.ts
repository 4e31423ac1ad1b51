// Istio's order among resources of a kind.

import type { Resource } from './resource.ts';

/** Oldest first, then by name, then by namespace. */
export function byAge(a: Resource, b: Resource): number {
  return (
    secondsOf(a) - secondsOf(b) ||
    compareText(a.metadata.name, b.metadata.name) ||
    compareText(a.metadata.namespace, b.metadata.namespace)
  );
}

/** Gateway API's order: oldest first, then by namespace, then by name. */
export function byAgeAndNamespace(a: Resource, b: Resource): number {
  return (
    secondsOf(a) - secondsOf(b) ||
    compareText(a.metadata.namespace, b.metadata.namespace) ||
    compareText(a.metadata.name, b.metadata.name)
  );
}

/** Kubernetes writes whole seconds; a file mostly nothing. */
function secondsOf({ metadata: { creationTimestamp } }: Resource): number {
  return creationTimestamp === undefined ? 0 : Math.floor(Date.parse(creationTimestamp) / 1000);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
