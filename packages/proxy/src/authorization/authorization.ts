// What an exchange asks before it goes on with a request, and what it is told: the one thing that it
// needs of external authorization. Comes before faults, retries and mirrors.

import type { AuthorizationSubject } from '@clover/traffic';
import type { HeaderChange } from './header-change.ts';

/** A request as the authorizer may see it; asked only while `authorize` and its answer last. */
export interface AuthorizationRequest extends AuthorizationSubject {
  /** Path and query, the path normalised, before any rule rewrites it. */
  readonly target: string;
  /** All headers, as they came, names in lower case. */
  headers(): Iterable<readonly [name: string, value: string]>;
  /** What came of the body so far, at most `bodyBytes` of the authorization. */
  readonly body: Buffer | undefined;
  /** Whether `body` is all of it. */
  readonly bodyComplete: boolean;
  readonly scheme?: string;
  readonly protocol?: string;
  /** `address:port` of the connection's ends. */
  readonly remote?: string;
  readonly local?: string;
  readonly startUnixMs?: number;
  /** Those that put the question into the request's trace. */
  traceHeaders?(): Iterable<readonly [name: string, value: string]>;
}

export type Verdict =
  | {
      readonly kind: 'allow';
      /** Set on the request in place of what it has by that name, unless they say otherwise. */
      readonly requestHeaders: readonly HeaderChange[];
      /** Taken from the request, before those are set. */
      readonly removedHeaders?: readonly string[];
      /** Added to the answer, unless they say otherwise. */
      readonly responseHeaders: readonly HeaderChange[];
      /** The authorizer failed and `failOpen` lets requests through then. */
      readonly unchecked: boolean;
    }
  | {
      readonly kind: 'deny';
      readonly status: number;
      /** Added, unless they say otherwise. */
      readonly headers: readonly HeaderChange[];
      readonly body: Buffer;
      /** `ext_authz_denied` or `ext_authz_error`; the flag is `UAEX` for both. */
      readonly details: string;
    };
export type HeaderPair = readonly [name: string, value: string];

export interface Authorization {
  /** How much of the body the authorizer wants to see; 0 for none. With more, `authorize` is called when more than that has come, or all. */
  readonly bodyBytes: number;
  /** Whether the request is one to ask about. */
  asks(request: AuthorizationSubject): boolean;
  /** Whether `address:port` is the authorizer itself: it is not asked about requests to itself. */
  isEndpoint(key: string): boolean;
  /** Asks. `done` is called once, never before this returns; not at all after the returned function was called. */
  authorize(request: AuthorizationRequest, done: (verdict: Verdict) => void): () => void;
}
