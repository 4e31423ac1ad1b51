// What the app is given. It knows no listener, no file and no clock but these.

import type {
  ConfigAnswer,
  ImportAnswer,
  ImportQuery,
  SourcesAnswer,
  VisibilityClear,
  VisibilitySet,
  VisibilityStart,
  VisibilityStatus,
} from '@clover/model';
import type { RemoteWriteHandler } from '@clover/collector';
import type { Store } from '@clover/store';
import type { z } from 'zod';
import type { EventHub } from './events/event-hub.ts';
import type { Mesh } from './mesh/mesh.ts';
import type { Demo } from './process/demo.ts';
import type { ServicesControl } from './services/services-control.ts';
import type { TokenVerifier } from './security/tokens.ts';

export interface Visibility {
  status(): VisibilityStatus;
  init(): Promise<VisibilityStatus>;
  start(settings: VisibilityStart): Promise<VisibilityStatus>;
  stop(): Promise<VisibilityStatus>;
  set(settings: VisibilitySet): Promise<VisibilityStatus>;
  clear(what: VisibilityClear): Promise<VisibilityStatus>;
}

export interface ImportProgressLine {
  readonly phase: string;
  readonly bytes: number;
  readonly spans: number;
  readonly points: number;
}

export interface Importer {
  run(
    body: AsyncIterable<Uint8Array>,
    query: z.infer<typeof ImportQuery>,
    options: { signal: AbortSignal; onProgress?: (progress: ImportProgressLine) => void },
  ): Promise<ImportAnswer>;
}

export interface AppLimits {
  readonly queryTimeoutMs: number;
  readonly concurrentQueries: number;
  readonly bodyBytes: number;
  readonly importBytes: number;
}

export interface AppDeps {
  readonly store: Store;
  readonly events: EventHub;
  readonly visibility: Visibility;
  readonly mesh: Mesh;
  readonly services: ServicesControl;
  readonly demo: Pick<Demo, 'state' | 'start' | 'stop'>;
  readonly importer: Importer;
  readonly remoteWrite: RemoteWriteHandler;
  readonly sources: () => SourcesAnswer;
  readonly config: () => ConfigAnswer;
  readonly version: string;
  readonly startedAt: Date;
  /** Absent: everybody may do everything (loopback only). */
  readonly tokens?: TokenVerifier | undefined;
  /** Names that the Host header may carry; undefined takes any (tokens guard the door then). */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Folder of the built page; undefined: a line that says how to build it. */
  readonly page?: string | undefined;
  /** Reasons why the process is not ready; empty when it is. */
  readonly notReady: () => Promise<readonly string[]>;
  /** Prometheus text of the process's own metrics. */
  readonly metrics: () => Promise<string>;
  readonly limits: AppLimits;
  readonly https?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  readonly now?: () => number;
  readonly logger?: { error(fields: object, message: string): void };
}
