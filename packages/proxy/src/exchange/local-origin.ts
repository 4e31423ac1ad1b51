// What a failure without an answer says of the endpoint, for outlier detection.

import { LOCAL_ORIGIN } from '../upstream/cluster.ts';
import type { UpstreamFailure } from './streams.ts';

/** One of `LOCAL_ORIGIN`; undefined when the endpoint did nothing wrong. */
export function localOrigin({ reason }: UpstreamFailure): number | undefined {
  switch (reason) {
    case 'overflow':
    case 'unsendable':
      return undefined;
    case 'connect':
    case 'connectTimeout':
      return LOCAL_ORIGIN.connect;
    default:
      return LOCAL_ORIGIN.reset;
  }
}
