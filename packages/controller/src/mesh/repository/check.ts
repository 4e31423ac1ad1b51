// Whether a change may be taken: it must not bring an error that was not there before.

import type { Finding } from '@clover/traffic';

export interface Verdict {
  /** On what was sent, and new errors elsewhere. */
  readonly findings: readonly Finding[];
  /** Errors that were not there before. */
  readonly blocking: readonly Finding[];
}

/**
 * @param all findings on everything as it would be, what was sent first
 * @param before findings on what is in force
 * @param sent labels such as `VirtualService default/reviews` of what was sent
 */
export function judge(
  all: readonly Finding[],
  before: readonly Finding[],
  sent: ReadonlySet<string>,
): Verdict {
  const known = new Set(before.map(identity));
  const blocking = all.filter((one) => one.severity === 'error' && !known.has(identity(one)));
  const fresh = new Set(blocking);
  return {
    findings: all.filter((one) => sent.has(one.resource) || one.resource === '' || fresh.has(one)),
    blocking,
  };
}

/** Lines move; what is said about which field stays. */
const identity = ({ code, resource, field, message }: Finding): string =>
  [code, resource, field, message].join('\n');
