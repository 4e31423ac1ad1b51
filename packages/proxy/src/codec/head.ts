// The head of a message after parsing: what frames it is taken out of the headers and stands in fields.

import { HeaderList } from './header-list.ts';

export interface HeadLimits {
  readonly maxBytes: number;
  readonly maxHeaders: number;
}
/** Envoy's defaults. */
export const HEAD_LIMITS: HeadLimits = { maxBytes: 60 * 1024, maxHeaders: 100 };

/** Body length when only the end of the connection tells, or when chunks do. */
export const LENGTH = { chunked: -1, untilClose: -2 } as const;

export class RequestHead {
  method = '';
  /** As sent; in absolute form still with scheme and authority. */
  target = '';
  /** Minor version of HTTP/1. */
  minor = 1;
  /** Host header; undefined when there is none. */
  host: string | undefined = undefined;
  /** Bytes, or `LENGTH.chunked`. */
  bodyLength = 0;
  /** The client wants the connection kept after this exchange. */
  keepAlive = true;
  /** The protocol asked for by `Connection: upgrade`; '' for none. */
  upgrade = '';
  expectsContinue = false;
  /** `TE: trailers`. */
  takesTrailers = false;
  /** Without host, content-length, transfer-encoding and what concerns the connection only. */
  readonly headers = new HeaderList();
}

export class ResponseHead {
  status = 0;
  minor = 1;
  /** Bytes, or one of `LENGTH`. */
  bodyLength = 0;
  /** `content-length` as sent, for answers without a body; -1 for none. */
  declaredLength = -1;
  keepAlive = true;
  upgrade = '';
  readonly headers = new HeaderList();
}
