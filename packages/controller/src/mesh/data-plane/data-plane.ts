// What the mesh wants of a data plane, whichever enforces: the built-in proxy, later Envoy.

import type {
  DataPlaneApplied,
  MeshAnswer,
  MeshStatistics,
  WorkloadListeners,
} from '@clover/model';
import type { Effective } from '../effective.ts';
import type { RegisteredWorkload } from '../workloads/workload.ts';

export interface EnforcedConfig {
  readonly effective: Effective;
  /** By `namespace/name`. */
  readonly workloads: ReadonlyMap<string, RegisteredWorkload>;
}

export interface MeshDataPlane {
  /** In force everywhere when it resolves. Throws CloverError when it is refused; the old one stays then. */
  enforce(config: EnforcedConfig): Promise<DataPlaneApplied>;
  health(): Omit<MeshAnswer['dataPlane'], 'lastApply'>;
  readonly lastApply: DataPlaneApplied;
  /** Of a workload by `namespace/name`; null when it has none. */
  listeners(workload: string): WorkloadListeners | null;
  gateways(): MeshAnswer['gateways'];
  readonly metricsUrl: string | null;
  /** Null without a data plane. */
  statistics(): Promise<MeshStatistics | null>;
  /** Resolves when the spans of all requests so far were taken, or it gave up waiting. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const OFF: DataPlaneApplied = {
  state: 'off',
  detail: 'no data plane runs; start Clover with --mesh',
  tookMs: null,
};

/** Resources are kept and explained, and nothing enforces them. */
export const NO_DATA_PLANE: MeshDataPlane = {
  enforce: async () => OFF,
  health: () => ({ state: 'off', detail: OFF.detail, pid: null, startedAt: null, revision: null }),
  lastApply: OFF,
  listeners: () => null,
  gateways: () => [],
  metricsUrl: null,
  statistics: async () => null,
  flush: async () => undefined,
  close: async () => undefined,
};
