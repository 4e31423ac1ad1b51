// Traffic control put together: the repository, the registry, the fault switches, and the data plane
// that enforces what comes of them.

import { join } from 'node:path';
import type { Resource } from '@clover/traffic';
import type { EventHub } from '../events/event-hub.ts';
import { NO_DATA_PLANE, type MeshDataPlane } from './data-plane/data-plane.ts';
import { effectiveOf, type Effective } from './effective.ts';
import { startFaultSwitches, type FaultSwitches } from './faults/fault-switches.ts';
import type { Entries } from './repository/entry.ts';
import { readEntries } from './repository/read-entries.ts';
import { openRepository, type Repository } from './repository/repository.ts';
import { openRegistry, type Registry } from './workloads/registry.ts';
import { checkResources } from './settings/check-resources.ts';
import { NO_SETTINGS, type MeshSettings } from './settings/mesh-settings.ts';
import { workloadResources } from './workloads/workload-resources.ts';

export interface Mesh {
  readonly repository: Repository;
  readonly registry: Registry;
  readonly faults: FaultSwitches;
  readonly dataPlane: MeshDataPlane;
  readonly settings: MeshSettings;
  /** What is in force now. */
  effective(): Effective;
  /** When the last revision came into force: what begins later obeys it. 0 without any. */
  inForceSinceMs(): number;
  close(): Promise<void>;
}

export interface MeshOptions {
  /** Where revisions and workloads are kept. */
  readonly folder: string;
  readonly events: EventHub;
  /** Without one resources are kept and explained, not enforced. It is closed with the mesh. */
  readonly dataPlane?: MeshDataPlane | undefined;
  readonly settings?: MeshSettings;
  readonly now?: () => number;
  readonly onError: (error: unknown, what: string) => void;
}

/** Throws CloverError `mesh.damaged` when what is kept cannot be read. */
export async function openMesh(options: MeshOptions): Promise<Mesh> {
  const { folder, events, dataPlane = NO_DATA_PLANE, settings = NO_SETTINGS } = options;
  const { now = Date.now } = options;
  const clock = { now };
  let inForceSinceMs: number | undefined;
  const added = new WeakMap<Entries, { workloads: object; resources: readonly Resource[] }>();
  let inForce: { entries: Entries; revision: number } = { entries: new Map(), revision: 0 };

  function registered(entries: Entries): readonly Resource[] {
    const { workloads } = registry;
    let known = added.get(entries);
    if (known?.workloads !== workloads) {
      const declared = readEntries(entries.values()).resources;
      known = { workloads, resources: workloadResources(workloads.values(), declared) };
      added.set(entries, known);
    }
    return known.resources;
  }

  async function enforce(entries: Entries, revision: number) {
    const before = inForce;
    inForce = { entries, revision };
    try {
      return await dataPlane.enforce({
        effective: effectiveOf(entries, revision, registered(entries)),
        workloads: registry.workloads,
      });
    } catch (error) {
      inForce = before;
      throw error;
    }
  }

  const registry: Registry = await openRegistry({
    file: join(folder, 'workloads.json'),
    ...clock,
    async onChange(workloads) {
      await enforce(inForce.entries, inForce.revision);
      const count = workloads.size;
      const detail = `${count} ${count === 1 ? 'workload' : 'workloads'}`;
      events.publish({ type: 'mesh', what: 'workloads', detail });
    },
    onError: (error) => options.onError(error, 'a workload could not be taken out'),
  });
  const repository = await openRepository({
    folder,
    ...clock,
    registered,
    enforce,
    check: (read) => checkResources(read, settings),
    onCommit({ revision, action, author, changes }) {
      inForceSinceMs = now();
      events.publish({ type: 'traffic', revision, action, author, changes: changes.length });
    },
    onError: (error) => options.onError(error, 'the snapshot of the configuration was not written'),
  });
  await enforce(repository.entries, repository.revision).catch((error: unknown) =>
    options.onError(error, 'what was kept could not be put into force'),
  );
  const faults = await startFaultSwitches({
    repository,
    resources: () => [
      ...readEntries(repository.entries.values()).resources,
      ...registered(repository.entries),
    ],
    ...clock,
    onError: (error) => options.onError(error, 'a fault could not be switched off'),
  });

  return {
    repository,
    registry,
    faults,
    dataPlane,
    settings,
    effective: () =>
      effectiveOf(repository.entries, repository.revision, registered(repository.entries)),
    inForceSinceMs: () => {
      const last = repository.headers.at(-1);
      return inForceSinceMs ?? (last ? Date.parse(last.time) : 0);
    },
    async close() {
      faults.close();
      registry.close();
      await dataPlane.close();
    },
  };
}
