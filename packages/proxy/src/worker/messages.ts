// What the data plane's process and its owner say to each other. Everything goes through JSON.

import type { AppliedConfig, DataPlaneConfig, DataPlaneStatistics } from '../data-plane.ts';
import type { ConnectionLimits } from '../downstream/connection-limits.ts';
import type { TelemetryOptions } from '../telemetry/telemetry.ts';

export interface WorkerSettings {
  readonly telemetry?: Pick<
    TelemetryOptions,
    | 'samplingRatio'
    | 'spans'
    | 'alsoSpans'
    | 'accessLog'
    | 'clusterNames'
    | 'meshId'
    | 'clusterId'
    | 'trustDomain'
  >;
  /** Where Prometheus finds `/stats/prometheus`; port 0 takes any free one. None without it. */
  readonly metrics?: { readonly address: string; readonly port: number };
  /** The mesh's authority: kept in the folder, or in memory only. Without it there is no mTLS between workloads. */
  readonly identities?: { readonly folder?: string; readonly validMs?: number };
  /** Folder of what a Gateway's `credentialName` means. */
  readonly credentials?: string;
  readonly limits?: Partial<ConnectionLimits>;
  /** Bodies up to this are kept for retries and mirrors. */
  readonly maxKeptBytes?: number;
  readonly serverName?: string;
  readonly shadowHostSuffix?: boolean;
  readonly drainMs?: number;
}

export type WorkerRequest =
  | { readonly kind: 'start'; readonly settings: WorkerSettings }
  | { readonly kind: 'apply'; readonly config: DataPlaneConfig }
  | { readonly kind: 'statistics' }
  | { readonly kind: 'flush' }
  | { readonly kind: 'close' };

export interface WorkerAnswers {
  readonly start: { readonly metricsUrl: string | null };
  readonly apply: AppliedConfig;
  readonly statistics: DataPlaneStatistics;
  readonly flush: null;
  readonly close: null;
}

export type ToWorker = { readonly id: number } & WorkerRequest;

export interface WorkerError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly status: number;
}

export type FromWorker =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: WorkerError };
