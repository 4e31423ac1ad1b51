// What all exchanges of a data plane hold in memory at a time, and what was left undone because of it.

import { bugCount } from '../bug.ts';
import type { DataPlaneStatistics } from '../data-plane.ts';

export type LoadFigures = Omit<
  DataPlaneStatistics,
  'connections' | 'refusedConnections' | 'clusters'
>;

export class Load {
  /**
   * Of request bodies: held for an upstream that is not there yet, kept for retries, on their way to mirrors; and
   * of answers over HTTP/2 that their clients do not take.
   */
  bufferedBytes = 0;
  /** Bodies that were passed on without being kept: no retry, no mirror. */
  bodiesNotKept = 0;
  /** Requests answered with 503 because there was no room to hold their body. */
  requestsRefused = 0;
  /** Copies that were not sent because too many were under way. */
  mirrorsDropped = 0;
  /** Answers over HTTP/2 that were cut off because their clients did not read. */
  answersCut = 0;
  readonly maxBufferedBytes: number;

  constructor(maxBufferedBytes: number) {
    this.maxBufferedBytes = maxBufferedBytes;
  }

  /** For statistics. */
  figures(): LoadFigures {
    const { bufferedBytes, bodiesNotKept, requestsRefused, mirrorsDropped, answersCut } = this;
    const bugs = bugCount();
    return { bufferedBytes, bodiesNotKept, requestsRefused, mirrorsDropped, answersCut, bugs };
  }

  /** Whether a body that must be held is one too many; counts it. */
  refuses(): boolean {
    if (this.isFull) this.requestsRefused++;
    return this.isFull;
  }

  get isFull(): boolean {
    return this.bufferedBytes > this.maxBufferedBytes;
  }
}
