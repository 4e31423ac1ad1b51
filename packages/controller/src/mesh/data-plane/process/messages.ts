// What the controller and the process of its data plane say to each other.

import type { AppliedConfig, DataPlaneConfig, DataPlaneStatistics } from '@clover/proxy';

export interface StartOptions {
  /** OTLP/HTTP base that spans go to. */
  readonly otlpHttpUrl: string;
  /** Share of new traces that are kept, 0..1. */
  readonly samplingRatio: number;
  /** Of `GET /metrics`; 0 takes any free port. */
  readonly metricsPort: number;
}

export interface Started {
  readonly metricsPort: number;
}

export type Question =
  | { readonly type: 'start'; readonly options: StartOptions }
  | { readonly type: 'apply'; readonly config: DataPlaneConfig }
  | { readonly type: 'statistics' }
  | { readonly type: 'flush' }
  | { readonly type: 'close' };

export interface Answers {
  start: Started;
  apply: AppliedConfig;
  statistics: DataPlaneStatistics;
  flush: undefined;
  close: undefined;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly status: number;
  readonly stack: string | undefined;
}

export type Numbered = Question & { readonly id: number };
export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };
