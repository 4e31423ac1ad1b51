// What the two halves of an exchange expect of each other.

import type { RequestHead, ResponseHead } from '../codec/head.ts';
import type { HeaderList } from '../codec/header-list.ts';
import type { Cluster, HashInput } from '../upstream/cluster.ts';
import type { LocalAnswer } from './local-answer.ts';
import type { RequestBody } from './request-body.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** The downstream half. */
export interface AnswerSink {
  onAnswerHead(head: ResponseHead, body: Buffer | undefined, end: boolean): void;
  onAnswerChunk(chunk: Buffer): boolean;
  onAnswerEnd(trailers: HeaderList | undefined): void;
  /** No upstream answered: this is to be said instead. */
  onNoAnswer(answer: LocalAnswer): void;
  /** The answer breaks off in the middle. */
  onAnswerBroken(flag: string, details: string): void;
  /** A mistake of our own where no connection's guard sees it, as in a timer: the exchange ends, and no other. */
  onBug(error: unknown): void;
}

export interface ForwardingPlan {
  readonly cluster: Cluster;
  readonly head: RequestHead;
  readonly path: string;
  readonly authority: string;
  readonly hash: HashInput;
  readonly body: RequestBody | undefined;
  readonly retries: RetryPolicy;
  /** 0: none. Both run from the end of the request. */
  readonly timeoutMs: number;
  readonly perTryTimeoutMs: number;
  /** The body may be wanted by mirrors once it is complete. */
  readonly keepBody: boolean;
}
