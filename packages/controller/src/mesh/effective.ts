// What is in force: the resources as applied, what the registry adds, and fault switches over both.

import type { Resource } from '@clover/traffic';
import { faultsIn } from './faults/fault-switches.ts';
import type { Fault } from './faults/fault.ts';
import { overlayFaults } from './faults/overlay.ts';
import type { Entries } from './repository/entry.ts';
import { readEntries } from './repository/read-entries.ts';

export interface Effective {
  readonly revision: number;
  readonly resources: readonly Resource[];
  /** Of those that were not applied as they are. */
  readonly origins: ReadonlyMap<Resource, 'registry' | 'fault'>;
  readonly faults: readonly { readonly fault: Fault; readonly routes: readonly string[] }[];
}

export function effectiveOf(
  entries: Entries,
  revision: number,
  registered: readonly Resource[],
): Effective {
  const applied = readEntries(entries.values()).resources;
  const faults = faultsIn(entries);
  const overlaid = overlayFaults([...applied, ...registered], faults);
  const origins = new Map<Resource, 'registry' | 'fault'>(
    registered.map((one) => [one, 'registry']),
  );
  const known = new Set<Resource>(applied);
  for (const one of overlaid.resources)
    if (!known.has(one) && !origins.has(one)) origins.set(one, 'fault');
  return {
    revision,
    resources: overlaid.resources,
    origins,
    faults: faults.map((fault, index) => ({ fault, routes: overlaid.routes[index]! })),
  };
}
