// A request as people and files tell of it: who sends it may be open, and so may some of its headers.

import type { RecordedEvidence } from './rule-evidence.ts';

export interface AskedRequest {
  readonly method: string;
  /** As sent, with its query. */
  readonly path: string;
  /** Names in lower case, `host` among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly scheme?: 'http' | 'https';
  /** Port of the gateway's server or of the service; found from the resources when absent. */
  readonly port?: number;
  readonly via?: 'gateway' | 'sidecar';
  /** Name of the Gateway or of the calling workload. */
  readonly from?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * false: `headers` are those that somebody recorded, others may have been there too. Whoever decides
   * such a request must say when a rule looks at one of them.
   */
  readonly whole: boolean;
  /** What the proxy recorded of headers that are not in `headers`. */
  readonly evidence?: RecordedEvidence;
  readonly traceId?: string;
  /** What became of it, where that is known. */
  readonly answer?: KnownAnswer;
}

export interface KnownAnswer {
  readonly status: number;
  /** Of the answer to the client; absent when nobody recorded them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What the upstream saw, in a recording made at the upstream. */
  readonly up?: {
    readonly port: number;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** Where a proxy says that it went. */
  readonly destination?: { readonly host: string; readonly subset: string; readonly port: number };
}
