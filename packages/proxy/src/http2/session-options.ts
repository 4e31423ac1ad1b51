// What one session of HTTP/2 may cost, said rather than left to Node's defaults: they have changed.

import { HEAD_LIMITS } from '../codec/head.ts';

/** MB of header tables, queued frames and headers that are being received. */
const MAX_SESSION_MEMORY = 10;

/** Common to both sides. Pings and settings beyond are a flood: the session ends. */
export const SESSION_OPTIONS = {
  maxSessionMemory: MAX_SESSION_MEMORY,
  maxHeaderListPairs: HEAD_LIMITS.maxHeaders + 8,
  maxOutstandingPings: 10,
  maxSettings: 32,
  /** Each costs work and gets nothing done. */
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  /** Streams that a peer begins and resets at once (CVE-2023-44487): so many at first, then so many a second. */
  streamResetBurst: 1000,
  streamResetRate: 33,
  unknownProtocolTimeout: 10_000,
} as const;
