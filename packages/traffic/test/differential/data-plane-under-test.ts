// What a data plane must be able to do to be held to `decide`: a real Istio is one, a proxy may be another.

import type { Resource, TrafficRequest } from '../../src/index.ts';
import type { Plain } from './generate-table.ts';

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What the program behind the service saw; undefined when the request came to none. */
  readonly up:
    | {
        readonly port: number;
        readonly method: string;
        readonly path: string;
        readonly headers: Readonly<Record<string, string>>;
      }
    | undefined;
}

export interface DataPlaneUnderTest {
  /** Whether it takes resources of Gateway API. */
  readonly gatewayApi: boolean;
  /** Puts these in force beside nothing else, and gives them back as they are stored (with their times of creation). */
  apply(resources: readonly Plain[]): Promise<Resource[]>;
  answer(via: 'gateway' | 'sidecar', request: TrafficRequest): Promise<Answer>;
  close(): Promise<void>;
}
